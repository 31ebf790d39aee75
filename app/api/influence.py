"""How far influence is found in a community, and between which ones: sums over many, nobody's ties."""

from typing import Annotated, Literal

from fastapi import APIRouter
from pydantic import BaseModel, Field

from app.api.bodies import Answer
from app.api.deps import Looking
from app.api.errors import PROBLEM_RESPONSES, problems
from app.api.figures import FigureAnswer
from app.domain.influence_figures import FIGURES, InfluenceFigures, InfluenceStatus
from app.intake.fields import Id

router = APIRouter(prefix="/v1/communities", tags=["communities"], responses=PROBLEM_RESPONSES)


class FlowAnswer(Answer):
    """What goes from one community to another."""

    community_id: Annotated[str, Field(description="The other end.")]
    share: Annotated[
        FigureAnswer,
        Field(description="Where it ends: members who are led from the other one, of those who follow anybody."),
    ]
    lag_days: Annotated[FigureAnswer, Field(description="Median over them.")]


class InfluenceSums(BaseModel):
    """Sums over many members."""

    excess_share: Annotated[FigureAnswer, Field(description=f"{FIGURES['excess_share'][0].capitalize()}.")]
    led_share: Annotated[FigureAnswer, Field(description=f"{FIGURES['led_share'][0].capitalize()}.")]
    inside_share: Annotated[FigureAnswer, Field(description=f"{FIGURES['inside_share'][0].capitalize()}.")]
    outside_share: Annotated[FigureAnswer, Field(description=f"{FIGURES['outside_share'][0].capitalize()}.")]
    branching: Annotated[FigureAnswer, Field(description=f"{FIGURES['branching'][0].capitalize()}.")]
    innovator_share: Annotated[FigureAnswer, Field(description=f"{FIGURES['innovator_share'][0].capitalize()}.")]
    days_to_10: Annotated[FigureAnswer, Field(description=f"{FIGURES['days_to_10'][0].capitalize()}.")]
    days_to_50: Annotated[FigureAnswer, Field(description=f"{FIGURES['days_to_50'][0].capitalize()}.")]
    days_to_90: Annotated[FigureAnswer, Field(description=f"{FIGURES['days_to_90'][0].capitalize()}.")]


class PublishedInfluence(BaseModel):
    """What was published of one community."""

    run: str
    window_days: Annotated[int, Field(description="Within which taking up the same may be due to another.")]
    status: InfluenceStatus
    reason: Annotated[str, Field(description="What was found, or why nothing, in plain English.")]
    figures: InfluenceSums
    comes_from: Annotated[list[FlowAnswer], Field(description="From where its members are led, largest share first.")]
    goes_to: Annotated[list[FlowAnswer], Field(description="Whose members are led from here, largest share first.")]
    measure: Literal["association"] = "association"


class CommunityInfluenceAnswer(BaseModel):
    """How far influence is found in one community."""

    community_id: str
    published: Annotated[PublishedInfluence | None, Field(description="null: nothing was yet.")]


@router.get("/{community_id}/influence", responses=problems(404))
async def read_community_influence(caller: Looking, community_id: Id) -> CommunityInfluenceAnswer:
    """Say how far members take up what those they follow did, beyond like taste and trends; an association."""
    published = await caller.services.influence.read(caller.tenant, community_id)
    return CommunityInfluenceAnswer(community_id=community_id, published=_answer(published))


def _answer(published: InfluenceFigures | None) -> PublishedInfluence | None:
    if published is None:
        return None
    return PublishedInfluence(
        run=published.run,
        window_days=published.window_days,
        status=published.status,
        reason=published.reason,
        figures=InfluenceSums(**{name: FigureAnswer.model_validate(one) for name, one in published.figures.items()}),
        comes_from=[FlowAnswer.model_validate(one) for one in published.comes_from],
        goes_to=[FlowAnswer.model_validate(one) for one in published.goes_to],
    )
