"""Sessions: what was done anonymously in one becomes an identity's own only when it says so."""

from typing import Annotated

from fastapi import APIRouter, Response
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from app.api.bodies import Body
from app.api.deps import Ingesting
from app.api.errors import PROBLEM_RESPONSES, problems
from app.intake.fields import Id
from app.services.claims import claim_session, undo_claim

router = APIRouter(prefix="/v1", tags=["sessions"], responses={**PROBLEM_RESPONSES, **problems(404)})


class ClaimBody(Body):
    """Who says that the session was theirs."""

    identity_id: Id


class ClaimAnswer(BaseModel):
    """One identity's word on one session."""

    model_config = ConfigDict(from_attributes=True)

    id: Annotated[str, Field(description="Undoes the claim: `DELETE /v1/claims/{claim_id}`.")]
    identity_id: str
    session_id: str
    at: AwareDatetime
    interactions: Annotated[int, Field(description="Became the identity's evidence by this call.")]


@router.post("/sessions/{session_id}:claim", status_code=201, responses=problems(409))
async def post_claim(caller: Ingesting, session_id: Id, body: ClaimBody) -> ClaimAnswer:
    """Make a session's anonymous history evidence of an identity, too; nothing else ever does that.

    409 when the session belongs to an identity with a name, or was claimed by another. Claimed again, the same claim
    takes in what was done since.
    """
    claim = await claim_session(caller.services.claims, caller.tenant, body.identity_id, session_id, caller.actor)
    return ClaimAnswer.model_validate(claim)


@router.delete("/claims/{claim_id}", status_code=204, response_class=Response)
async def delete_claim(caller: Ingesting, claim_id: Id) -> None:
    """Undo a claim: likes and answers are what they would be without it."""
    await undo_claim(caller.services.claims, caller.tenant, claim_id, caller.actor)
