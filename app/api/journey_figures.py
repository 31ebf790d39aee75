"""Where the lines of many are and where they go on to: figures of the shop and of its communities."""

from datetime import date
from typing import Annotated, Literal

from fastapi import APIRouter
from pydantic import BaseModel, Field

from app.api.bodies import Answer
from app.api.deps import Looking
from app.api.errors import PROBLEM_RESPONSES, problems
from app.api.figures import FigureAnswer
from app.domain.journey_figures import JourneyFigures
from app.domain.journeys import Stage
from app.intake.fields import Id

router = APIRouter(prefix="/v1", tags=["journeys"], responses=PROBLEM_RESPONSES)


class NextStageAnswer(Answer):
    """A stage that lines went on to."""

    stage: Stage
    chance: Annotated[FigureAnswer, Field(description="Of those who entered the stage before: within the horizon.")]
    median_days: Annotated[FigureAnswer, Field(description="Until it began, of those who went on to it.")]


class StageAnswer(Answer):
    """One stage, and what came next."""

    stage: Stage
    share: Annotated[FigureAnswer, Field(description="Of all, who were in it at the end of the record.")]
    stayed: Annotated[FigureAnswer, Field(description="Of those who entered it: in it still when the horizon ended.")]
    next_stage: list[NextStageAnswer]


class FlowsAnswer(BaseModel):
    """Where lines were at the end of the record, and where they went on to."""

    run: str
    horizon_days: Annotated[int, Field(description="In which what comes next is looked for; as `/v1/retention` says.")]
    end_day: Annotated[date | None, Field(description="Last day on record; null: the record is too short.")]
    reason: Annotated[str, Field(description="What the figures are of, or why there are none, in plain English.")]
    people: Annotated[int | None, Field(description="About so many have a line; null: too few.")]
    stages: Annotated[list[StageAnswer], Field(description="In the order of a life; empty: not enough data.")]
    measure: Literal["association"] = "association"


class JourneyFiguresAnswer(BaseModel):
    """What was published of the whole shop."""

    published: Annotated[FlowsAnswer | None, Field(description="null: nothing was yet.")]


class CommunityJourneysAnswer(BaseModel):
    """What was published of one community."""

    community_id: str
    published: Annotated[FlowsAnswer | None, Field(description="null: nothing was yet.")]


@router.get("/journeys")
async def read_journeys(caller: Looking) -> JourneyFiguresAnswer:
    """Say in which stages the lines of the whole shop are, and what comes next how likely and how soon."""
    return JourneyFiguresAnswer(published=_answer(await caller.services.flows.read(caller.tenant)))


@router.get("/communities/{community_id}/journeys", responses=problems(404))
async def read_community_journeys(caller: Looking, community_id: Id) -> CommunityJourneysAnswer:
    """Say in which stages the lines of one community are, and what comes next how likely and how soon."""
    published = await caller.services.flows.read_community(caller.tenant, community_id)
    return CommunityJourneysAnswer(community_id=community_id, published=_answer(published))


def _answer(published: JourneyFigures | None) -> FlowsAnswer | None:
    if published is None:
        return None
    flows = published.flows
    return FlowsAnswer(
        run=published.run,
        horizon_days=published.horizon_days,
        end_day=date.fromisoformat(published.end_day) if published.end_day else None,
        reason=flows.reason,
        people=flows.people,
        stages=[StageAnswer.model_validate(stage) for stage in flows.stages],
    )
