"""Looks through every property of every node and relationship (cypher/audit/find_in_…)."""

from collections.abc import Mapping

from app.domain.traces import Sought, Trace
from app.graph.database import Database


class TraceGraph:
    """Reads the whole store; implements ``TraceStore``."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def list_hashed(self, tenant: str | None) -> Mapping[str, list[str]]:
        """Types of identifiers by tenant; of all tenants for ``None`` (audit/list_hashed.cypher)."""
        rows = await self._db.run_long("audit/list_hashed", tenant=tenant)
        return {row["tenant"]: row["types"] for row in rows}

    async def find(self, tenant: str | None, sought: Sought) -> list[Trace]:
        """Where it stands, in one tenant or in the whole store; nodes first, then by name and property."""
        looked_for = {
            "tenant": tenant,
            "word": sought.word,
            "pattern": f"(?s).*{sought.pattern}.*",
            "digests": sorted(sought.digests),
        }
        nodes = await self._db.run_long("audit/find_in_nodes", **looked_for)
        relationships = await self._db.run_long("audit/find_in_relationships", **looked_for)
        return [Trace("node", **row) for row in nodes] + [Trace("relationship", **row) for row in relationships]
