"""The one writer of events in a process: gathers what waits and commits it in small parts, each tenant by itself."""

import asyncio
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Self

from app.domain.errors import UnavailableError
from app.domain.evidence import EvidenceRules
from app.domain.models import IngestReport, Interaction
from app.graph.database import Database, Transaction
from app.graph.interactions import Written, write_interactions
from app.graph.tombstones import Tombstones


@dataclass(slots=True)
class _Part:
    """Some of one caller's interactions and the promise to say what became of them."""

    interactions: Sequence[Interaction]
    report: "asyncio.Future[IngestReport]"
    is_public: bool
    """Whether a key brought it that everybody can read."""
    lines: int = field(init=False)

    def __post_init__(self) -> None:
        self.lines = sum(map(_lines, self.interactions))


class EventWriter:
    """Commits the interactions of all callers; implements ``EventStore``.

    Concurrent writers deadlock on popular products, whose lock everybody wants; here a hundred callers that post
    about one best seller share one transaction and are answered after it is on disk. A tenant has one commit at a time,
    of at most ``commit_lines`` lines (or one interaction that has more). A caller who brings more waits for part after
    part; what other callers of the tenant bring comes in between. A group that fails is written again part by part, so
    that no caller pays for another's rows. Use as an async context manager.
    """

    def __init__(self, db: Database, tombstones: Tombstones, rules: EvidenceRules, commit_lines: int) -> None:
        self._db = db
        self._tombstones = tombstones
        self._rules = rules
        self._commit_lines = commit_lines
        self._waiting: dict[str, deque[_Part]] = {}
        self._writing: dict[str, asyncio.Task[None]] = {}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        """Write what waits, then stop."""
        while self._writing:
            await asyncio.wait(self._writing.values())

    async def append(
        self, tenant: str, interactions: Sequence[Interaction], *, is_public: bool = False
    ) -> IngestReport:
        """Wait until all are on disk, part by part; what became of them.

        An error of one part ends it; the parts before stay on disk, and count as duplicates when they come again.
        """
        report = IngestReport()
        for interactions_of_part in _cut(interactions, self._commit_lines):
            part = _Part(interactions_of_part, asyncio.get_running_loop().create_future(), is_public)
            self._waiting.setdefault(tenant, deque()).append(part)
            if tenant not in self._writing:
                self._writing[tenant] = asyncio.create_task(self._write(tenant))
            report += await part.report
        return report

    async def _write(self, tenant: str) -> None:
        """Write what waits of a tenant, as long as something does."""
        try:
            while self._waiting[tenant]:
                await self._commit(tenant, self._gather(tenant))
        finally:
            del self._waiting[tenant], self._writing[tenant]

    def _gather(self, tenant: str) -> list[_Part]:
        """Take as many parts as one commit holds."""
        parts = self._waiting[tenant]
        group = [parts.popleft()]
        lines = group[0].lines
        while parts and lines + parts[0].lines <= self._commit_lines:
            lines += parts[0].lines
            group.append(parts.popleft())
        return group

    async def _commit(self, tenant: str, parts: list[_Part]) -> None:
        """Write a group in one transaction and tell each caller; alone when the group fails."""
        together = [interaction for part in parts for interaction in part.interactions]
        public_ids = _public_ids(parts)

        async def work(transaction: Transaction) -> Written:
            return await write_interactions(transaction, tenant, together, self._rules, self._tombstones, public_ids)

        try:
            written = await self._db.transact(work, tenant=tenant)
        except Exception as error:
            # Where the database is away or too slow it is nobody's rows, and each try would take as long again.
            if len(parts) == 1 or isinstance(error, UnavailableError):
                _fail(parts, error)
                return
            for part in parts:
                await self._commit(tenant, [part])
        else:
            _tell(parts, written)


def _cut(interactions: Sequence[Interaction], most_lines: int) -> Iterator[Sequence[Interaction]]:
    """Cut a batch into consecutive parts of at most ``most_lines`` lines, or of one interaction that has more."""
    start, lines = 0, 0
    for place, interaction in enumerate(interactions):
        more = _lines(interaction)
        if place > start and lines + more > most_lines:
            yield interactions[start:place]
            start, lines = place, 0
        lines += more
    if interactions:
        yield interactions[start:]


def _lines(interaction: Interaction) -> int:
    """An interaction counts even when it names no product."""
    return max(1, len(interaction.lines))


def _public_ids(parts: list[_Part]) -> set[str]:
    """Identities of whom nobody but public keys speaks."""
    public, others = (
        {one.identity_id for part in parts if part.is_public == kind for one in part.interactions}
        for kind in (True, False)
    )
    return public - others


def _fail(parts: list[_Part], error: Exception) -> None:
    for part in parts:
        if not part.report.done():
            part.report.set_exception(error)


def _tell(parts: list[_Part], written: Written) -> None:
    """Count an id for the first part that brought it; callers that gave up waiting hear nothing."""
    fresh = written.new
    for part in parts:
        mine = {interaction.id for interaction in part.interactions} & fresh
        fresh -= mine
        erased = sum(interaction.identity_id in written.erased for interaction in part.interactions)
        if not part.report.done():
            duplicates = len(part.interactions) - len(mine) - erased
            unmatched = sum(written.unmatched.get(id_, 0) for id_ in mine)
            part.report.set_result(IngestReport(len(mine), duplicates, erased, unmatched))
