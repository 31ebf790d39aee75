"""Erases identities from the graph, in batches that can be broken off and finished by anybody (cypher/erase/)."""

import json
import secrets
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict, replace

from app.domain import clock
from app.domain.audit import Act
from app.domain.erasure import Counts, Erasure, ErasurePlan, Holder, KnownIdentity, Pending, SubjectKind, waits_for
from app.domain.evidence import EvidenceRules
from app.domain.hashing import Hasher
from app.domain.orders import waiting_place
from app.graph.audit import AuditTrail
from app.graph.claims import end_claims_on_erased
from app.graph.database import Database, Row, Transaction
from app.graph.times import from_ms, from_optional_ms
from app.graph.tombstones import find_erased_orders

BATCH = 2_000
"""Nodes, or relationships, that one transaction removes."""

_STEPS = ("end_claims", "remove_own", "remove_ties", "remove_identities")
_BURIED = ("person", "account")
"""Holders that must not come back; a household may, with another family in it, unless it was itself asked for."""


_Run = Callable[..., Awaitable[list[Row]]]


class ErasureGraph:
    """Plans, begins and reads erasures; implements ``ErasureStore``."""

    def __init__(
        self, db: Database, audit: AuditTrail, hasher: Callable[[str], Hasher], evidence: EvidenceRules
    ) -> None:
        self._db = db
        self._audit = audit
        self._hasher = hasher
        self._evidence = evidence

    async def plan(self, tenant: str, kind: SubjectKind, id_: str) -> ErasurePlan | None:
        """All that would go with an identity, person or household; ``None`` when the tenant has none of that id."""
        plan = await self._list(self._db.read, tenant, kind, id_)
        if plan is None:
            return None
        (scope,) = await self._db.run_long(
            "erase/count_scope",
            tenant=tenant,
            identity_ids=[one.id for one in plan.identities],
            holders=[asdict(holder) for holder in plan.holders],
        )
        digests = self._digests(tenant, plan.identities, plan.holders)
        (ended,) = await self._db.read("erase/count_ended", tenant=tenant, digests=digests)
        return replace(plan, goes=_counts(scope) + _ended_links(ended), stays=dict(scope["stays"]))

    async def begin(self, tenant: str, plan: ErasurePlan, actor: str) -> str | None:
        """Write tombstones, receipt, audit entry and the list of what goes, in one commit; the receipt's id.

        Their consents go with that commit: whoever is on the list is denied from it on, however long the rest takes.
        ``None``, with nothing written, when by now something else would go than ``plan`` names.
        """
        erasure_id = secrets.token_hex(12)

        async def work(transaction: Transaction) -> str | None:
            await transaction.run("links/lock_links", tenant=tenant)
            if await transaction.run("erase/lock_erasure", tenant=tenant, id=erasure_id):
                return erasure_id  # written before, and only its answer was lost
            present = await self._list(transaction.run, tenant, plan.kind, plan.id)
            if present is None or present.identities != plan.identities:
                return None
            await self._begin(transaction, tenant, erasure_id, present, actor)
            return erasure_id

        return await self._db.transact(work, tenant=tenant)

    async def unfinished(self) -> list[Pending]:
        """Erasures of all tenants whose list is not worked off, oldest first (erase/find_all_pending.cypher)."""
        rows = await self._db.run_long("erase/find_all_pending")
        return [Pending(row["tenant"], row["id"]) for row in rows]

    async def finish(self, tenant: str, erasure_id: str) -> None:
        """Remove what is on an erasure's list; harmless when that is done, or done by somebody else meanwhile."""
        await finish_erasure(self._db, tenant, erasure_id, self._evidence)

    async def find(self, tenant: str, kind: SubjectKind, id_: str) -> str | None:
        """The id of the receipt of somebody who was erased; ``None`` for anybody else."""
        digests = self._hasher(tenant).every_subject(kind, id_)
        rows = await self._db.read("erase/find_tombstones", tenant=tenant, digests=list(digests))
        return rows[0]["erasure"] if rows else None

    async def read(self, tenant: str, erasure_id: str) -> Erasure | None:
        """One receipt (erase/read_erasure.cypher); ``None`` when there is none of that id."""
        rows = await self._db.read("erase/read_erasure", tenant=tenant, id=erasure_id)
        return _erasure(rows[0]) if rows else None

    async def read_graves(self, tenant: str, erasure_id: str) -> list[str]:
        """The tombstones of an erasure, as keyed hashes (erase/read_graves.cypher)."""
        return [row["id"] for row in await self._db.read("erase/read_graves", tenant=tenant, erasure=erasure_id)]

    async def _list(self, run: _Run, tenant: str, kind: SubjectKind, id_: str) -> ErasurePlan | None:
        """Name what would go, without its numbers."""
        (found,) = await run("erase/find_identities", tenant=tenant, kind=kind, id=id_)
        if not found["known"]:
            return None
        identities = tuple(KnownIdentity(*one) for one in found["identities"])
        ids = [one.id for one in identities]
        (scope,) = await run("erase/find_holders", tenant=tenant, identity_ids=ids, kind=kind, id=id_)
        return ErasurePlan(kind, id_, identities, tuple(Holder(*one) for one in sorted(scope["holders"])))

    async def _begin(
        self, transaction: Transaction, tenant: str, erasure_id: str, plan: ErasurePlan, actor: str
    ) -> None:
        hasher = self._hasher(tenant)
        digests = self._digests(tenant, plan.identities, plan.holders)
        (ended,) = await transaction.run("erase/remove_ended", tenant=tenant, digests=digests)
        buried = [("identity", one.id) for one in plan.identities]
        buried += [(one.kind, one.id) for one in plan.holders if one.asked_for or one.kind in _BURIED]
        orders = await find_erased_orders(transaction, tenant, [one.id for one in plan.identities])
        waiting = [("identity", waiting_place(order_id)) for order_id in orders]
        await transaction.run(
            "erase/begin_erasure",
            tenant=tenant,
            id=erasure_id,
            kind=plan.kind,
            at=clock.now(),
            counts=_json(_ended_links(ended)),
            identity_ids=[one.id for one in plan.identities],
            holders=[asdict(holder) for holder in plan.holders],
            graves=[hasher.subject(kind, id_) for kind, id_ in (*buried, *waiting)],
        )
        for step in ("keep_listed", "keep_planned", "remove_consents"):
            while await _remove(transaction, tenant, erasure_id, step):
                pass
        act = Act(actor, "erase", tuple(buried), {"erasure": erasure_id, "kind": plan.kind})
        await self._audit.append(transaction, tenant, act)

    def _digests(self, tenant: str, identities: Sequence[KnownIdentity], holders: Sequence[Holder]) -> list[str]:
        """Keyed hashes of all that goes, under every key."""
        hasher = self._hasher(tenant)
        subjects = [*(("identity", one.id) for one in identities), *((one.kind, one.id) for one in holders)]
        return [digest for kind, id_ in subjects for digest in hasher.every_subject(kind, id_)]


async def finish_erasures(db: Database, tenant: str, evidence: EvidenceRules) -> None:
    """Finish the erasures of a tenant that were broken off; what a refresh does before it learns."""
    for row in await db.run_long("erase/find_pending", tenant=tenant):
        await finish_erasure(db, tenant, row["id"], evidence)


async def finish_erasure(db: Database, tenant: str, erasure_id: str, evidence: EvidenceRules) -> None:
    """Work off one erasure's list, batch by batch; each batch and its counts are one commit."""
    while not await _is_over(db, tenant, erasure_id):
        for step in _STEPS:
            while await _remove_batch(db, tenant, erasure_id, step, evidence):
                pass


async def _remove_batch(db: Database, tenant: str, erasure_id: str, step: str, evidence: EvidenceRules) -> bool:
    """Remove one batch; whether there was anything to remove."""

    async def work(transaction: Transaction) -> bool:
        await transaction.run("links/lock_links", tenant=tenant)
        if step == "end_claims":
            return bool(await _end_claims(transaction, tenant, erasure_id, evidence))
        return bool(await _remove(transaction, tenant, erasure_id, step))

    return await db.transact(work, tenant=tenant)


async def _remove(transaction: Transaction, tenant: str, erasure_id: str, step: str) -> Counts:
    """Remove one batch and add it to the receipt; what went."""
    (row,) = await transaction.run(f"erase/{step}", tenant=tenant, id=erasure_id, limit=BATCH)
    return await _noted(transaction, tenant, erasure_id, _counts(row))


async def _end_claims(transaction: Transaction, tenant: str, erasure_id: str, evidence: EvidenceRules) -> Counts:
    """End what others have claimed of what goes, so that nothing of it stays in what they like."""
    ended = await end_claims_on_erased(transaction, tenant, erasure_id, BATCH, evidence)
    return await _noted(transaction, tenant, erasure_id, Counts(relationships={"CLAIMED": ended} if ended else {}))


async def _noted(transaction: Transaction, tenant: str, erasure_id: str, gone: Counts) -> Counts:
    found = await transaction.run("erase/lock_erasure", tenant=tenant, id=erasure_id)
    if gone and found:
        counts = Counts(**json.loads(found[0]["counts"])) + gone
        await transaction.run("erase/keep_counts", tenant=tenant, id=erasure_id, counts=_json(counts))
    return gone


async def _is_over(db: Database, tenant: str, erasure_id: str) -> bool:
    """Remove persons, accounts and households once no identity is left on the list, and close the receipt."""

    async def work(transaction: Transaction) -> bool:
        await transaction.run("links/lock_links", tenant=tenant)
        found = await transaction.run("erase/lock_erasure", tenant=tenant, id=erasure_id)
        if not found or found[0]["erased"]:
            return True
        if found[0]["identities_left"]:
            return False
        await _remove(transaction, tenant, erasure_id, "remove_holders")
        (row,) = await transaction.run("erase/lock_erasure", tenant=tenant, id=erasure_id)
        waiting = list(waits_for(Counts(**json.loads(row["counts"]))))
        now = clock.now()
        await transaction.run("erase/end_erasure", tenant=tenant, id=erasure_id, at=now, waiting=waiting)
        return True

    return await db.transact(work, tenant=tenant)


def _counts(row: Row) -> Counts:
    return Counts(dict(row["nodes"]), dict(row["relationships"]))


def _ended_links(row: Row) -> Counts:
    return Counts({"EndedLink": row["number"]} if row["number"] else {})


def _json(counts: Counts) -> str:
    return json.dumps(asdict(counts), sort_keys=True)


def _erasure(row: Row) -> Erasure:
    return Erasure(
        id=row["id"],
        kind=row["kind"],
        at=from_ms(row["at_ms"]),
        counts=Counts(**json.loads(row["counts"])),
        waiting=tuple(row["waiting"]),
        erased_at=from_optional_ms(row["erased_ms"]),
        finished_at=from_optional_ms(row["finished_ms"]),
        finished_by=row["finished_by"],
    )
