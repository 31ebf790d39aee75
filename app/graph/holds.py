"""Writing is held back while a backup or dump reads, or a shop is loaded: a lease in the graph (cypher/hold/)."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeVar

from app.domain.errors import HeldError

EVERYBODY = "_everybody"
"""Reserved: a hold on the writes of all shops."""
TRUST_SECONDS = 1.0
"""How long a look at the graph is believed: so long may somebody still begin to write after a hold was taken."""

_READING = "A backup is being made: reading goes on, and writing in a while; send it again then."
_LOADING = (
    "This shop is being loaded from a dump, and is written to when that is done. If it was broken off, run "
    "`plural load dump FILE` for it again."
)
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
        self._held: Mapping[str, str] = {}
        """What holds writes back, in a sentence, by tenant."""
        self._broken_off: frozenset[str] = frozenset()
        """Shops that a load left half filled: to wait for that makes no sense."""
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
            except HeldError as error:
                if not self.waits or tenant in self._broken_off:
                    raise
                if not told:
                    _log.warning("%s This waits until then.", error)
            told = True
            await asyncio.sleep(_PAUSE_SECONDS)

    async def check(self, tenant: str) -> None:
        """Raise ``HeldError`` while a tenant's writes are held back."""
        held = await self._why_held(tenant)
        if held is not None:
            raise HeldError(held)

    async def _why_held(self, tenant: str) -> str | None:
        if self.is_mine:
            return None
        if time.monotonic() - self._seen_at > TRUST_SECONDS:
            if self._looking is None or self._looking.done():  # all that ask now share one look
                self._looking = asyncio.create_task(self._look_now(), name="look for holds")
            await asyncio.shield(self._looking)
        return self._held.get(tenant) or self._held.get(EVERYBODY)

    async def _look_now(self) -> None:
        seen_at = time.monotonic()  # as of before the question
        rows = await self._look()
        self._broken_off = frozenset(row["tenant"] for row in rows if row["kind"] == "load" and row["seconds"] <= 0)
        self._held = {
            row["tenant"]: _LOADING if row["kind"] == "load" else _READING
            for row in rows
            if row["seconds"] > 0 or row["tenant"] in self._broken_off
        }
        self._seen_at = seen_at
