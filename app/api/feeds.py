"""Feeds: a shop says where its catalogue is, and the service fetches it."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Path, Response
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from app.api.deps import Administering
from app.api.errors import PROBLEM_RESPONSES, problems
from app.domain.feeds import Feed, FeedSource
from app.intake.fields import Currency, Url

router = APIRouter(prefix="/v1/feeds", tags=["feeds"], responses=PROBLEM_RESPONSES)

Name = Annotated[str, Path(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$")]
_OURS = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


class FeedBody(BaseModel):
    """Where a feed is, and how it is read."""

    model_config = _OURS

    url: Url
    """An http or https address on the open internet, without user and password."""
    every_hours: Annotated[float, Field(ge=0.25, le=720, allow_inf_nan=False)] = 24.0
    """How long after a run the next one begins."""
    replace: bool = False
    """It is the whole catalogue: what it does not name is withdrawn, unless that is more than a fifth."""
    locale: Annotated[str, Field(pattern=r"^[A-Za-z]{2,3}([_-][A-Za-z0-9]{2,8}){0,2}$")] | None = None
    """How prices are written, e.g. `de` for 1.234,50."""
    currency: Currency | None = None
    """Of prices without one."""
    encoding: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$")] | None = None
    """Where it is not found out, e.g. `cp1250`."""


class FeedRun(BaseModel):
    """How a run is asked for."""

    model_config = _OURS

    confirm: bool = False
    """Withdraw what the feed does not name, however much that is."""


class FeedRow(BaseModel):
    """A row that was refused."""

    line: int
    field: str
    reason: str


class FeedOutcome(BaseModel):
    """What came of the last run."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    at: AwareDatetime
    seconds: float
    problem: str | None
    """Why nothing was loaded; null: it was."""
    form: str
    """What the file turned out to be."""
    accepted: int
    refused: int
    withdrawn: int
    errors: list[FeedRow]
    """The first twenty rows that were refused, by line as an editor counts."""
    warnings: list[str]


class FeedAnswer(BaseModel):
    """One feed."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    name: str
    source: FeedBody
    next_at: AwareDatetime
    """When it is due; in the past: it is about to be fetched, or is being read."""
    last: FeedOutcome | None
    changed_at: AwareDatetime
    changed_by: str
    """Id of the key."""


class FeedList(BaseModel):
    """All feeds of the tenant, by name."""

    feeds: list[FeedAnswer]


@router.put("/{name}")
async def put_feed(caller: Administering, name: Name, body: FeedBody) -> FeedAnswer:
    """Keep a feed in place of the one of its name; it is fetched within seconds, and then on its schedule.

    Its host must have a public address, also after redirects.
    """
    source = FeedSource(
        url=body.url,
        every=timedelta(hours=body.every_hours),
        locale=body.locale,
        currency=body.currency,
        encoding=body.encoding,
        is_whole=body.replace,
    )
    return _answer(await caller.services.feeds.put(caller.tenant, name, source, caller.actor))


@router.get("")
async def read_feeds(caller: Administering) -> FeedList:
    """List the feeds with what came of the last run of each."""
    return FeedList(feeds=[_answer(one) for one in await caller.services.feeds.list_feeds(caller.tenant)])


@router.get("/{name}", responses=problems(404))
async def read_feed(caller: Administering, name: Name) -> FeedAnswer:
    """Read one feed, and what came of its last run."""
    return _answer(await caller.services.feeds.find(caller.tenant, name))


@router.post("/{name}:run", status_code=202, responses=problems(404))
async def run_feed(caller: Administering, name: Name, body: FeedRun) -> FeedAnswer:
    """Let a feed be fetched now; `last` says later what came of it."""
    return _answer(await caller.services.feeds.run(caller.tenant, name, is_confirmed=body.confirm))


@router.delete("/{name}", status_code=204, response_class=Response, responses=problems(404))
async def delete_feed(caller: Administering, name: Name) -> None:
    """Forget a feed; the products that it brought stay."""
    await caller.services.feeds.delete(caller.tenant, name, caller.actor)


def _answer(feed: Feed) -> FeedAnswer:
    source, result = feed.source, feed.result
    return FeedAnswer(
        name=feed.name,
        source=FeedBody(
            url=source.url,
            every_hours=source.every / timedelta(hours=1),
            replace=source.is_whole,
            locale=source.locale,
            currency=source.currency,
            encoding=source.encoding,
        ),
        next_at=feed.next_at,
        last=FeedOutcome.model_validate(result, from_attributes=True) if result else None,
        changed_at=feed.changed_at,
        changed_by=feed.changed_by,
    )
