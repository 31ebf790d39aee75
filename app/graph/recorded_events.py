"""Reads single events back and deletes them, with the likes that follow (cypher/ingest/)."""

from app.domain.audit import Act
from app.domain.evidence import EvidenceRules
from app.domain.models import Rating
from app.domain.recorded_events import RecordedEvent, RecordedLine
from app.graph.audit import AuditTrail
from app.graph.batch_lookup import lock_orders
from app.graph.database import Database, Row, Transaction
from app.graph.interactions import recount_likes
from app.graph.orders import settle_orders
from app.graph.times import from_ms, from_optional_ms


class RecordedEventGraph:
    """Each deletion with its likes and its audit entry in one commit; implements ``RecordedEventStore``."""

    def __init__(self, db: Database, audit: AuditTrail, rules: EvidenceRules) -> None:
        self._db = db
        self._audit = audit
        self._rules = rules

    async def read(self, tenant: str, event_id: str) -> RecordedEvent | None:
        """One event (ingest/read_event.cypher); ``None`` when there is none of that id."""
        rows = await self._db.read("ingest/read_event", tenant=tenant, id=event_id)
        return _event(rows[0]) if rows else None

    async def delete(self, tenant: str, event_id: str, actor: str) -> bool:
        """Delete one (ingest/delete_event.cypher); whether there was one."""

        async def work(transaction: Transaction) -> bool:
            event = await self._lock(transaction, tenant, event_id)
            if event is None:
                return False
            await transaction.run("ingest/delete_event", tenant=tenant, id=event_id)
            products = {line[0] for line in event["lines"]}
            touched = {identity_id: set(products) for identity_id in (event["identity_id"], *event["claimers"])}
            if event["order_id"] is not None:
                for identity_id, settled in (await settle_orders(transaction, tenant, [event["order_id"]])).items():
                    touched.setdefault(identity_id, set()).update(settled)
            for identity_id in sorted(touched):
                await recount_likes(transaction, tenant, identity_id, touched[identity_id], self._rules)
            subjects = tuple(("identity", one) for one in touched)
            await self._audit.append(transaction, tenant, Act(actor, "event_deleted", subjects))
            return True

        return await self._db.transact(work, tenant=tenant)

    async def _lock(self, transaction: Transaction, tenant: str, event_id: str) -> Row | None:
        """Lock the event's order, then whoever's likes hang on it; it as it stands then."""
        rows = await transaction.run("ingest/read_event", tenant=tenant, id=event_id)
        if rows and rows[0]["order_id"] is not None:
            await lock_orders(transaction, tenant, [rows[0]["order_id"]])
            rows = await transaction.run("ingest/read_event", tenant=tenant, id=event_id)
        if not rows:
            return None
        for identity_id in sorted((rows[0]["identity_id"], *rows[0]["claimers"])):
            await transaction.run("claims/lock_claimer", tenant=tenant, identity_id=identity_id)
        return rows[0]


def _event(row: Row) -> RecordedEvent:
    return RecordedEvent(
        id=row["id"],
        type=row["type"],
        identity_id=row["identity_id"],
        at=from_ms(row["at_ms"]),
        session_id=row["session_id"],
        decision_id=row["decision_id"],
        order_id=row["order_id"],
        updated_at=from_optional_ms(row["updated_ms"]),
        currency=row["currency"],
        rating=None if row["rating"] is None else Rating(*row["rating"]),
        channel=row["channel"],
        device=row["device"],
        lines=tuple(RecordedLine(*line) for line in row["lines"]),
    )
