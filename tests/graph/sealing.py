"""What is looked at to see that tenants are sealed: all that is a tenant's, and what crosses from one to another."""

from typing import Protocol

from app.graph.database import Row

_NODES = "MATCH (n {tenant: $tenant}) RETURN labels(n) AS labels, properties(n) AS properties"
_TIES = """
    MATCH (n {tenant: $tenant})-[r]->(m)
    RETURN type(r) AS type, n.id AS start, labels(m) AS labels, m.id AS end, properties(r) AS properties
"""
_CROSSING = "MATCH (n {tenant: $tenant})-[r]-(m) WHERE m.tenant <> $tenant OR m.tenant IS NULL RETURN count(r) AS n"


class Tenant(Protocol):
    """Somebody who can look into the graph, where ``$tenant`` is theirs."""

    async def query(self, text: str, /) -> list[Row]:
        """Rows of a statement."""
        ...


async def everything_of(shop: Tenant) -> list[str]:
    """All nodes and relationships of a tenant with all their properties, in an order of their own."""
    rows = [*await shop.query(_NODES), *await shop.query(_TIES)]
    return sorted(repr({**row, "properties": sorted(row["properties"].items())}) for row in rows)


async def crossings(shop: Tenant) -> int:
    """Relationships between a tenant and anything that is not its own; 0 where it is sealed."""
    return (await shop.query(_CROSSING))[0]["n"]
