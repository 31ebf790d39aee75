"""What a tenant means by engagement and by gone, and what a run published of it (cypher/retention/)."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from app.domain.audit import Act
from app.domain.disclosure import Figure
from app.domain.retention import Ladder, Retention, RetentionRules, Rung
from app.graph.audit import AuditTrail
from app.graph.database import Database, Row, Transaction


class RetentionGraph:
    """Rules and figures as JSON on the tenant's node, its runs and communities; implements ``RetentionStore``."""

    def __init__(self, db: Database, audit: AuditTrail) -> None:
        self._db = db
        self._audit = audit

    async def read_rules(self, tenant: str) -> RetentionRules:
        """The rules of a tenant (retention/read_rules); the defaults where it said nothing."""
        return await read_rules(self._db, tenant)

    async def write_rules(self, tenant: str, rules: RetentionRules, actor: str) -> None:
        """Replace the rules of a tenant (retention/write_rules); the audit log says who did it."""
        text = json.dumps(asdict(rules), sort_keys=True)

        async def work(transaction: Transaction) -> None:
            await transaction.run("retention/write_rules", tenant=tenant, rules=text)
            await self._audit.append(transaction, tenant, Act(actor, "retention_put"))

        await self._db.transact(work, tenant=tenant)

    async def read_published(self, tenant: str) -> Retention | None:
        """What was published of the shop (retention/read_published); ``None`` where nothing was yet."""
        return _published(await self._db.read("retention/read_published", tenant=tenant))

    async def read_published_community(self, tenant: str, community_id: str) -> tuple[bool, Retention | None]:
        """Whether there is such a community, and what was published of it (retention/read_published_community)."""
        rows = await self._db.read("retention/read_published_community", tenant=tenant, id=community_id)
        return bool(rows), _published(rows)


async def read_rules(db: Database, tenant: str) -> RetentionRules:
    """The rules of a tenant (retention/read_rules); the defaults where it said nothing."""
    rows = await db.read("retention/read_rules", tenant=tenant)
    text = rows[0]["rules"] if rows else None
    return RetentionRules(**json.loads(text)) if text else RetentionRules()


def text_of(retention: Retention) -> str:
    """What is published, as a property can hold it."""
    return json.dumps(asdict(retention), sort_keys=True)


def retention_of(text: str) -> Retention:
    """Read ``text_of`` again."""
    kept: Mapping[str, Any] = json.loads(text)
    ladder: Mapping[str, Any] = kept["ladder"]
    rungs = tuple(Rung(one["from_value"], one["to_value"], Figure(**one["chance"])) for one in ladder["rungs"])
    figures = {name: Figure(**ladder[name]) for name in ("gone_share", "threshold")}
    return Retention(
        run=kept["run"],
        rules=RetentionRules(**kept["rules"]),
        cut_day=kept["cut_day"],
        ladder=Ladder(ladder["status"], ladder["reason"], **figures, rungs=rungs),
    )


def _published(rows: Sequence[Row]) -> Retention | None:
    text = rows[0]["retention"] if rows else None
    return retention_of(text) if text else None
