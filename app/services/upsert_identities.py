"""Use case: identities, and the links that are asserted together with them."""

from collections.abc import Sequence
from typing import Protocol

from app.domain.models import Identity


class IdentityStore(Protocol):
    """Where identities are kept."""

    async def upsert(self, tenant: str, identities: Sequence[Identity]) -> None:
        """Add identities and their links in one commit; an id may come more than once."""
        ...


async def upsert_identities(store: IdentityStore, tenant: str, identities: Sequence[Identity]) -> int:
    """Put identities; of equal ids all links are kept and the last kind wins. The number of identities written."""
    if identities:
        await store.upsert(tenant, identities)
    return len({identity.id for identity in identities})
