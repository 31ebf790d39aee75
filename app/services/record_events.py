"""Use case: what identities did is written down, once, with the likes that follow from it."""

from collections.abc import Sequence
from typing import Protocol

from app.domain.models import IngestReport, Interaction


class EventStore(Protocol):
    """Where interactions are kept."""

    async def append(
        self, tenant: str, interactions: Sequence[Interaction], *, is_public: bool = False
    ) -> IngestReport:
        """Write what is not there yet, with its likes, part by part; nothing of anybody who was erased."""
        ...


async def record_events(
    store: EventStore, tenant: str, interactions: Sequence[Interaction], *, is_public: bool = False
) -> IngestReport:
    """Record a batch; on disk when this returns.

    An id that is on disk already, or comes twice in the batch, changes nothing and counts as a duplicate. What an
    erased identity is said to have done is dropped and counted. Unknown identities become anonymous ones; unknown
    products are kept and join the catalogue when they come. Whom a public key brings (``is_public``) counts in figures
    later than whom a server knows.
    """
    return await store.append(tenant, interactions, is_public=is_public) if interactions else IngestReport()
