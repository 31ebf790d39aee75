"""Writing is held back while a backup reads: a lease in the graph, which every process looks at (cypher/hold/)."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from app.domain.errors import HeldError

EVERYBODY = "_everybody"
"""Reserved: a hold on the writes of all shops."""
TRUST_SECONDS = 1.0
"""How long a look at the graph is believed: so long may somebody still begin to write after a hold was taken."""

_PAUSE_SECONDS = 0.5
Result = TypeVar("Result")
_log = logging.getLogger("plural.holds")


class Holds:
    """What one process knows of the holds; looks again when it writes, at most once in ``TRUST_SECONDS``."""

    def __init__(self, look: Callable[[], Awaitable[list[dict[str, Any]]]]) -> None:
        self.waits = False
        """Whether whoever is held back waits, as a command does; else ``HeldError``, as a request wants it."""
        self.is_mine = False
        """Whether this process holds the others back, and may write itself."""
        self._look = look
        self._held: frozenset[str] = frozenset()
        self._seen_at = float("-inf")
        self._looking: asyncio.Task[None] | None = None

    async def write(self, tenant: str, write: Callable[[], Awaitable[Result]]) -> Result:
        """Write for a tenant by ``write``, which asks ``check`` before each transaction.

        While its writes are held back this waits, or raises ``HeldError`` unless ``waits``.
        """
        told = False
        while True:
            try:
                await self.check(tenant)
                return await write()
            except HeldError:
                if not self.waits:
                    raise
            if not told:
                _log.warning("A backup is being made: this waits until it is done.")
            told = True
            await asyncio.sleep(_PAUSE_SECONDS)

    async def check(self, tenant: str) -> None:
        """Raise ``HeldError`` while a tenant's writes are held back."""
        if await self._is_held(tenant):
            raise HeldError("A backup is being made: reading goes on, and writing in a while; send it again then.")

    async def _is_held(self, tenant: str) -> bool:
        if self.is_mine:
            return False
        if time.monotonic() - self._seen_at > TRUST_SECONDS:
            if self._looking is None or self._looking.done():  # all that ask now share one look
                self._looking = asyncio.create_task(self._look_now(), name="look for holds")
            await asyncio.shield(self._looking)
        return not self._held.isdisjoint((tenant, EVERYBODY))

    async def _look_now(self) -> None:
        seen_at = time.monotonic()  # as of before the question
        rows = await self._look()
        self._held = frozenset(row["tenant"] for row in rows if row["seconds"] > 0)
        self._seen_at = seen_at
