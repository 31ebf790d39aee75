"""What the graph knows of one identity (cypher/describe/)."""

from datetime import datetime

from app.domain.description import Estimate, KnownLike, Susceptibility
from app.domain.evidence import EvidenceRules
from app.domain.models import Consent, IdentityKind
from app.graph.consents import consent_of
from app.graph.database import Database, Row
from app.graph.times import from_ms


class DescriptionGraph:
    """Reads one identity by itself; implements ``DescriptionStore``."""

    def __init__(self, db: Database, rules: EvidenceRules) -> None:
        self._db = db
        self._rules = rules

    async def read_kind(self, tenant: str, identity_id: str) -> IdentityKind | None:
        """The kind of an identity (describe/read_kind.cypher); ``None`` when there is none of that id."""
        rows = await self._db.read("describe/read_kind", tenant=tenant, identity_id=identity_id)
        return rows[0]["kind"] if rows else None

    async def read_likes(self, tenant: str, identity_id: str, now: datetime, limit: int) -> list[KnownLike]:
        """The likes that are strongest at ``now``, best first (describe/read_likes.cypher)."""
        rows = await self._db.read(
            "describe/read_likes",
            tenant=tenant,
            identity_id=identity_id,
            now=now,
            decay_days=self._rules.decay_days,
            limit=limit,
        )
        return [_like(row) for row in rows]

    async def read_all_consents(self, tenant: str, identity_id: str) -> list[Consent]:
        """The records of all purposes, newest first (describe/read_all_consents.cypher)."""
        rows = await self._db.read("describe/read_all_consents", tenant=tenant, identity_id=identity_id)
        return [consent_of(row) for row in rows]

    async def read_susceptibility(self, tenant: str, identity_id: str) -> Susceptibility:
        """How much deals and trends move it (describe/read_susceptibility.cypher); nothing known without a run."""
        rows = await self._db.read("describe/read_susceptibility", tenant=tenant, identity_id=identity_id)
        return Susceptibility(_estimate(rows[0]["price"]), _estimate(rows[0]["trend"])) if rows else Susceptibility()


def _estimate(parts: list[float] | None) -> Estimate | None:
    return Estimate(parts[0], parts[1], parts[2], int(parts[3])) if parts else None


def _like(row: Row) -> KnownLike:
    return KnownLike(
        product_id=row["product_id"],
        title=row["title"],
        weight=row["weight"],
        full_price_weight=row["full_price_weight"],
        count=row["count"],
        purchases=row["purchases"],
        last_at=from_ms(row["last_at_ms"]),
        events=dict(row["events"]),
        discount_share=row["discount_share"],
    )
