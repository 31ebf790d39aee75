"""Persons, households and conflicts: computed from live links whenever they are asked for; nothing keeps them."""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from app.api.bodies import Answer
from app.api.deps import Administering
from app.api.errors import PROBLEM_RESPONSES, problems
from app.api.links import ConflictAnswer, conflict_answers
from app.domain.models import IdentityKind
from app.intake.fields import Id

router = APIRouter(prefix="/v1", tags=["persons"], responses=PROBLEM_RESPONSES)

MinConfidence = Annotated[
    float | None, Query(ge=0, le=1, description="Links below this join nobody; by default as the tenant's rules say.")
]


class BelongingAnswer(Answer):
    """Somebody or something that belongs here."""

    id: str
    through: Annotated[
        tuple[str, ...], Field(description="`asserted`, types of identifiers (never a value), or what lies in between.")
    ]


class IdentityBelonging(BelongingAnswer):
    """An identity that belongs here."""

    kind: IdentityKind


class PersonAnswer(Answer):
    """Who and what belongs to a person."""

    id: str
    identities: list[IdentityBelonging]
    accounts: list[BelongingAnswer]
    households: list[BelongingAnswer]
    conflicts: Annotated[list[ConflictAnswer], Field(description="Links that were left out, settled ones too.")]
    is_complete: Annotated[bool, Field(description="false: more hangs together than one walk visits (2,000).")]


class HouseholdAnswer(Answer):
    """Who and what belongs to a household."""

    id: str
    persons: list[BelongingAnswer]
    accounts: list[BelongingAnswer]
    identities: list[IdentityBelonging]
    is_complete: bool


class ConflictPage(BaseModel):
    """Some conflicts, by their first identity."""

    conflicts: list[ConflictAnswer]
    next_after: Annotated[
        str | None,
        Field(description="Ask again with `after` set to this, even if no conflict was found; null: that was all."),
    ]


@router.get("/persons/{person_id}", responses=problems(404))
async def read_person(caller: Administering, person_id: Id, min_confidence: MinConfidence = None) -> PersonAnswer:
    """Compute who and what belongs to a person."""
    view = await caller.services.belongings.person(caller.tenant, person_id, min_confidence)
    return PersonAnswer.model_validate(view)


@router.get("/households/{household_id}", responses=problems(404))
async def read_household(
    caller: Administering, household_id: Id, min_confidence: MinConfidence = None
) -> HouseholdAnswer:
    """Compute who and what belongs to a household."""
    view = await caller.services.belongings.household(caller.tenant, household_id, min_confidence)
    return HouseholdAnswer.model_validate(view)


@router.get("/conflicts")
async def read_conflicts(
    caller: Administering,
    after: Annotated[Id | None, Query(description="`next_after` of the page before.")] = None,
    limit: Annotated[int, Query(ge=1, le=1000, description="About so many.")] = 100,
) -> ConflictPage:
    """List links that contradict each other and wait for somebody: end one, or say `not_same_as`."""
    found, next_after = await caller.services.belongings.conflicts(caller.tenant, after or "", limit)
    return ConflictPage(conflicts=conflict_answers(found), next_after=next_after)
