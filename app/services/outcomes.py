"""Use case: what is known of creatives sharpens which of them is shown."""

from datetime import datetime, timedelta
from typing import Protocol

from cachetools import TTLCache

from app.domain import clock
from app.recommend.sampler import Outcomes

BELIEVED_SECONDS = 60.0
DAYS = 90
"""What was shown before counts no more."""
_MOST_TENANTS = 1_000


class OutcomeStore(Protocol):
    """Where what was shown, and what came of it, is logged."""

    async def tally(self, tenant: str, now: datetime, since: datetime) -> Outcomes:
        """Outcomes by community and creative, of those who may be measured and learned from now."""
        ...


class OutcomeBook:
    """Counts outcomes anew once a minute at most; one a process."""

    def __init__(self, store: OutcomeStore, believed_seconds: float = BELIEVED_SECONDS) -> None:
        self._store = store
        self._believed = TTLCache[str, Outcomes](_MOST_TENANTS, believed_seconds)

    async def of(self, tenant: str) -> Outcomes:
        """Outcomes of the last days; the same object until they are counted anew."""
        believed = self._believed.get(tenant)
        if believed is None:
            now = clock.now()
            believed = await self._store.tally(tenant, now, now - timedelta(days=DAYS))
            self._believed[tenant] = believed
        return believed
