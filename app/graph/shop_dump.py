"""What the dump of one shop, and its load into another, read and write beside their rows (cypher/backup/)."""

from collections.abc import Mapping
from typing import Any

from app.domain.audit import Act
from app.graph.audit import AuditTrail
from app.graph.database import Database, Transaction

_KEPT = frozenset({"ApiKey", "AuditEntry", "Tenant"})
"""What a shop may have before anything is loaded into it."""


class ShopGraph:
    """One shop as a whole."""

    def __init__(self, db: Database, audit: AuditTrail, tenant: str) -> None:
        self._db = db
        self._audit = audit
        self._tenant = tenant

    async def read_store(self) -> str:
        """What the database calls itself (backup/read_store.cypher)."""
        return (await self._db.read("backup/read_store"))[0]["id"]

    async def count_nodes(self) -> dict[str, int]:
        """Nodes by label, without what a shop has before anything is loaded into it; ``{}`` where it holds nothing."""
        rows = await self._db.run_long("backup/count_shop_nodes", tenant=self._tenant)
        return {row["label"]: row["count"] for row in rows if row["label"] not in _KEPT}

    async def count_relationships(self) -> dict[str, int]:
        """Relationships by type (backup/count_shop_relationships.cypher)."""
        rows = await self._db.run_long("backup/count_shop_relationships", tenant=self._tenant)
        return {row["type"]: row["count"] for row in rows}

    async def sample(self, limit: int) -> list[str]:
        """Ids of some identities, drawn by lot (backup/sample_identities.cypher)."""
        rows = await self._db.run_long("backup/sample_identities", tenant=self._tenant, limit=limit)
        return [row["id"] for row in rows]

    async def has_unfinished_load(self) -> bool:
        """Whether a load into this shop has begun, and not come to its end (hold/read_holds.cypher)."""
        rows = await self._db.read("hold/read_holds")
        return any((row["tenant"], row["kind"]) == (self._tenant, "load") for row in rows)

    async def put(self, shop: Mapping[str, Any]) -> None:
        """Let the shop's own node say this (backup/put_shop.cypher)."""
        await self._db.write("backup/put_shop", tenant=self._tenant, shop=dict(shop))

    async def remove(self) -> None:
        """Remove what a load brought (backup/remove_shop.cypher)."""
        await self.put({})
        await self._db.run_long("backup/remove_shop", tenant=self._tenant)

    async def note(self, act: Act) -> None:
        """Write into the shop's audit log that it was dumped or loaded."""

        async def work(transaction: Transaction) -> None:
            await self._audit.append(transaction, self._tenant, act)

        await self._db.transact(work, tenant=self._tenant)
