"""Use case: an identity says what is not its taste, and takes that back."""

import secrets
from collections.abc import Sequence
from typing import Protocol

from app.domain.errors import NotFoundError
from app.domain.exclusions import Excluding, Exclusion


class ExclusionStore(Protocol):
    """Where exclusions are kept."""

    async def exclude(
        self, tenant: str, identity_id: str, what: Excluding, exclusion_id: str, actor: str, *, of_page: bool
    ) -> Exclusion | None:
        """Keep an exclusion, or return the equal one that is there; ``None`` when there is no such identity.

        What a page says of its session makes the session's identity. Raises ``ConflictError`` when it has too many.
        """
        ...

    async def end(self, tenant: str, identity_id: str, exclusion_id: str, actor: str) -> bool:
        """End an exclusion; whether there was one."""
        ...

    async def list(self, tenant: str, identity_id: str, after: str, limit: int) -> Sequence[Exclusion]:
        """What an identity excludes, by id, those behind ``after``."""
        ...


async def exclude(
    store: ExclusionStore, tenant: str, identity_id: str, what: Excluding, actor: str, *, of_page: bool = False
) -> Exclusion:
    """Exclude something from an identity's evidence and answers; the very next answer knows.

    The same exclusion once more is one exclusion. Raises ``NotFoundError`` and ``ConflictError``.
    """
    kept = await store.exclude(tenant, identity_id, what, secrets.token_hex(16), actor, of_page=of_page)
    if kept is None:
        raise NotFoundError("There is no such identity.")
    return kept


async def end_exclusion(store: ExclusionStore, tenant: str, identity_id: str, exclusion_id: str, actor: str) -> None:
    """End an exclusion: likes and answers are what they would be without it. Raises ``NotFoundError``."""
    if not await store.end(tenant, identity_id, exclusion_id, actor):
        raise NotFoundError("There is no such exclusion.")
