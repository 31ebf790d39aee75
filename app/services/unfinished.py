"""Erasures that were broken off go on by themselves: at the next start, or once the database answers again."""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Protocol

from app.background import Background
from app.domain.erasure import Pending
from app.domain.errors import UnavailableError

PAUSE_SECONDS = 5.0
_log = logging.getLogger("plural.erasures")


class PendingStore(Protocol):
    """Where erasures are kept."""

    async def unfinished(self) -> list[Pending]:
        """Those of all tenants that were accepted and not worked off."""
        ...

    async def finish(self, tenant: str, erasure_id: str) -> None:
        """Work one off; harmless when that is done."""
        ...


class Unfinished(Background):
    """Works off, beside the service, what a kill or a lost database left behind.

    Nobody waits for it: who is on a list is denied since the erasure was accepted. Ends with its block; what is left
    then is for the next start.
    """

    name = "unfinished erasures"

    def __init__(self, store: PendingStore, pause_seconds: float = PAUSE_SECONDS) -> None:
        self._store = store
        self._pause_seconds = pause_seconds
        self._left: deque[Pending] = deque()
        self._noted = asyncio.Event()

    def note(self, pending: Pending) -> None:
        """Take one that could not be worked off just now."""
        if pending not in self._left:
            self._left.append(pending)
            self._noted.set()

    async def _run(self) -> None:
        while not await self._go_on(self._find):
            await asyncio.sleep(self._pause_seconds)
        while True:
            await self._noted.wait()
            self._noted.clear()
            while self._left:
                if not await self._go_on(self._work_off_first):
                    await asyncio.sleep(self._pause_seconds)

    async def _find(self) -> None:
        found = await self._store.unfinished()
        for pending in found:
            self.note(pending)
        if found:
            _log.info("%d erasures were broken off and go on", len(found))

    async def _work_off_first(self) -> None:
        pending = self._left[0]
        await self._store.finish(pending.tenant, pending.id)
        self._left.popleft()

    async def _go_on(self, work: Callable[[], Awaitable[None]]) -> bool:
        """Whether it could be done; a fault of its own must not end what comes after it."""
        try:
            await work()
        except UnavailableError:
            return False
        except Exception as error:
            _log.error("an erasure cannot be finished: %s", type(error).__qualname__)
            self._left.rotate(-1)
            return False
        return True
