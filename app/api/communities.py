"""Taste communities: which there are, what each is like, and how it came to be."""

from typing import Annotated

from fastapi import APIRouter, Query, Response
from pydantic import AwareDatetime, BaseModel, Field

from app.api.bodies import Answer
from app.api.deps import Looking, Naming
from app.api.errors import PROBLEM_RESPONSES, problems
from app.api.figures import At, FigureAnswer, MatchAnswer
from app.domain.communities import MemberOrder, Told
from app.intake.fields import Id
from app.services.list_members import MOST_MEMBERS

router = APIRouter(prefix="/v1/communities", tags=["communities"], responses=PROBLEM_RESPONSES)

_SIZE = Field(description="About so many members: numbers of people carry noise. null: they may be too few.")


class SummaryAnswer(Answer):
    """One community of the list. `too_few`: it may have fewer than k members, and nothing else is told."""

    id: str
    too_few: bool
    label: str | None
    size: Annotated[int | None, _SIZE]
    matches: Annotated[list[MatchAnswer], Field(description="Microgenres it is most associated with.")]


class CommunityPage(BaseModel):
    """Some of the communities, largest first."""

    communities: list[SummaryAnswer]
    next_after: Annotated[str | None, Field(description="Ask again with `after` set to this; null: that was all.")]


class BinAnswer(Answer):
    """How many members lie from one value up to, not including, another."""

    from_value: float
    to_value: Annotated[float | None, Field(description="null: without end.")]
    members: Annotated[int | None, Field(description="About so many; null: they may be fewer than k.")]


class TopAnswer(Answer):
    """What the top tenth of the members accounts for; nobody is named."""

    members: Annotated[int | None, _SIZE]
    share: Annotated[FigureAnswer, Field(description="Of all purchases, or of all spend.")]


class NeighbourAnswer(Answer):
    """A community that shares members with this one."""

    id: str
    label: str | None
    shared: Annotated[FigureAnswer, Field(description="Share of this community's members that belong there too.")]


class Strength(BaseModel):
    """How strongly members belong: the share of their likes that is at home here."""

    median: FigureAnswer
    distribution: list[BinAnswer]


class StructureAnswer(BaseModel):
    """How the products that are at home here hang together, by similarity; `n` counts products."""

    density: Annotated[FigureAnswer, Field(description="Share of the possible similarities that are there.")]
    conductance: Annotated[FigureAnswer, Field(description="Share of similarity that leads out; lower: more apart.")]
    core_share: Annotated[FigureAnswer, Field(description="Products with most of their similarity inside.")]
    neighbours: list[NeighbourAnswer]


class Dynamics(BaseModel):
    """How it moves."""

    growth: Annotated[
        FigureAnswer, Field(description="Change of its size since figures were published before, as a share.")
    ]
    stayed_share: Annotated[FigureAnswer, Field(description="Products that are at home in it since the run before.")]
    momentum: Annotated[FigureAnswer, Field(description="Purchases of the last 28 days over those of the 28 before.")]


class Activity(BaseModel):
    """How much its members do."""

    purchases_per_member: FigureAnswer
    days_since_last_purchase: Annotated[FigureAnswer, Field(description="Median.")]
    active_share: Annotated[FigureAnswer, Field(description="Members with a purchase in the last 28 days.")]
    distribution: Annotated[list[BinAnswer], Field(description="Members by their number of purchases.")]
    most_active: TopAnswer | None


class Value(BaseModel):
    """What its members are worth to the shop, over all that is on record."""

    currency: str | None
    spend_per_member: FigureAnswer
    full_price_share: Annotated[FigureAnswer, Field(description="Of a member's spend, what was paid in full.")]
    repeat_share: Annotated[FigureAnswer, Field(description="Of a member's products, those bought more than once.")]
    deal_share: Annotated[FigureAnswer, Field(description="Of a member's lines, those below the list price.")]
    trend_share: Annotated[
        FigureAnswer,
        Field(description="Of a member's full-price purchases, what was on the rise outside the community then."),
    ]
    alive_share: Annotated[
        FigureAnswer, Field(description="Members who are expected to be customers still: the mean of P(alive).")
    ]
    price_sensitivity: FigureAnswer
    trend_susceptibility: FigureAnswer
    most_valuable: TopAnswer | None


class CommunityPortrait(BaseModel):
    """The portrait of one community. `too_few`: it may have fewer than k members, and nothing else is told."""

    id: str
    run: str
    too_few: bool
    label: str | None
    terms: Annotated[list[str], Field(description="What sets it apart.")]
    size: Annotated[int | None, _SIZE]
    strength: Strength | None
    structure: StructureAnswer | None
    dynamics: Dynamics | None
    activity: Activity | None
    value: Value | None
    microgenres: Annotated[list[MatchAnswer], Field(description="Highest lift first.")]
    brands: Annotated[list[MatchAnswer], Field(description="Highest lift first.")]


class EvolutionAnswer(Answer):
    """How it came out of a community of the run before."""

    event: Annotated[str, Field(description="grew, shrank, merged, split or stayed.")]
    from_id: str
    overlap: FigureAnswer


class EpochAnswer(Answer):
    """The community in one run."""

    run: str
    at: AwareDatetime | None
    too_few: bool
    label: str | None
    size: Annotated[int | None, _SIZE]
    growth: FigureAnswer
    born: bool
    died_in: Annotated[str | None, Field(description="The run in which it was no more.")]
    steps: list[EvolutionAnswer]


class HistoryAnswer(BaseModel):
    """One community through the times that figures were published."""

    id: str
    runs: Annotated[list[EpochAnswer], Field(description="Latest first.")]


class MembersAnswer(Answer):
    """Members by id, best first, and no figure of any: a figure never stands for one."""

    community_id: str
    run: str
    by: MemberOrder
    too_few: Annotated[bool, Field(description="Fewer than k may be listed, so nobody is.")]
    identity_ids: Annotated[
        list[str],
        Field(description="Of those who bought, were learned from and still grant `model_training`."),
    ]


@router.get("")
async def read_communities(
    caller: Looking, after: At = None, limit: Annotated[int, Query(ge=1, le=1000)] = 100
) -> CommunityPage:
    """List the published taste communities with what they are most associated with, largest first."""
    page = await caller.services.communities.list_all(caller.tenant, after, limit)
    return CommunityPage(
        communities=[SummaryAnswer.model_validate(one) for one in page.items], next_after=page.next_after
    )


@router.get("/{community_id}", responses=problems(404))
async def read_community(caller: Looking, community_id: Id) -> CommunityPortrait:
    """Portray a community: size, structure, dynamics, activity, value, and what it is associated with."""
    return _answer(await caller.services.communities.portray(caller.tenant, community_id))


@router.get("/{community_id}/history", responses=problems(404))
async def read_history(caller: Looking, community_id: Id) -> HistoryAnswer:
    """Trace a community back: when it was born, grew, shrank, merged or split."""
    epochs = await caller.services.communities.trace(caller.tenant, community_id)
    return HistoryAnswer(id=community_id, runs=[EpochAnswer.model_validate(one) for one in epochs])


@router.get("/{community_id}/members", responses=problems(404))
async def list_members(
    caller: Naming,
    response: Response,
    community_id: Id,
    by: Annotated[MemberOrder, Query(description="`activity`: by purchases; `value`: by spend.")] = "activity",
    limit: Annotated[int, Query(ge=1, le=MOST_MEMBERS)] = 20,
) -> MembersAnswer:
    """List the most active or most valuable members by id; the audit log notes who was listed to whom."""
    response.headers["Cache-Control"] = "private, no-store"
    found = await caller.services.members.read(caller.tenant, community_id, by, limit, caller.actor)
    return MembersAnswer.model_validate(found)


def _answer(told: Told) -> CommunityPortrait:
    figures = {name: FigureAnswer.model_validate(one) for name, one in told.figures.items()}
    return CommunityPortrait(
        id=told.id,
        run=told.run,
        too_few=told.too_few,
        label=told.label,
        terms=list(told.terms),
        size=told.size,
        strength=None if told.too_few else _strength(told, figures),
        structure=None if told.too_few else _structure(told, figures),
        dynamics=None if told.too_few else Dynamics(**_pick(figures, Dynamics)),
        activity=None if told.too_few else _activity(told, figures),
        value=None if told.too_few else _value(told, figures),
        microgenres=[MatchAnswer.model_validate(one) for one in told.microgenres],
        brands=[MatchAnswer.model_validate(one) for one in told.brands],
    )


def _pick(figures: dict[str, FigureAnswer], shape: type[BaseModel]) -> dict[str, FigureAnswer]:
    """The figures that a shape has a field for."""
    return {name: one for name, one in figures.items() if name in shape.model_fields}


def _strength(told: Told, figures: dict[str, FigureAnswer]) -> Strength:
    bins = [BinAnswer.model_validate(one) for one in told.strengths]
    return Strength(median=figures["strength"], distribution=bins)


def _structure(told: Told, figures: dict[str, FigureAnswer]) -> StructureAnswer:
    neighbours = [NeighbourAnswer.model_validate(one) for one in told.neighbours]
    return StructureAnswer(**_pick(figures, StructureAnswer), neighbours=neighbours)


def _activity(told: Told, figures: dict[str, FigureAnswer]) -> Activity:
    bins = [BinAnswer.model_validate(one) for one in told.purchases]
    top = None if told.most_active is None else TopAnswer.model_validate(told.most_active)
    return Activity(**_pick(figures, Activity), distribution=bins, most_active=top)


def _value(told: Told, figures: dict[str, FigureAnswer]) -> Value:
    top = None if told.most_valuable is None else TopAnswer.model_validate(told.most_valuable)
    return Value(**_pick(figures, Value), currency=told.currency, most_valuable=top)
