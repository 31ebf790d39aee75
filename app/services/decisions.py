"""The decision log: what was shown is written down behind the answer's back, and what is lost is counted."""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from app.domain.errors import HeldError, UnavailableError
from app.domain.recommendation import Decision
from app.services.write_behind import WriteBehind

_log = logging.getLogger("plural.decisions")


class DecisionStore(Protocol):
    """Where decisions are kept."""

    async def write_decisions(self, tenant: str, decisions: Sequence[Decision]) -> None:
        """Keep decisions; those with an identity are linked to it. A replay changes nothing."""
        ...


class DecisionLog(WriteBehind):
    """Takes decisions without waiting and writes them in batches; ``async with`` it, so that the rest is flushed.

    A decision is lost, and counted in ``lost``, when ``capacity`` others wait or when its batch failed
    ``attempts`` times; at the end each batch is tried once. While a backup holds writing back they wait.
    """

    def __init__(
        self,
        store: DecisionStore,
        on_lost: Callable[[int], None] = lambda _: None,
        *,
        capacity: int = 20_000,
        batch_size: int = 500,
        pause_seconds: float = 0.5,
        attempts: int = 3,
    ) -> None:
        super().__init__("decision log", batch_size, pause_seconds)
        self.lost = 0
        self._store = store
        self._on_lost = on_lost
        self._attempts = attempts
        self._waiting: asyncio.Queue[tuple[str, Decision]] = asyncio.Queue(capacity)

    def offer(self, tenant: str, decision: Decision) -> None:
        """Take one decision; never waits."""
        try:
            self._waiting.put_nowait((tenant, decision))
        except asyncio.QueueFull:
            self._lose(1)

    def number_waiting(self) -> int:
        """How many decisions wait to be written."""
        return self._waiting.qsize()

    async def write_batch(self) -> None:
        """Write a batch, one call a tenant."""
        for tenant, decisions in self._take_batch().items():
            await self._write(tenant, decisions)

    def _take_batch(self) -> Mapping[str, list[Decision]]:
        """At most ``batch_size`` of what waits, by tenant."""
        batch: defaultdict[str, list[Decision]] = defaultdict(list)
        for _ in range(min(self.batch_size, self._waiting.qsize())):
            tenant, decision = self._waiting.get_nowait()
            batch[tenant].append(decision)
        return batch

    async def _write(self, tenant: str, decisions: Sequence[Decision]) -> None:
        attempt = 0
        while True:
            try:
                await self._store.write_decisions(tenant, decisions)
                return
            except UnavailableError as error:
                attempt += not isinstance(error, HeldError)
                if attempt == self._attempts or self.is_stopping:  # nobody waits for a database at the end
                    break
                await asyncio.sleep(self.pause_seconds * 2**attempt)
            except Exception as error:
                _log.error("a batch of decisions was refused: %s", type(error).__qualname__)
                break
        _log.warning("%d decisions lost", len(decisions))
        self._lose(len(decisions))

    def _lose(self, number: int) -> None:
        self.lost += number
        self._on_lost(number)
