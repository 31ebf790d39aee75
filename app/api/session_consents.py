"""What a page's visitor says of consent, for the session that the page shows to be its own."""

from typing import Annotated

from fastapi import APIRouter, Request, Response
from pydantic import Field
from starlette.exceptions import HTTPException

from app.api.bodies import Body
from app.api.consents import ConsentMode, SignalsAnswer, Tcf
from app.api.deps import TOKEN_HEADER, Caller, Telling
from app.api.document import PRIVACY_SIGNAL, RENEWED, SESSION_TOKEN
from app.api.errors import PROBLEM_RESPONSES, problems
from app.api.identities import ConsentRecord
from app.domain import clock
from app.domain.anonymous import anonymous_identity
from app.domain.consent import Signal
from app.domain.errors import ConflictError, InvalidError
from app.domain.models import ConsentStatus, Purpose
from app.intake.batches import Refused
from app.intake.consent_signals import read_signals
from app.intake.fields import GivenId, Phrase, Proof
from app.services.consents import hear_signals

router = APIRouter(prefix="/v1", tags=["sessions"], responses={**PROBLEM_RESPONSES, **problems(409)})


class SessionConsentBody(Body):
    """What was said: `purposes` by name, or what a consent banner holds; the stricter of them counts."""

    session_id: GivenId
    purposes: Annotated[dict[Purpose, ConsentStatus], Field(default_factory=dict)]
    tcf: Tcf = None
    consent_mode: ConsentMode = None
    policy_version: Annotated[Phrase | None, Field(description="Version of the privacy notice that was shown.")] = None
    proof: Annotated[Proof | None, Field(description="How it can be shown: free text or an address.")] = None

    def allowed(self) -> dict[Purpose, bool]:
        """What it comes to, by purpose; ``InvalidError`` for what cannot be read."""
        try:
            said = read_signals(self.tcf, self.consent_mode, None, {})
        except Refused as refused:
            raise InvalidError(f"{refused.field} {refused.reason}.") from refused
        everything: set[Purpose] = {*said, *self.purposes}
        return {one: said.get(one, True) and self.purposes.get(one, "granted") == "granted" for one in everything}


@router.post("/sessions:consent", responses=RENEWED, openapi_extra={"parameters": [PRIVACY_SIGNAL, SESSION_TOKEN]})
async def post_session_consent(
    speaker: Telling, request: Request, response: Response, body: SessionConsentBody
) -> SignalsAnswer:
    """Record what a session's visitor says; appends only what changes or is said for the first time.

    A page grants only with the token of that very session (403); whatever it denies is denied without.
    """
    caller = speaker.speak_for(None, body.session_id)
    shown = caller.shown_session(request)
    if shown:
        response.headers[TOKEN_HEADER] = shown.renewed
    allowed, kept_as = body.allowed(), caller.session_of(body.session_id, shown)
    if kept_as != body.session_id and any(allowed.values()):
        raise HTTPException(403, "A page grants a consent only with the token of the session, in X-Session-Token.")
    identities = [anonymous_identity(session_id, "") for session_id in dict.fromkeys((body.session_id, kept_as))]
    said = [_signal(caller, identity_id, body, allowed) for identity_id in identities]
    heard = await hear_signals(caller.services.consents, caller.tenant, said, caller.actor)
    if heard.passed_over:
        raise ConflictError("This session was erased: nothing new is kept of it.")
    records = [ConsentRecord.model_validate(record) for whose, record in heard.records if whose == identities[0]]
    return SignalsAnswer(identity_id=identities[0], records=records)


def _signal(caller: Caller, identity_id: str, body: SessionConsentBody, allowed: dict[Purpose, bool]) -> Signal:
    at = clock.to_milliseconds(clock.now())
    source = "page" if caller.is_page else "api"
    return Signal(identity_id, allowed, at, source, body.policy_version, body.proof, at_arrival=True)
