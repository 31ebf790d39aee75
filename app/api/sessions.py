"""Sessions: what was done anonymously in one becomes an identity's own only when it says so."""

from typing import Annotated, Self

from fastapi import APIRouter, Response
from pydantic import AwareDatetime, Field, model_validator

from app.api.bodies import Answer, Body
from app.api.deps import Ingesting
from app.api.errors import PROBLEM_RESPONSES, problems
from app.domain.errors import NotFoundError
from app.intake.fields import Id
from app.intake.identifiers import Identifiers
from app.services.claims import claim_session, undo_claim

router = APIRouter(prefix="/v1", tags=["sessions"], responses={**PROBLEM_RESPONSES, **problems(404)})


class ClaimBody(Body):
    """Who says that the session was theirs: `identity_id`, or `identifiers` that name them."""

    identity_id: Id | None = None
    identifiers: Annotated[Identifiers, Field(default_factory=list)]

    @model_validator(mode="after")
    def _check(self) -> Self:
        if (self.identity_id is None) != bool(self.identifiers):
            raise ValueError("name identity_id or identifiers")
        return self


class ClaimAnswer(Answer):
    """One identity's word on one session."""

    id: Annotated[str, Field(description="Undoes the claim: `DELETE /v1/claims/{claim_id}`.")]
    identity_id: str
    session_id: str
    at: AwareDatetime
    interactions: Annotated[int, Field(description="Became the identity's evidence by this call.")]


@router.post("/sessions/{session_id}:claim", status_code=201, responses=problems(409))
async def post_claim(caller: Ingesting, session_id: Id, body: ClaimBody) -> ClaimAnswer:
    """Make a session's anonymous history evidence of an identity, too; nothing else ever does that.

    409 when the session belongs to an identity with a name, or was claimed by another. Claimed again, the same claim
    takes in what was done since. Identifiers that name nobody for certain are 404.
    """
    identity_id = body.identity_id
    if identity_id is None:
        who = await caller.services.resolver.resolve_one(caller.tenant, (row.given for row in body.identifiers))
        identity_id = who.identity_id
    if identity_id is None:
        raise NotFoundError("These identifiers name no identity for certain.")
    claim = await claim_session(caller.services.claims, caller.tenant, identity_id, session_id, caller.actor)
    return ClaimAnswer.model_validate(claim)


@router.delete("/claims/{claim_id}", status_code=204, response_class=Response)
async def delete_claim(caller: Ingesting, claim_id: Id) -> None:
    """Undo a claim: likes and answers are what they would be without it."""
    await undo_claim(caller.services.claims, caller.tenant, claim_id, caller.actor)
