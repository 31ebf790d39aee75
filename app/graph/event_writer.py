"""The one writer of events in a process: gathers what waits and commits it in groups."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Self

from app.domain.evidence import EvidenceRules
from app.domain.models import IngestReport, Interaction
from app.graph.database import Database, Transaction
from app.graph.interactions import Written, write_interactions
from app.graph.tombstones import Tombstones


@dataclass(slots=True)
class _Batch:
    """One caller's interactions and the promise to say what became of them."""

    tenant: str
    interactions: Sequence[Interaction]
    report: "asyncio.Future[IngestReport]"
    is_public: bool
    """Whether a key brought it that everybody can read."""
    lines: int = field(init=False)

    def __post_init__(self) -> None:
        self.lines = sum(max(1, len(i.lines)) for i in self.interactions)


class EventWriter:
    """Commits the batches of all callers in groups; implements ``EventStore``.

    Concurrent writers deadlock on popular products, whose lock everybody wants; here a hundred callers that post
    about one best seller share one transaction and are answered after it is on disk. A group that fails is
    written again batch by batch, so that no caller pays for another's rows. Use as an async context manager.
    """

    def __init__(self, db: Database, tombstones: Tombstones, rules: EvidenceRules, commit_lines: int) -> None:
        self._db = db
        self._tombstones = tombstones
        self._rules = rules
        self._commit_lines = commit_lines
        self._waiting: asyncio.Queue[_Batch] = asyncio.Queue()
        self._held_back: _Batch | None = None
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._run())
        return self

    async def __aexit__(self, *_: object) -> None:
        """Write what waits, then stop."""
        await self._waiting.join()
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    async def append(
        self, tenant: str, interactions: Sequence[Interaction], *, is_public: bool = False
    ) -> IngestReport:
        """Wait until a batch is on disk; what became of its interactions."""
        batch = _Batch(tenant, interactions, asyncio.get_running_loop().create_future(), is_public)
        self._waiting.put_nowait(batch)
        return await batch.report

    async def _run(self) -> None:
        while True:
            group = await self._gather()
            by_tenant: dict[str, list[_Batch]] = {}
            for batch in group:
                by_tenant.setdefault(batch.tenant, []).append(batch)
            for tenant, batches in by_tenant.items():
                await self._commit(tenant, batches)
            for _ in group:
                self._waiting.task_done()

    async def _gather(self) -> list[_Batch]:
        """Wait for one batch, then take all that wait, up to the lines of one commit."""
        first = self._held_back or await self._waiting.get()
        self._held_back = None
        group, lines = [first], first.lines
        while not self._waiting.empty():
            batch = self._waiting.get_nowait()
            if lines + batch.lines > self._commit_lines:
                self._held_back = batch
                break
            group.append(batch)
            lines += batch.lines
        return group

    async def _commit(self, tenant: str, batches: list[_Batch]) -> None:
        """Write a group in one transaction and tell each caller; alone when the group fails."""
        together = [interaction for batch in batches for interaction in batch.interactions]
        public_ids = _public_ids(batches)

        async def work(transaction: Transaction) -> Written:
            return await write_interactions(transaction, tenant, together, self._rules, self._tombstones, public_ids)

        try:
            written = await self._db.transact(work)
        except Exception as error:
            if len(batches) > 1:
                for batch in batches:
                    await self._commit(tenant, [batch])
            elif not batches[0].report.done():
                batches[0].report.set_exception(error)
            return
        _tell(batches, written)


def _public_ids(batches: list[_Batch]) -> set[str]:
    """Identities of whom nobody but public keys speaks."""
    public, others = (
        {one.identity_id for batch in batches if batch.is_public == kind for one in batch.interactions}
        for kind in (True, False)
    )
    return public - others


def _tell(batches: list[_Batch], written: Written) -> None:
    """Count an id for the first batch that brought it; callers that gave up waiting hear nothing."""
    fresh = written.new
    for batch in batches:
        mine = {interaction.id for interaction in batch.interactions} & fresh
        fresh -= mine
        erased = sum(interaction.identity_id in written.erased for interaction in batch.interactions)
        if not batch.report.done():
            duplicates = len(batch.interactions) - len(mine) - erased
            batch.report.set_result(IngestReport(accepted=len(mine), duplicates=duplicates, erased=erased))
