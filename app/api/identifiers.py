"""Identifiers: whom they name, and how they are."""

from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, Field

from app.api.bodies import BATCH_LIMIT, Answer, Body
from app.api.deps import Administering, Ingesting
from app.api.errors import PROBLEM_RESPONSES
from app.domain.identity_rules import IdentifierClass
from app.domain.recommendation import Method
from app.domain.resolution import Why
from app.intake.identifiers import IdentifierRow
from app.services.identifier_health import read_identifier_health

router = APIRouter(prefix="/v1", tags=["identifiers"], responses=PROBLEM_RESPONSES)


class SubjectBody(Body):
    """Somebody, by what is known of them."""

    identifiers: Annotated[tuple[IdentifierRow, ...], Field(min_length=1, max_length=50)]


class SubjectsBody(Body):
    """Up to 1,000 of them."""

    subjects: Annotated[list[SubjectBody], Field(min_length=1, max_length=BATCH_LIMIT)]


class ResolutionAnswer(Answer):
    """Whom the identifiers of one subject name."""

    id: Annotated[str | None, Field(validation_alias="identity_id", description="null: nobody, or there is doubt.")]
    method: Method
    why: Why


class ResolutionsAnswer(BaseModel):
    """One answer a subject, in the order of the question."""

    subjects: list[ResolutionAnswer]


@router.post("/identities:resolve")
async def resolve_identities(caller: Ingesting, body: SubjectsBody) -> ResolutionsAnswer:
    """Say whom identifiers name, before consents or links are sent for them; doubt means nobody."""
    given = [[row.given for row in subject.identifiers] for subject in body.subjects]
    resolutions = await caller.services.resolver.resolve(caller.tenant, given)
    return ResolutionsAnswer(subjects=[ResolutionAnswer.model_validate(one) for one in resolutions])


class TypeAnswer(Answer):
    """Identifiers of one type."""

    type: str
    number: int
    blocked: Annotated[int, Field(description="Placeholders, no-reply addresses and the tenant's list.")]
    over_cap: Annotated[int, Field(description="Others that belong to more identities than their class allows.")]


class ConnectorAnswer(Answer):
    """A value that many identities are known by."""

    type: str
    prefix: Annotated[str, Field(description="The first eight characters of its keyed hash.")]
    degree: Annotated[int, Field(description="Identities, by links that are live; counted up to 10,000.")]
    quarantined: bool


class ComponentSizesAnswer(Answer):
    """Components of a size."""

    smallest: int
    largest: int | None
    components: int


class HealthAnswer(Answer):
    """How the identifiers are now; a quarantine lifts by itself when the reason is gone."""

    identities: int
    identifiers: int
    looked_at: Annotated[int, Field(description="Identifiers that the figures are of, at most 100,000.")]
    by_class: dict[IdentifierClass, int]
    types: list[TypeAnswer]
    quarantined: Annotated[int, Field(description="Values that resolve to nobody for now.")]
    connectors: Annotated[list[ConnectorAnswer], Field(description="The ten of the most identities, largest first.")]
    components: Annotated[
        list[ComponentSizesAnswer],
        Field(description="How many identities hang together by live links that are not shared."),
    ]
    largest: Annotated[list[int], Field(description="Sizes of the ten largest components.")]


@router.get("/identifiers:health")
async def read_health_of_identifiers(caller: Administering) -> HealthAnswer:
    """Say what is quarantined and why, what connects the most identities, and how far they hang together."""
    rules = await caller.services.rules.read(caller.tenant)
    health = await read_identifier_health(caller.services.identifier_health, caller.tenant, rules)
    return HealthAnswer.model_validate(health)
