"""Collectors of GA4 and of Snowplow: where their tags and trackers send what they see, as they send it.

Every event is taken as `POST /v1/events` takes it. Tags are answered exactly 200 and a short text, whatever their rows:
some repeat anything else, and none follows a redirect with its body.
"""

from typing import Annotated, Any

from fastapi import APIRouter, Body, Query, Request, Response
from fastapi.responses import PlainTextResponse
from pydantic import BaseModel, Field

from app.api.batches import TagRoute
from app.api.bodies import Rows, ShapedLike
from app.api.deps import Speaker, Telling
from app.api.document import PRIVACY_SIGNAL, SESSION_TOKEN
from app.api.errors import PROBLEM_RESPONSES
from app.api.event_bodies import Ga4Batch, validated
from app.api.events import EventsReport, events_report, take_rows
from app.domain.errors import InvalidError
from app.intake.ga4_collect import collected_bodies, protocol_body
from app.intake.snowplow import own_rows

router = APIRouter(tags=["tags"], responses=PROBLEM_RESPONSES, route_class=TagRoute)

_HEADERS = [PRIVACY_SIGNAL, SESSION_TOKEN]
_TAKEN = "ok"

ApiSecret = Annotated[str | None, Query(description="A key, where `X-API-Key` has none.")]
CollectorKey = Annotated[str | None, Query(description="A key, where `X-API-Key` has none; a page's is a browser key.")]


class SnowplowEvent(BaseModel):
    """One event of the tracker protocol, of which these fields are read."""

    e: Annotated[str | None, Field(description="`ue` and `ti` are used.")] = None
    eid: str | None = None
    uid: str | None = None
    duid: str | None = None
    sid: str | None = None
    ttm: str | None = None
    dtm: str | None = None
    stm: str | None = None
    ue_pr: Annotated[str | None, Field(description="Self-describing JSON as text.")] = None
    ue_px: Annotated[str | None, Field(description="... or as base64url.")] = None
    co: Annotated[str | None, Field(description="Entities as text.")] = None
    cx: Annotated[str | None, Field(description="... or as base64url.")] = None


class SnowplowBatch(BaseModel):
    """What trackers gather, with their schema's name around it."""

    data: Rows[Annotated[Any, ShapedLike(SnowplowEvent)]]


@router.post("/mp/collect", openapi_extra={"parameters": _HEADERS})
async def collect_measurement(
    speaker: Telling,
    request: Request,
    response: Response,
    body: Annotated[dict[str, Any], ShapedLike(Ga4Batch), Body(title="Ga4Batch")],
    api_secret: ApiSecret = None,
) -> EventsReport:
    """Take a body of GA4's Measurement Protocol, of a web or an app stream; `api_secret` is a key of ours."""
    return events_report(await take_rows(speaker, request, response, [protocol_body(body)]))


@router.get("/g/collect", response_class=PlainTextResponse, openapi_extra={"parameters": _HEADERS})
async def collect_google_picture(
    speaker: Telling, request: Request, response: Response, key: CollectorKey = None
) -> PlainTextResponse:
    """Take one event of a GA4 tag from the address."""
    return await _collect(speaker, request, response, "")


@router.post("/g/collect", response_class=PlainTextResponse, openapi_extra={"parameters": _HEADERS})
async def collect_google_tag(
    speaker: Telling, request: Request, response: Response, key: CollectorKey = None
) -> PlainTextResponse:
    """Take the events of a GA4 tag: what they share in the address, one event a line in the body, which is plain text.

    The document names no body: tags send it, and generators of clients stumble over one that is no JSON.
    """
    return await _collect(speaker, request, response, (await request.body()).decode("utf-8", "replace"))


@router.post(
    "/com.snowplowanalytics.snowplow/tp2", response_class=PlainTextResponse, openapi_extra={"parameters": _HEADERS}
)
async def collect_snowplow(
    speaker: Telling,
    request: Request,
    response: Response,
    body: Annotated[dict[str, Any], ShapedLike(SnowplowBatch), Body(title="SnowplowBatch")],
    key: CollectorKey = None,
) -> PlainTextResponse:
    """Take events of Snowplow's tracker protocol 2; of them its e-commerce actions are used.

    The key may also stand before the path: `/pk_…/com.snowplowanalytics.snowplow/tp2`.
    """
    return await _track(speaker, request, response, validated(SnowplowBatch, body).data)


@router.get("/i", response_class=PlainTextResponse, openapi_extra={"parameters": _HEADERS})
async def collect_snowplow_picture(
    speaker: Telling, request: Request, response: Response, key: CollectorKey = None
) -> PlainTextResponse:
    """Take one event of Snowplow's tracker protocol from the address; the key may also stand before the path."""
    return await _track(speaker, request, response, [dict(request.query_params)])


async def _collect(speaker: Speaker, request: Request, response: Response, text: str) -> PlainTextResponse:
    try:
        bodies = list(collected_bodies(request.query_params.multi_items(), text))
    except ValueError as error:
        raise InvalidError("An event has more fields than any tag sends.") from error
    return await _answer(speaker, request, response, bodies)


async def _track(speaker: Speaker, request: Request, response: Response, events: list[Any]) -> PlainTextResponse:
    return await _answer(speaker, request, response, own_rows(events, of_page=speaker.is_of_a_session))


async def _answer(speaker: Speaker, request: Request, response: Response, rows: list[Any]) -> PlainTextResponse:
    if rows:
        await take_rows(speaker, request, response, rows)
    return PlainTextResponse(_TAKEN, headers=dict(response.headers))
