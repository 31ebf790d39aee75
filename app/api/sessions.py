"""Sessions: a page opens one and shows that it is its own; what was done in one becomes an identity's on its word."""

from typing import Annotated, Self

from fastapi import APIRouter, Response
from pydantic import AwareDatetime, Field, model_validator

from app.api.bodies import Answer, Body
from app.api.deps import Claiming, Ingesting, Opening, Recommending
from app.api.errors import PROBLEM_RESPONSES, problems
from app.domain import clock
from app.domain.errors import NotFoundError
from app.intake.fields import GivenId, Id, MaybeId
from app.intake.identifiers import Identifiers
from app.services.claims import claim_session, undo_claim
from app.services.session_tokens import find_page_key

router = APIRouter(prefix="/v1", tags=["sessions"], responses={**PROBLEM_RESPONSES, **problems(404)})


class SessionAnswer(Answer):
    """A session, and what shows that it is one's own."""

    session_id: Annotated[str, Field(description="Name it in questions and events.")]
    token: Annotated[
        str, Field(description="Send it as `X-Session-Token`; each answer to it carries a fresh one in that header.")
    ]
    expires_at: Annotated[AwareDatetime, Field(description="Unless it is used until then.")]


class HandOverBody(Body):
    """Whose page the session is handed to."""

    key_id: Annotated[Id, Field(description="Of the page's browser key: the third part of `pk_<tenant>_<id>_…`.")]


class ClaimBody(Body):
    """Who says that the session was theirs: `identity_id`, or `identifiers` that name them."""

    identity_id: MaybeId = None
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


@router.post("/sessions", status_code=201)
async def open_session(caller: Opening) -> SessionAnswer:
    """Open a session for the page that asks: a new id, and the token without which nothing is told of it.

    Nothing is stored. The token is good with this browser key, until it was not used for half an hour
    (`PLURAL_SESSION_MINUTES`), and for a day at most.
    """
    return SessionAnswer.model_validate(caller.services.session_tokens.open(caller.key))


@router.post("/sessions/{session_id}:token", status_code=201)
async def hand_over_session(caller: Recommending, session_id: Id, body: HandOverBody) -> SessionAnswer:
    """Hand a session that the shop's server knows over to its page, with all that was done in it.

    Call it for whom you have seen to be the session's own browser, and for nobody else.
    """
    key = await find_page_key(caller.services.key_store, caller.tenant, body.key_id, clock.now())
    return SessionAnswer.model_validate(caller.services.session_tokens.hand_over(key, session_id))


@router.post("/sessions/{session_id}:claim", status_code=201, responses=problems(409))
async def post_claim(speaker: Claiming, session_id: GivenId, body: ClaimBody) -> ClaimAnswer:
    """Make a session's anonymous history evidence of an identity, too; nothing else ever does that.

    409 when the session belongs to an identity with a name, or was claimed by another. Claimed again, the same claim
    takes in what was done since. Identifiers that name nobody for certain are 404. A bound key claims only where both,
    identity and session, are its own.
    """
    caller = speaker.join(body.identity_id, session_id)
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
