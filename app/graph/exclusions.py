"""Exclusions in the graph: an EXCLUDES edge each (cypher/exclusions/), and the likes that are left."""

from collections.abc import Sequence

from app.domain import clock
from app.domain.audit import Act
from app.domain.errors import ConflictError
from app.domain.evidence import EvidenceRules
from app.domain.exclusions import MOST, Excluding, Exclusion
from app.graph.audit import AuditTrail
from app.graph.batch_lookup import make_visitor
from app.graph.database import Database, Row, Transaction
from app.graph.interactions import recount_all
from app.graph.times import from_ms
from app.graph.tombstones import Tombstones


class ExclusionGraph:
    """Keeps exclusions, each change with its likes and its audit entry in one commit; implements ``ExclusionStore``."""

    def __init__(self, db: Database, tombstones: Tombstones, audit: AuditTrail, rules: EvidenceRules) -> None:
        self._db = db
        self._tombstones = tombstones
        self._audit = audit
        self._rules = rules

    async def exclude(
        self, tenant: str, identity_id: str, what: Excluding, exclusion_id: str, actor: str, *, of_page: bool
    ) -> Exclusion | None:
        """Keep an exclusion (exclusions/add_exclusion), or return the equal one; ``None``: no such identity."""
        at = clock.now()

        async def work(transaction: Transaction) -> Exclusion | None:
            if await self._tombstones.among(transaction, tenant, [identity_id]):
                return None
            if of_page:
                await make_visitor(transaction, tenant, identity_id)
            locked = await transaction.run("exclusions/lock_identity", tenant=tenant, identity_id=identity_id)
            if not locked:
                return None
            if locked[0]["exclusions"] >= MOST:
                raise ConflictError(f"This identity excludes {MOST:,} things already; end some of them first.")
            rows = await transaction.run(
                "exclusions/add_exclusion",
                tenant=tenant,
                identity_id=identity_id,
                id=exclusion_id,
                kind=what.kind,
                value=what.value,
                product_id=what.product_id,
                at=at,
            )
            kept = exclusion_of(rows[0])
            if kept.id == exclusion_id:
                await recount_all(transaction, tenant, [identity_id], self._rules)
                act = Act(actor, "exclude", (("identity", identity_id),), {"kind": what.kind})
                await self._audit.append(transaction, tenant, act)
            return kept

        return await self._db.transact(work, tenant=tenant)

    async def end(self, tenant: str, identity_id: str, exclusion_id: str, actor: str) -> bool:
        """End an exclusion (exclusions/end_exclusion); whether there was one."""

        async def work(transaction: Transaction) -> bool:
            named = {"tenant": tenant, "identity_id": identity_id}
            await transaction.run("exclusions/lock_identity", **named)
            rows = await transaction.run("exclusions/end_exclusion", **named, id=exclusion_id)
            for row in rows:
                await recount_all(transaction, tenant, [identity_id], self._rules)
                act = Act(actor, "unexclude", (("identity", identity_id),), {"kind": row["kind"]})
                await self._audit.append(transaction, tenant, act)
            return bool(rows)

        return await self._db.transact(work, tenant=tenant)

    async def list(self, tenant: str, identity_id: str, after: str, limit: int) -> Sequence[Exclusion]:
        """What an identity excludes, by id, those behind ``after`` (exclusions/list_exclusions)."""
        rows = await self._db.read(
            "exclusions/list_exclusions", tenant=tenant, identity_id=identity_id, after=after, limit=limit
        )
        return [exclusion_of(row) for row in rows]


def exclusion_of(row: Row) -> Exclusion:
    """Read one exclusion as every statement on exclusions returns it."""
    return Exclusion(row["id"], Excluding(row["kind"], row["value"], row["product_id"]), from_ms(row["at_ms"]))
