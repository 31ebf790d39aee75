"""Who writes next: a tenant writes one thing at a time, several tenants at once, and those that wait do so in turn."""

import asyncio
from collections import OrderedDict, deque
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager


class Turns:
    """A lock for each tenant; not more than ``most`` are taken at once.

    Whoever waits is served tenant by tenant, and within a tenant in the order of arrival: one with much to write, in
    parts, delays the others by a part of it at most.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._writing: set[str] = set()
        self._waiting: OrderedDict[str, deque[asyncio.Future[None]]] = OrderedDict()

    @asynccontextmanager
    async def take(self, tenant: str) -> AsyncGenerator[None]:
        """Wait for a turn of ``tenant``; it lasts as long as the block."""
        if self._may_write(tenant):
            self._writing.add(tenant)
        else:
            await self._wait(tenant)
        try:
            yield
        finally:
            self._end(tenant)

    def _may_write(self, tenant: str) -> bool:
        return tenant not in self._writing and len(self._writing) < self._most

    async def _wait(self, tenant: str) -> None:
        turn = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(tenant, deque()).append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():  # it came together with the end: somebody else takes it
                self._end(tenant)
            raise

    def _end(self, tenant: str) -> None:
        """Pass the turn on; it is never free in between, so that nobody overtakes those who wait."""
        self._writing.discard(tenant)
        while len(self._writing) < self._most and (following := self._next_tenant()) is not None:
            self._writing.add(following)

    def _next_tenant(self) -> str | None:
        """Wake the first waiter of the tenant that waits longest; whose turn it is, ``None`` where nobody can write."""
        for tenant in [one for one in self._waiting if one not in self._writing]:
            waiters = self._waiting.pop(tenant)
            while waiters:
                turn = waiters.popleft()
                if not turn.done():
                    turn.set_result(None)
                    if waiters:
                        self._waiting[tenant] = waiters  # at the end
                    return tenant
        return None
