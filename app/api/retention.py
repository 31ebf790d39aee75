"""Retention: what a shop means by engagement and by gone, and how the one goes with the other."""

from typing import Annotated, Literal

from fastapi import APIRouter
from pydantic import BaseModel, Field

from app.api.bodies import Answer, Body
from app.api.deps import Administering, Looking
from app.api.errors import PROBLEM_RESPONSES, problems
from app.api.figures import FigureAnswer
from app.domain.retention import (
    HORIZON_DAYS,
    LEAST_DAYS,
    MOST_DAYS,
    WINDOW_DAYS,
    Retention,
    RetentionRules,
    Status,
    Unit,
)
from app.intake.fields import Id

router = APIRouter(prefix="/v1", tags=["retention"], responses=PROBLEM_RESPONSES)

Days = Annotated[int, Field(ge=LEAST_DAYS, le=MOST_DAYS)]
_UNIT = Field(
    description="What engagement is counted in: `purchases`; `visits` (sessions, or days of what was done in none); "
    "`categories` bought in; `communities` whose products were bought."
)


class RetentionBody(Body):
    """What a shop means by engagement and by gone; what is left out is as by default."""

    unit: Annotated[Unit, _UNIT] = "purchases"
    window_days: Annotated[Days, Field(description="Days in which engagement is counted.")] = WINDOW_DAYS
    horizon_days: Annotated[Days, Field(description="Gone: no purchase in so many days.")] = HORIZON_DAYS


class RulesAnswer(Answer):
    """By which rules."""

    unit: Annotated[Unit, _UNIT]
    window_days: int
    horizon_days: int


class RungAnswer(Answer):
    """People with so much engagement, and the chance that they were gone afterwards."""

    from_value: int
    to_value: Annotated[int | None, Field(description="The last value that belongs to it; null: without end.")]
    chance: Annotated[FigureAnswer, Field(description="Share of them that was gone; it never rises along the ladder.")]


class LadderAnswer(Answer):
    """How the chance to be gone goes with engagement."""

    status: Status
    reason: Annotated[str, Field(description="What was found, or why nothing, in plain English.")]
    gone_share: Annotated[FigureAnswer, Field(description="Of all who were customers at the cut.")]
    threshold: Annotated[
        FigureAnswer, Field(description="Engagement in the window beyond which more goes with little; with interval.")
    ]
    rungs: Annotated[list[RungAnswer], Field(description="The curve, by engagement.")]
    measure: Literal["association"] = "association"


class PublishedRetention(BaseModel):
    """What was published, and by which rules."""

    run: str
    rules: RulesAnswer
    cut_day: Annotated[
        str | None, Field(description="Last day on which engagement was counted; null: the record is too short.")
    ]
    ladder: LadderAnswer


class RetentionAnswer(BaseModel):
    """The rules of the shop, and what was published; they hold from the next publication on."""

    rules: RulesAnswer
    published: Annotated[PublishedRetention | None, Field(description="null: nothing was yet.")]


class CommunityRetentionAnswer(BaseModel):
    """What was published of one community."""

    community_id: str
    published: Annotated[PublishedRetention | None, Field(description="null: nothing was yet.")]


@router.get("/retention")
async def read_retention(caller: Looking) -> RetentionAnswer:
    """Say how much engagement goes with staying in the whole shop, and by which rules."""
    rules, published = await caller.services.retention.read(caller.tenant)
    return RetentionAnswer(rules=RulesAnswer.model_validate(rules), published=_answer(published))


@router.put("/retention")
async def put_retention(caller: Administering, body: RetentionBody) -> RulesAnswer:
    """Replace what engagement and gone mean; figures follow when they are published the next time."""
    rules = RetentionRules(body.unit, body.window_days, body.horizon_days)
    await caller.services.retention.replace(caller.tenant, rules, caller.actor)
    return RulesAnswer.model_validate(rules)


@router.get("/communities/{community_id}/retention", responses=problems(404))
async def read_community_retention(caller: Looking, community_id: Id) -> CommunityRetentionAnswer:
    """Say how much engagement goes with staying in one community."""
    published = await caller.services.retention.read_community(caller.tenant, community_id)
    return CommunityRetentionAnswer(community_id=community_id, published=_answer(published))


def _answer(published: Retention | None) -> PublishedRetention | None:
    if published is None:
        return None
    return PublishedRetention(
        run=published.run,
        rules=RulesAnswer.model_validate(published.rules),
        cut_day=published.cut_day,
        ladder=LadderAnswer.model_validate(published.ladder),
    )
