"""Creatives: what products, brands and categories wear in channels."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from pydantic import AwareDatetime, BaseModel, Field

from app.api.batches import BatchRoute
from app.api.bodies import Answer, BatchReport, Body, Rows, ShapedLike, refuse_if_nothing_taken, row_errors
from app.api.deps import Campaigning, ReadingCampaigns
from app.api.errors import PROBLEM_RESPONSES, problems
from app.domain import clock
from app.domain.channels import Channel
from app.domain.creatives import KnownCreative, Unused
from app.intake.creatives import CreativeRow, parse_creatives
from app.intake.fields import Id

router = APIRouter(prefix="/v1/creatives", tags=["creatives"], responses=PROBLEM_RESPONSES, route_class=BatchRoute)


class CreativesBody(Body):
    """Creatives, each in place of the one of its id."""

    creatives: Rows[Annotated[Any, ShapedLike(CreativeRow)]]


class AboutAnswer(Answer):
    """What it is for; anything where all lists are empty."""

    products: Annotated[list[str], Field(validation_alias="product_ids")]
    brands: list[str]
    categories: list[str]
    microgenres: list[str]


class CreativeTag(Answer):
    """A word on a creative."""

    name: str
    facet: str
    weight: float


class CreativeAnswer(Answer):
    """One creative as it was put, and whether it is used now."""

    id: str
    channels: list[Channel]
    about: AboutAnswer
    image_link: str | None
    headline: str | None
    text: str | None
    tags: list[CreativeTag]
    valid_from: AwareDatetime | None
    valid_until: AwareDatetime | None
    pinned: bool


class KnownCreativeAnswer(BaseModel):
    """A creative with what is known of it."""

    creative: CreativeAnswer
    unused: Annotated[Unused | None, Field(description="Why nobody is shown it now; null: it is used where it fits.")]
    unused_text: Annotated[str | None, Field(description="The same for people.")]
    changed_at: AwareDatetime
    changed_by: Annotated[str, Field(description="Id of the key.")]


class CreativePage(BaseModel):
    """Some creatives, by id."""

    creatives: list[KnownCreativeAnswer]
    next_after: Annotated[str | None, Field(description="`after` of the next page; null: that was all.")]


@router.put("")
async def put_creatives(caller: Campaigning, body: CreativesBody) -> BatchReport:
    """Put up to 1,000 creatives; each replaces the one of its id, and the next decision may use it.

    A text with braces around anything but a known variable is refused, with the place; it sinks no other row.
    """
    parsed = parse_creatives(body.creatives)
    refuse_if_nothing_taken("creatives", len(parsed.rows), parsed.errors)
    await caller.services.creatives.put(caller.tenant, parsed.values, caller.actor)
    return BatchReport(accepted=len(parsed.rows), errors=row_errors(parsed.errors))


@router.get("")
async def read_creatives(
    caller: ReadingCampaigns,
    after: Annotated[Id | None, Query(description="`next_after` of the page before.")] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> CreativePage:
    """List the creatives, with why one is not used."""
    page = await caller.services.creatives.page(caller.tenant, after, limit)
    return CreativePage(creatives=[_answer(one) for one in page.items], next_after=page.next_after)


@router.get("/{creative_id}", responses=problems(404))
async def read_creative(caller: ReadingCampaigns, creative_id: Id) -> KnownCreativeAnswer:
    """Read one creative."""
    return _answer(await caller.services.creatives.find(caller.tenant, creative_id))


@router.post("/{creative_id}:check", responses=problems(404, 409))
async def check_creative(caller: Campaigning, creative_id: Id) -> KnownCreativeAnswer:
    """See whether a creative's picture is there; while it is not, the creative is used for nobody (`dead_picture`).

    The picture is asked for once, as feeds are: within 10 seconds, and at no inner address.
    """
    return _answer(await caller.services.creatives.check_picture(caller.tenant, creative_id))


@router.delete("/{creative_id}", status_code=204, response_class=Response, responses=problems(404))
async def delete_creative(caller: Campaigning, creative_id: Id) -> None:
    """Forget a creative; no decision uses it from then on."""
    await caller.services.creatives.delete(caller.tenant, creative_id, caller.actor)


def _answer(known: KnownCreative) -> KnownCreativeAnswer:
    unused = known.unused(clock.now())
    return KnownCreativeAnswer(
        creative=CreativeAnswer.model_validate(known.creative),
        unused=unused and unused[0],
        unused_text=unused and unused[1],
        changed_at=known.changed_at,
        changed_by=known.changed_by,
    )
