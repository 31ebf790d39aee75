"""Feeds that are fetched, in the graph: one node each (cypher/feeds/)."""

import json
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from app.domain.audit import Act
from app.domain.feeds import Feed, FeedResult, FeedRowError, FeedSource
from app.graph.audit import AuditTrail
from app.graph.database import Database, Row, Transaction
from app.graph.holds import EVERYBODY
from app.graph.times import from_ms


class FeedGraph:
    """Keeps feeds with an audit entry a change; implements ``FeedStore``."""

    def __init__(self, db: Database, audit: AuditTrail) -> None:
        self._db = db
        self._audit = audit

    async def read(self, tenant: str, name: str | None = None) -> list[Feed]:
        """The feeds of a tenant by name, or the one that is called so (feeds/read_feeds)."""
        return [_feed(row) for row in await self._db.read("feeds/read_feeds", tenant=tenant, name=name)]

    async def write(self, tenant: str, name: str, source: FeedSource, at: datetime, actor: str) -> None:
        """Keep a feed in place of the one of its name; it is due at once (feeds/write_feed)."""
        text = json.dumps({**asdict(source), "every": source.every.total_seconds()}, sort_keys=True)

        async def work(transaction: Transaction) -> None:
            await transaction.run("feeds/write_feed", tenant=tenant, name=name, source=text, by=actor, at=at)
            await self._audit.append(transaction, tenant, Act(actor, "feed_put"))

        await self._db.transact(work, tenant=tenant)

    async def delete(self, tenant: str, name: str, actor: str) -> bool:
        """Forget a feed (feeds/delete_feed); whether there was one."""

        async def work(transaction: Transaction) -> bool:
            rows = await transaction.run("feeds/delete_feed", tenant=tenant, name=name)
            if rows:
                await self._audit.append(transaction, tenant, Act(actor, "feed_deleted"))
            return bool(rows)

        return await self._db.transact(work, tenant=tenant)

    async def order(self, tenant: str, name: str, at: datetime, *, is_confirmed: bool) -> bool:
        """Let a feed be due now (feeds/order_feed); whether there is one."""
        return bool(await self._db.write("feeds/order_feed", tenant=tenant, name=name, at=at, confirmed=is_confirmed))

    async def list_due(self, at: datetime) -> list[tuple[str, str]]:
        """Some that are due, that nobody is at and whose shop is not held (feeds/list_due)."""
        rows = await self._db.read("feeds/list_due", at=at, everybody=EVERYBODY)
        return [(row["tenant"], row["name"]) for row in rows]

    async def claim(self, tenant: str, name: str, claim: str, at: datetime, until: datetime) -> Feed | None:
        """Take a feed that is due, or go on with it (feeds/claim_feed); ``None`` where that cannot be."""
        rows = await self._db.write("feeds/claim_feed", tenant=tenant, name=name, claim=claim, at=at, until=until)
        return _feed(rows[0]) if rows else None

    async def finish(self, tenant: str, name: str, claim: str, result: FeedResult, next_at: datetime) -> None:
        """Keep what came of a run (feeds/finish_feed)."""
        text = json.dumps({**asdict(result), "at": result.at.isoformat()}, ensure_ascii=False)
        await self._db.write("feeds/finish_feed", tenant=tenant, name=name, claim=claim, result=text, next_at=next_at)


def _feed(row: Row) -> Feed:
    source: dict[str, Any] = json.loads(row["source"])
    source["every"] = timedelta(seconds=source["every"])
    return Feed(
        name=row["name"],
        source=FeedSource(**source),
        next_at=from_ms(row["next_at_ms"]),
        changed_at=from_ms(row["changed_at_ms"]),
        changed_by=row["changed_by"],
        result=_result(json.loads(row["result"])) if row["result"] else None,
        is_confirmed=row["confirmed"],
    )


def _result(row: dict[str, Any]) -> FeedResult:
    told: dict[str, Any] = {
        **row,
        "at": datetime.fromisoformat(row["at"]),
        "errors": tuple(FeedRowError(**one) for one in row["errors"]),
        "warnings": tuple(row["warnings"]),
    }
    return FeedResult(**told)
