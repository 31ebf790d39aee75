"""Journeys: the lines of a person's or household's identities side by side, and where they cross."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter
from pydantic import AwareDatetime, BaseModel, Field

from app.api.bodies import Answer
from app.api.deps import Administering
from app.api.errors import PROBLEM_RESPONSES, problems
from app.domain.journeys import CrossingKind, Journeys, Stage
from app.domain.models import IdentityKind
from app.intake.fields import Id

router = APIRouter(prefix="/v1", tags=["persons"], responses={**PROBLEM_RESPONSES, **problems(404)})


class StepAnswer(Answer):
    """A stage and when it began; it lasts until the next one."""

    stage: Stage
    since: Annotated[date, Field(description="In UTC.")]


class LaneAnswer(Answer):
    """The line of one identity, found from what it did itself and from nothing else."""

    identity_id: str
    kind: Annotated[IdentityKind, Field(description="Its role.")]
    may_link: Annotated[
        bool,
        Field(description="Whether it consents to `link_identities`: only claims and grants are crossings without it."),
    ]
    stage: Annotated[Stage | None, Field(description="Where it is now; null: it did nothing yet.")]
    steps: Annotated[list[StepAnswer], Field(description="In order.")]


class CrossingAnswer(Answer):
    """A place where two lines meet: evidence, and no link."""

    kind: CrossingKind
    from_id: str
    to_id: str
    at: AwareDatetime
    product_id: Annotated[str | None, Field(description="Of a gift or a hand-over.")]
    title: Annotated[str | None, Field(description="Of the product.")]
    identifier_type: Annotated[str | None, Field(description="Of a shared device; its value is kept as a hash alone.")]
    until: Annotated[AwareDatetime | None, Field(description="Of a grant.")]


class JourneysAnswer(BaseModel):
    """Several lines side by side, never joined."""

    id: str
    as_of: date
    horizon_days: Annotated[int, Field(description="Gone: no purchase in so many days; `PUT /v1/retention` says so.")]
    lanes: Annotated[list[LaneAnswer], Field(description="By identity.")]
    crossings: Annotated[list[CrossingAnswer], Field(description="Latest first.")]
    is_complete: Annotated[bool, Field(description="false: more belongs here, or crosses, than is looked at.")]


@router.get("/persons/{person_id}/journeys")
async def read_person_journeys(caller: Administering, person_id: Id) -> JourneysAnswer:
    """Draw the lines of a person's identities side by side, with their stages and where they cross."""
    return _answer(await caller.services.journeys.person(caller.tenant, person_id))


@router.get("/households/{household_id}/journeys")
async def read_household_journeys(caller: Administering, household_id: Id) -> JourneysAnswer:
    """Draw the lines of all identities of a household side by side, with their stages and where they cross."""
    return _answer(await caller.services.journeys.household(caller.tenant, household_id))


def _answer(journeys: Journeys) -> JourneysAnswer:
    return JourneysAnswer(
        id=journeys.id,
        as_of=journeys.as_of,
        horizon_days=journeys.horizon_days,
        lanes=[LaneAnswer.model_validate(lane) for lane in journeys.lanes],
        crossings=[CrossingAnswer.model_validate(crossing) for crossing in journeys.crossings],
        is_complete=journeys.is_complete,
    )
