"""Use case: one identity lets another use what it likes, and takes it back."""

import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from app.domain.errors import InvalidError, NotFoundError
from app.domain.grants import Grant, GrantRequest
from app.domain.models import PURPOSES, Purpose


class GrantStore(Protocol):
    """Where grants are kept."""

    async def give(self, tenant: str, asked: GrantRequest, grant_id: str, at: datetime, actor: str) -> Grant | None:
        """Keep a grant, or return the equal one that is there; ``None`` when either identity is not there."""
        ...

    async def revoke(self, tenant: str, grant_id: str, actor: str) -> bool:
        """Remove a grant; whether there was one."""
        ...

    async def list(self, tenant: str, identity_id: str, after: str, limit: int) -> list[Grant]:
        """Grants given by or to an identity, by id, those behind ``after``."""
        ...


async def give_grant(store: GrantStore, tenant: str, asked: GrantRequest, now: datetime, actor: str) -> Grant:
    """Give a grant, which speaks from the very next request on, while the giver's own consents last.

    The same grant given again is one grant. Raises ``InvalidError`` when it would end before it begins or an identity
    would grant itself, ``NotFoundError`` when this tenant has not both identities.
    """
    if asked.from_id == asked.to_id:
        raise InvalidError("An identity uses what it likes itself without a grant; from and to must differ.")
    if asked.until <= now:
        raise InvalidError("until lies in the past: the grant would end before it begins.")
    ordered = GrantRequest(asked.from_id, asked.to_id, _in_order(asked.purposes), asked.until)
    kept = await store.give(tenant, ordered, secrets.token_hex(16), now, actor)
    if kept is None:
        raise NotFoundError("There is no such identity.")
    return kept


async def revoke_grant(store: GrantStore, tenant: str, grant_id: str, actor: str) -> None:
    """Take a grant back; the next answer is what it was without. Raises ``NotFoundError``."""
    if not await store.revoke(tenant, grant_id, actor):
        raise NotFoundError("There is no such grant.")


def _in_order(purposes: Sequence[Purpose]) -> tuple[Purpose, ...]:
    return tuple(purpose for purpose in PURPOSES if purpose in purposes)
