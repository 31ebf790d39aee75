"""Matches: what communities are associated with, microgenres and brands."""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from app.api.deps import Looking
from app.api.errors import PROBLEM_RESPONSES
from app.api.figures import At, MatchAnswer
from app.intake.fields import Id

router = APIRouter(prefix="/v1/matches", tags=["communities"], responses=PROBLEM_RESPONSES)


class MatchPage(BaseModel):
    """Some of the matches, highest lift first."""

    matches: list[MatchAnswer]
    next_after: Annotated[str | None, Field(description="Ask again with `after` set to this; null: that was all.")]


@router.get("")
async def read_matches(
    caller: Looking,
    community_id: Annotated[Id | None, Query(description="Only of this community.")] = None,
    microgenre_id: Annotated[Id | None, Query(description="Only with this microgenre.")] = None,
    brand_id: Annotated[Id | None, Query(description="Only with this brand.")] = None,
    after: At = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> MatchPage:
    """List associations of communities with microgenres and brands, by lift; none that rests on fewer than k."""
    page = await caller.services.communities.match(caller.tenant, community_id, microgenre_id, brand_id, after, limit)
    return MatchPage(matches=[MatchAnswer.model_validate(one) for one in page.items], next_after=page.next_after)
