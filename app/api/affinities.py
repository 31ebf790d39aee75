"""What an identity is drawn to: for whoever personalises pages."""

from typing import Annotated

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, Field

from app.api.bodies import Answer
from app.api.deps import RecommendingForOne
from app.api.errors import PROBLEM_RESPONSES
from app.api.recommendation_answers import ConsentAnswer, RunAnswer
from app.intake.fields import Id

router = APIRouter(
    prefix="/v1/identities/{identity_id}/affinities", tags=["recommendations"], responses=PROBLEM_RESPONSES
)

MOST = 50


class AffinityAnswer(Answer):
    """One thing that an identity is drawn to."""

    id: str
    label: Annotated[str, Field(description="For people.")]
    strength: Annotated[float, Field(description="Share of its evidence, 0 to 1; of tags they do not add up to 1.")]
    low: Annotated[float, Field(description="End of the 95 % interval of `strength`.")]
    high: float
    products: Annotated[int, Field(description="Of how many products the evidence is, 2 or more.")]
    product_ids: Annotated[list[str], Field(description="Up to 5 of them, those that count most first.")]


class AffinitiesAnswer(BaseModel):
    """The strongest of each kind; of the same shape for an identity that nobody knows."""

    identity_id: str
    consent: ConsentAnswer
    tags: list[AffinityAnswer]
    brands: list[AffinityAnswer]
    microgenres: list[AffinityAnswer]
    run: RunAnswer | None


@router.get("")
async def read_affinities(
    caller: RecommendingForOne,
    identity_id: Id,
    response: Response,
    limit: Annotated[int, Query(ge=1, le=MOST, description="Of each kind.")] = 10,
) -> AffinitiesAnswer:
    """Say which tags, brands and microgenres an identity is drawn to, how sure that is and what it rests on.

    By its own likes alone, under its consent to `personalise_content`; nothing sensitive, and nothing that it excludes.
    """
    drawn = await caller.services.affinities.find(caller.tenant, identity_id, limit)
    response.headers["Cache-Control"] = "private, no-store"
    found, run = drawn.affinities, drawn.run
    return AffinitiesAnswer(
        identity_id=identity_id,
        consent=ConsentAnswer(purpose="personalise_content", outcome=drawn.outcome),
        tags=[AffinityAnswer.model_validate(one) for one in found.tags],
        brands=[AffinityAnswer.model_validate(one) for one in found.brands],
        microgenres=[AffinityAnswer.model_validate(one) for one in found.microgenres],
        run=run and RunAnswer(id=run.id, model_version=run.model_version),
    )
