"""Reads all that is held about one identity, section by section (cypher/export/)."""

from collections.abc import AsyncGenerator
from datetime import date, datetime
from typing import Any

from app.domain.audit import Act
from app.graph.audit import AuditTrail
from app.graph.database import Database, Row, Transaction
from app.graph.times import from_ms

PAGE = 5_000
"""Rows of one read; memory holds one page, however much is held."""

_MOMENTS = {
    "at_ms": "at",
    "first_ms": "first_seen",
    "last_ms": "last_seen",
    "until_ms": "valid_until",
    "expires_at_ms": "expires_at",
    "confirmed_at_ms": "confirmed_at",
    "counts_from_ms": "counts_from",
    "last_at_ms": "last_at",
    "first_bought_ms": "first_bought_at",
    "last_bought_ms": "last_bought_at",
    "claimed_ms": "claimed_at",
    "updated_ms": "updated_at",
}
_EPOCH = date(1970, 1, 1).toordinal()
_LINE = ("product_id", "quantity", "price_paid", "list_price", "kept", "said")


class ExportGraph:
    """Implements ``ExportStore``."""

    def __init__(self, db: Database, audit: AuditTrail) -> None:
        self._db = db
        self._audit = audit

    async def begin(
        self, tenant: str, identity_id: str, actor: str
    ) -> tuple[dict[str, Any], list[dict[str, Any]]] | None:
        """Note in the audit log that it is exported; what it is and its ties, ``None`` for nobody."""

        async def work(transaction: Transaction) -> list[Row]:
            rows = await transaction.run("export/read_ties", tenant=tenant, identity_id=identity_id)
            if rows:
                act = Act(actor, "export", (("identity", identity_id),))
                await self._audit.append(transaction, tenant, act)
            return rows

        rows = await self._db.transact(work, tenant=tenant)
        return (dict(rows[0]["own"]), [_with_moments(tie) for tie in rows[0]["ties"]]) if rows else None

    async def read(self, tenant: str, identity_id: str, section: str) -> AsyncGenerator[list[dict[str, Any]]]:
        """Yield a section, one of ``_STATEMENTS``, page by page, in order of id."""
        after = ""
        while rows := await self._db.read(
            _STATEMENTS[section], tenant=tenant, identity_id=identity_id, after=after, limit=PAGE
        ):
            yield [_with_moments(row) for row in rows]
            if len(rows) < PAGE:
                return
            after = rows[-1]["id"]


_STATEMENTS = {
    "consents": "export/read_consents",
    "likes": "export/read_likes",
    "exclusions": "exclusions/list_exclusions",
    "memberships": "export/read_memberships",
    "followed_likes": "export/read_followed_likes",
    "interactions": "export/read_interactions",
    "decisions": "export/read_decisions",
}


def _with_moments(row: Row) -> dict[str, Any]:
    """Turn milliseconds into moments and lines into maps."""
    told: dict[str, Any] = {
        _MOMENTS.get(name, name): _moment(value) if name in _MOMENTS else value for name, value in row.items()
    }
    if "bought_days" in row:
        told["bought_days"] = [date.fromordinal(_EPOCH + day) for day in row["bought_days"]]
    if row.get("rating") is not None:
        told["rating"] = dict(zip(("value", "max"), row["rating"], strict=True))
    if "lines" in row:
        told["lines"] = [dict(zip(_LINE, line, strict=True)) for line in row["lines"]]
    return told


def _moment(milliseconds: int | None) -> datetime | None:
    return None if milliseconds is None else from_ms(milliseconds)
