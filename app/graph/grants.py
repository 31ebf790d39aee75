"""Grants in the graph: one GRANTED edge each (cypher/grants/)."""

from datetime import datetime

from app.domain.audit import Act
from app.domain.grants import Grant, GrantRequest
from app.graph.audit import AuditTrail
from app.graph.database import Database, Row, Transaction
from app.graph.times import from_ms


class GrantGraph:
    """Keeps grants as edges between identities, each change with its audit entry; implements ``GrantStore``."""

    def __init__(self, db: Database, audit: AuditTrail) -> None:
        self._db = db
        self._audit = audit

    async def give(self, tenant: str, asked: GrantRequest, grant_id: str, at: datetime, actor: str) -> Grant | None:
        """Keep a grant, or return the equal one that is there (grants/give_grant); ``None``: no such identities."""

        async def work(transaction: Transaction) -> Grant | None:
            rows = await transaction.run(
                "grants/give_grant",
                tenant=tenant,
                id=grant_id,
                from_id=asked.from_id,
                to_id=asked.to_id,
                purposes=list(asked.purposes),
                at=at,
                until=asked.until,
            )
            if not rows:
                return None
            kept = grant_of(rows[0])
            if kept.id == grant_id:
                detail = {"purposes": ",".join(kept.purposes), "until": kept.until.isoformat()}
                subjects = (("identity", kept.from_id), ("identity", kept.to_id))
                await self._audit.append(transaction, tenant, Act(actor, "grant", subjects, detail))
            return kept

        return await self._db.transact(work, tenant=tenant)

    async def revoke(self, tenant: str, grant_id: str, actor: str) -> bool:
        """Remove a grant (grants/revoke_grant); whether there was one."""

        async def work(transaction: Transaction) -> bool:
            rows = await transaction.run("grants/revoke_grant", tenant=tenant, id=grant_id)
            for row in rows:
                subjects = (("identity", row["from_id"]), ("identity", row["to_id"]))
                await self._audit.append(transaction, tenant, Act(actor, "revoke", subjects))
            return bool(rows)

        return await self._db.transact(work, tenant=tenant)

    async def list(self, tenant: str, identity_id: str, after: str, limit: int) -> list[Grant]:
        """Grants given by or to an identity, by id, those behind ``after`` (grants/list_grants)."""
        rows = await self._db.read(
            "grants/list_grants", tenant=tenant, identity_id=identity_id, after=after, limit=limit
        )
        return [grant_of(row) for row in rows]


def grant_of(row: Row) -> Grant:
    """Read one grant as every grant statement returns it."""
    return Grant(
        id=row["id"],
        from_id=row["from_id"],
        from_kind=row["from_kind"],
        to_id=row["to_id"],
        to_kind=row["to_kind"],
        purposes=tuple(row["purposes"]),
        at=from_ms(row["at_ms"]),
        until=from_ms(row["until_ms"]),
    )
