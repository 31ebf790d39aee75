"""Segment's HTTP API, which Rudder's SDKs speak too: what a shop's tags send already goes where its events go.

Source: Twilio Segment, "HTTP API source" and "Spec"; and what published clients were seen to send. Every row is taken
as `POST /v1/events` takes it. As at Segment, a batch whose rows cannot be used is answered 200, since an SDK that is
answered anything else sends it again or drops the good rows with the bad.
"""

from collections.abc import Callable, Coroutine
from typing import Annotated, Any, cast

from fastapi import APIRouter, Body, Request, Response
from pydantic import BaseModel, Field

from app.api.batches import TagRoute
from app.api.bodies import ShapedLike
from app.api.deps import Telling
from app.api.document import PRIVACY_SIGNAL, RENEWED, SESSION_TOKEN
from app.api.errors import SegmentProblem, problems
from app.api.event_bodies import SegmentBatch, validated
from app.api.events import EventsReport, events_report, take_rows
from app.api.tag_paths import SEGMENT_CALLS
from app.domain import clock
from app.intake.segment import SegmentTrack
from app.intake.segment_links import SegmentIdentify

_STATUSES = (400, 401, 403, 413, 415, 422, 429, 503)
_EXTRA: dict[str, Any] = {"parameters": [PRIVACY_SIGNAL, SESSION_TOKEN]}

router = APIRouter(
    prefix="/v1", tags=["tags"], responses=problems(*_STATUSES, model=SegmentProblem), route_class=TagRoute
)

Call = Callable[..., Coroutine[Any, Any, "SegmentAnswer"]]


class SegmentCall(BaseModel):
    """A `page`, `screen` or `group` call: of all that it says only what it says of consent is read."""

    userId: Annotated[str | None, Field(description="The shop's id for who did it.")] = None  # noqa: N815
    anonymousId: Annotated[str | None, Field(description="The browser's id for who did it.")] = None  # noqa: N815
    timestamp: str | None = None
    context: dict[str, Any] | None = None


class SegmentAnswer(EventsReport):
    """That it was taken, and what became of its rows."""

    success: Annotated[bool, Field(description="Always true.")] = True


_SHAPES: dict[str, type[BaseModel]] = {"track": SegmentTrack, "identify": SegmentIdentify, "alias": SegmentIdentify}


@router.post("/b", include_in_schema=False)
@router.post("/batch", responses=RENEWED, openapi_extra=_EXTRA)
async def segment_batch(
    speaker: Telling,
    request: Request,
    response: Response,
    body: Annotated[dict[str, Any], ShapedLike(SegmentBatch), Body(title="SegmentBatch")],
) -> SegmentAnswer:
    """Take what Segment's and Rudder's libraries gather: calls of all kinds, each judged by itself.

    The key is the user of Basic auth, or `writeKey` in a body of at most `PLURAL_MAX_KEYLESS_BODY_BYTES`.
    """
    return await _take(speaker, request, response, validated(SegmentBatch, body).batch)


async def _take(speaker: Telling, request: Request, response: Response, rows: list[Any]) -> SegmentAnswer:
    received = clock.now().isoformat()
    report = await take_rows(speaker, request, response, [_timed(row, received) for row in rows])
    return SegmentAnswer(**events_report(report).model_dump())


def _timed(row: Any, received: str) -> Any:
    """Say of a call without a time that it was made when it came, as Segment does."""
    if not isinstance(row, dict):
        return row
    call = cast("dict[str, Any]", row)
    has_time = any(call.get(name) is not None for name in ("timestamp", "originalTimestamp"))
    return call if has_time else {**call, "originalTimestamp": received}


def _call(name: str) -> Call:
    shape = _SHAPES.get(name, SegmentCall)

    async def take_call(
        speaker: Telling,
        request: Request,
        response: Response,
        body: Annotated[dict[str, Any], ShapedLike(shape), Body(title=shape.__name__)],
    ) -> SegmentAnswer:
        return await _take(speaker, request, response, [{**body, "type": name}])

    take_call.__doc__ = f"Take one `{name}` call, as `POST /v1/batch` takes it among others."
    return take_call


for _name, _short in SEGMENT_CALLS.items():
    _endpoint = _call(_name)
    router.add_api_route(f"/{_short}", _endpoint, methods=["POST"], include_in_schema=False)
    router.add_api_route(
        f"/{_name}", _endpoint, methods=["POST"], name=f"segment_{_name}", responses=RENEWED, openapi_extra=_EXTRA
    )
