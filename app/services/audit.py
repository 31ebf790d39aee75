"""Use case: who did what is read, and the log is proved whole or the place is named where it is not."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Protocol

from app.domain.audit import AuditEntry, AuditQuery, Break, Chain, Head
from app.domain.hashing import Hasher

NEWEST = 2**63 - 1


class AuditStore(Protocol):
    """Where the log is kept."""

    async def read(self, tenant: str, query: AuditQuery, before_sequence: int, limit: int) -> list[AuditEntry]:
        """The newest entries below a sequence that a query asks for, newest first."""
        ...

    def walk(self, tenant: str) -> AsyncGenerator[list[AuditEntry]]:
        """Yield all entries in their sequence, page by page."""
        ...

    async def read_head(self, tenant: str) -> Head:
        """The end of the log as it is kept apart from the entries."""
        ...


@dataclass(frozen=True, slots=True)
class AuditPage:
    """Some entries, newest first, and where the older ones begin."""

    entries: list[AuditEntry]
    older: int | None
    """Ask for entries below this sequence next; ``None`` when there are no older ones."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a walk along the whole chain found."""

    entries: int
    """Entries that hold, from the first on."""
    broken: Break | None
    """The first place that does not; ``None`` when the log is whole."""
    head: Head
    sealed_from: int | None = None
    """First entry that is sealed with a key; ``None`` when there is none."""


async def read_audit(
    store: AuditStore, tenant: str, query: AuditQuery, limit: int, before_sequence: int = NEWEST
) -> AuditPage:
    """Read a page of at most ``limit`` entries, newest first."""
    entries = await store.read(tenant, query, before_sequence, limit + 1)
    page = entries[:limit]
    return AuditPage(page, page[-1].sequence if len(entries) > limit else None)


async def verify_audit(store: AuditStore, hasher: Hasher, *anchors: Head | None) -> Verdict:
    """Walk a tenant's whole chain in pages; ``anchors`` are ends of the log that were noted elsewhere before.

    Without an anchor, whoever can write to the graph could cut the end off, or write a log as it was before seals had
    a key; with one he cannot.
    """
    tenant, chain = hasher.tenant, Chain(hasher)
    at_first = await store.read_head(tenant)
    marks = [mark for mark in (*anchors, at_first) if mark is not None]
    async for page in store.walk(tenant):
        for entry in page:
            broken = chain.follow(entry) or _missed(entry, marks)
            if broken is not None:
                return Verdict(broken.sequence - 1, broken, at_first, chain.sealed_from)
    if max(mark.sequence for mark in marks) > chain.sequence:
        cut = Break(chain.sequence + 1, "the end of the log was cut off")
        return Verdict(chain.sequence, cut, at_first, chain.sealed_from)
    # Read after the entries, so that it is behind them only when there is one too many; others may append meanwhile.
    at_last = await store.read_head(tenant)
    broken = chain.end(at_last) if at_last.sequence <= chain.sequence else None
    return Verdict(min(chain.sequence, at_last.sequence), broken, at_last, chain.sealed_from)


def _missed(entry: AuditEntry, marks: list[Head]) -> Break | None:
    """Say so when a mark names this entry with another seal."""
    wrong = any(mark.sequence == entry.sequence and mark.seal != entry.seal for mark in marks)
    return Break(entry.sequence, "the entry is not the one that was noted") if wrong else None
