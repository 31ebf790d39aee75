"""Use case: identities, and the links that are asserted together with them."""

from collections.abc import Sequence
from typing import Protocol

from app.domain.models import Identity


class IdentityStore(Protocol):
    """Where identities are kept."""

    async def upsert(self, tenant: str, identities: Sequence[Identity], actor: str) -> int:
        """Add identities and their links in one commit; an id may come more than once. The number of identities."""
        ...


async def upsert_identities(
    store: IdentityStore, tenant: str, identities: Sequence[Identity], actor: str = "plural"
) -> int:
    """Put identities; of equal ids all links are kept and the last kind wins.

    The number of identities written: one that was erased stays so, and is passed over. ``actor`` goes into the
    audit log.
    """
    return await store.upsert(tenant, identities, actor) if identities else 0
