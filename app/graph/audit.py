"""The audit log in the graph (cypher/audit/): entries are written with what they tell of, or neither is."""

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from app.domain.audit import NOTHING_BEFORE, Act, AuditEntry, seal_of
from app.domain.hashing import Hasher
from app.graph.database import Row, Transaction
from app.graph.times import from_ms, to_ms


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
        digest = self._hasher(tenant).subject
        entry = AuditEntry(
            sequence=sequence,
            at=from_ms(to_ms(datetime.now(UTC))),
            actor=act.actor,
            action=act.action,
            subjects=tuple(digest(kind, id_) for kind, id_ in act.subjects),
            detail=json.dumps(dict(act.detail or {}), sort_keys=True),
            previous=previous,
            seal="",
        )
        return replace(entry, seal=seal_of(entry))


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
    }


def entries_of(rows: Sequence[Row]) -> list[AuditEntry]:
    """Read entries as every audit statement returns them."""
    return [
        AuditEntry(
            sequence=row["sequence"],
            at=from_ms(row["at_ms"]),
            actor=row["actor"],
            action=row["action"],
            subjects=tuple(row["subjects"]),
            detail=row["detail"],
            previous=row["previous"],
            seal=row["seal"],
        )
        for row in rows
    ]
