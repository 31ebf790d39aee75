"""Use case: identities, and the links that are asserted together with them."""

from collections.abc import Sequence
from typing import Protocol

from app.domain.models import Identity, IngestReport


class IdentityStore(Protocol):
    """Where identities are kept."""

    async def upsert(self, tenant: str, identities: Sequence[Identity], actor: str) -> set[str]:
        """Add identities and their links in one commit; the ids of those that were erased and stay so."""
        ...


async def upsert_identities(
    store: IdentityStore, tenant: str, identities: Sequence[Identity], actor: str = "plural"
) -> IngestReport:
    """Put identities; of equal ids all links are kept and the last kind wins.

    A row of one that was erased is dropped and counted. ``actor`` goes into the audit log.
    """
    if not identities:
        return IngestReport()
    erased = await store.upsert(tenant, identities, actor)
    dropped = sum(identity.id in erased for identity in identities)
    return IngestReport(accepted=len(identities) - dropped, erased=dropped)
