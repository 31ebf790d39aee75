"""Identifiers: whom they name."""

from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from app.api.bodies import BATCH_LIMIT, Body
from app.api.deps import Ingesting
from app.api.errors import PROBLEM_RESPONSES
from app.domain.recommendation import Method
from app.domain.resolution import Why
from app.intake.identifiers import IdentifierRow

router = APIRouter(prefix="/v1", tags=["identifiers"], responses=PROBLEM_RESPONSES)


class SubjectBody(Body):
    """Somebody, by what is known of them."""

    identifiers: Annotated[tuple[IdentifierRow, ...], Field(min_length=1, max_length=50)]


class SubjectsBody(Body):
    """Up to 1,000 of them."""

    subjects: Annotated[list[SubjectBody], Field(min_length=1, max_length=BATCH_LIMIT)]


class ResolutionAnswer(BaseModel):
    """Whom the identifiers of one subject name."""

    model_config = ConfigDict(from_attributes=True)

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
