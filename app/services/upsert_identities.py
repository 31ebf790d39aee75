"""Use case: identities, and the links that are asserted together with them."""

from collections.abc import Sequence
from typing import Protocol

from app.domain.models import Identity


class IdentityStore(Protocol):
    """Where identities are kept."""

    async def upsert(self, tenant: str, identities: Sequence[Identity]) -> None:
        """Add identities and their links in one commit."""
        ...


async def upsert_identities(store: IdentityStore, tenant: str, identities: Sequence[Identity]) -> int:
    """Put identities, the last of equal ids wins; the number of identities written."""
    latest = {identity.id: identity for identity in identities}
    if latest:
        await store.upsert(tenant, list(latest.values()))
    return len(latest)
