"""API keys: a shop's server makes the ones that its pages and partners use."""

from typing import Annotated

from fastapi import APIRouter, Response
from pydantic import AwareDatetime, BaseModel, Field

from app.api.bodies import Answer, Body
from app.api.deps import Administering
from app.api.errors import PROBLEM_RESPONSES, problems
from app.domain.errors import ConflictError
from app.domain.keys import KeyRequest, Scope
from app.intake.fields import AnyMoment, GivenId, Id, Phrase
from app.services.keys import create_key, revoke_key

router = APIRouter(prefix="/v1/keys", tags=["keys"], responses=PROBLEM_RESPONSES)


_MADE = (
    "This Idempotency-Key came before: a key may have been made then, whose token was shown once. GET /v1/keys lists "
    "them; send another Idempotency-Key to make one."
)


class KeyBody(Body):
    """What a key shall be good for. `browser` stands alone and needs origins; whoever sees the page can read it."""

    scopes: Annotated[tuple[Scope, ...], Field(min_length=1, max_length=5)]
    label: Phrase | None = None
    identity_id: Annotated[GivenId | None, Field(description="The only identity that it may speak for.")] = None
    session_id: Annotated[GivenId | None, Field(description="The only session that it may speak for.")] = None
    origins: Annotated[
        tuple[Annotated[str, Field(max_length=200)], ...],
        Field(max_length=20, description="Of a browser key: where its pages are, e.g. `https://shop.example`."),
    ] = ()
    expires_at: AnyMoment | None = None


class KeyAnswer(Answer):
    """A key without its secret."""

    id: str
    scopes: tuple[Scope, ...]
    label: str | None
    identity_id: str | None
    session_id: str | None
    origins: tuple[str, ...]
    created_at: AwareDatetime
    expires_at: AwareDatetime | None
    revoked_at: AwareDatetime | None


class IssuedKeyAnswer(KeyAnswer):
    """A new key; its token is shown this once and kept nowhere."""

    token: str


class KeyList(BaseModel):
    """The keys of the tenant."""

    keys: Annotated[list[KeyAnswer], Field(description="Newest first, at most 1,000; revoked ones too.")]


@router.post("", status_code=201, responses=problems(409))
async def post_key(caller: Administering, body: KeyBody) -> IssuedKeyAnswer:
    """Make a key, e.g. for one visitor's session: bound to it, and good for an hour.

    Its token is shown once: the same call again under one `Idempotency-Key` is 409, and makes no other.
    """
    if caller.is_repeated:
        raise ConflictError(_MADE)
    scopes = tuple(dict.fromkeys(body.scopes))
    asked = KeyRequest(scopes, body.label, body.identity_id, body.session_id, body.origins, body.expires_at)
    issued = await create_key(caller.services.key_store, caller.tenant, asked, caller.actor)
    return IssuedKeyAnswer(**KeyAnswer.model_validate(issued.key).model_dump(), token=issued.token)


@router.get("")
async def read_keys(caller: Administering) -> KeyList:
    """List the tenant's keys; never their tokens."""
    found = await caller.services.key_store.list_keys(caller.tenant)
    return KeyList(keys=[KeyAnswer.model_validate(key) for key in found])


@router.delete("/{key_id}", status_code=204, response_class=Response, responses=problems(404))
async def delete_key(caller: Administering, key_id: Id) -> None:
    """Revoke a key; it is worthless within `PLURAL_KEY_CACHE_SECONDS` everywhere."""
    await revoke_key(caller.services.key_store, caller.tenant, key_id, caller.actor)
