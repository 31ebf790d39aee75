"""Use case: what identities did is written down, once, with the likes that follow from it."""

from collections.abc import Sequence
from typing import Protocol

from app.domain.models import IngestReport, Interaction


class EventStore(Protocol):
    """Where interactions are kept."""

    async def append(self, tenant: str, interactions: Sequence[Interaction]) -> int:
        """Write what is not there yet, with its likes, in one commit; the number that was new."""
        ...


async def record_events(store: EventStore, tenant: str, interactions: Sequence[Interaction]) -> IngestReport:
    """Record a batch; on disk when this returns.

    An id that is on disk already, or comes twice in the batch, changes nothing and counts as a duplicate. Unknown
    identities become anonymous ones; unknown products are kept and join the catalogue when they come.
    """
    if not interactions:
        return IngestReport()
    accepted = await store.append(tenant, interactions)
    return IngestReport(accepted=accepted, duplicates=len(interactions) - accepted)
