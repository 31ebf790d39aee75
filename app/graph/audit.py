"""The audit log in the graph (cypher/audit/): entries are written with what they tell of, or neither is."""

import json
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from dataclasses import replace

from app.domain import clock
from app.domain.audit import NOTHING_BEFORE, Act, AuditEntry, AuditQuery, Head, seal_of
from app.domain.hashing import Hasher
from app.graph.database import Database, Row, Transaction
from app.graph.times import from_ms, to_ms

_LOWEST = -(2**63)
_PAGE = 2_000


class AuditTrail:
    """Appends acts to a tenant's log; ids are kept as keyed hashes only."""

    def __init__(self, hasher: Callable[[str], Hasher]) -> None:
        self._hasher = hasher

    async def append(self, transaction: Transaction, tenant: str, *acts: Act) -> None:
        """Append acts inside the transaction that does what they tell; call it last, it locks the tenant's log."""
        if not acts:
            return
        (head,) = await transaction.run("audit/lock_head", tenant=tenant)
        rows: list[Row] = []
        sequence, previous = head["sequence"], head["seal"] or NOTHING_BEFORE
        for act in acts:
            sequence += 1
            entry = self._entry(tenant, act, sequence, previous)
            previous = entry.seal
            rows.append(_row(entry))
        await transaction.run("audit/append_entries", tenant=tenant, rows=rows)

    def _entry(self, tenant: str, act: Act, sequence: int, previous: str) -> AuditEntry:
        hasher = self._hasher(tenant)
        entry = AuditEntry(
            sequence=sequence,
            at=from_ms(to_ms(clock.now())),
            actor=act.actor,
            action=act.action,
            subjects=tuple(hasher.subject(kind, id_) for kind, id_ in act.subjects),
            detail=json.dumps(dict(act.detail or {}), sort_keys=True),
            previous=previous,
            seal="",
            key_version=hasher.version,
        )
        return replace(entry, seal=seal_of(entry, hasher))


def _row(entry: AuditEntry) -> Row:
    return {
        "id": f"{entry.sequence:012d}",
        "sequence": entry.sequence,
        "at_ms": to_ms(entry.at),
        "actor": entry.actor,
        "action": entry.action,
        "subjects": list(entry.subjects),
        "detail": entry.detail,
        "previous": entry.previous,
        "seal": entry.seal,
        "key_version": entry.key_version,
    }


class AuditGraph:
    """Reads the log; implements ``AuditStore``."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def read(self, tenant: str, query: AuditQuery, before_sequence: int, limit: int) -> list[AuditEntry]:
        """The newest entries below a sequence that a query asks for, newest first (audit/read_entries.cypher)."""
        rows = await self._db.read(
            "audit/read_entries",
            tenant=tenant,
            before_sequence=before_sequence,
            action=query.action,
            subjects=None if query.subjects is None else list(query.subjects),
            after=query.after,
            before=query.before,
            limit=limit,
        )
        return entries_of(rows)

    async def walk(self, tenant: str) -> AsyncGenerator[list[AuditEntry]]:
        """Yield all entries in their sequence, page by page (audit/walk_entries.cypher)."""
        sequence, id_ = _LOWEST, ""
        while rows := await self._db.read(
            "audit/walk_entries", tenant=tenant, after_sequence=sequence, after_id=id_, limit=_PAGE
        ):
            sequence, id_ = rows[-1]["sequence"], rows[-1]["id"]
            yield entries_of(rows)

    async def read_head(self, tenant: str) -> Head:
        """The end of the log as it is kept apart from the entries (audit/read_head.cypher)."""
        rows = await self._db.read("audit/read_head", tenant=tenant)
        return Head(rows[0]["sequence"], rows[0]["seal"] or "") if rows else Head()

    async def list_heads(self, noted: Mapping[str, Head]) -> dict[str, tuple[Head, str | None]]:
        """The end of each tenant's log, and the seal that stands now where one was noted (audit/list_heads.cypher)."""
        rows = [{"tenant": tenant, "sequence": head.sequence} for tenant, head in noted.items()]
        found = await self._db.read("audit/list_heads", noted=rows)
        return {row["tenant"]: (Head(row["sequence"], row["seal"] or ""), row["noted_seal"]) for row in found}


def entries_of(rows: Sequence[Row]) -> list[AuditEntry]:
    """Read entries as every audit statement returns them; one that was tampered with may lack anything."""
    return [
        AuditEntry(
            sequence=row["sequence"],
            at=from_ms(row["at_ms"] or 0),
            actor=row["actor"],
            action=row["action"],
            subjects=tuple(row["subjects"] or ()),
            detail=row["detail"],
            previous=row["previous"],
            seal=row["seal"],
            key_version=row["key_version"],
        )
        for row in rows
    ]
