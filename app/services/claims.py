"""Use case: an identity claims what was done in an anonymous session, and takes that back."""

import secrets
from datetime import datetime
from typing import Protocol

from app.domain import clock
from app.domain.claims import Claim
from app.domain.errors import NotFoundError


class ClaimStore(Protocol):
    """Where claims are kept."""

    async def claim(
        self, tenant: str, identity_id: str, session_id: str, claim_id: str, at: datetime, actor: str
    ) -> Claim:
        """Make a claim, or extend the one that is there; ``domain/claims.py`` says when that is refused."""
        ...

    async def end(self, tenant: str, claim_id: str, actor: str) -> bool:
        """Undo a claim; whether there was one."""
        ...


async def claim_session(store: ClaimStore, tenant: str, identity_id: str, session_id: str, actor: str) -> Claim:
    """Make the session's anonymous history evidence of an identity; the very next answer knows.

    Claimed again, the same claim takes in what has been added. Raises ``NotFoundError`` and ``ConflictError``.
    """
    return await store.claim(tenant, identity_id, session_id, secrets.token_hex(16), clock.now(), actor)


async def undo_claim(store: ClaimStore, tenant: str, claim_id: str, actor: str) -> None:
    """Undo a claim; likes and answers are what they were without it. Raises ``NotFoundError``."""
    if not await store.end(tenant, claim_id, actor):
        raise NotFoundError("There is no such claim.")
