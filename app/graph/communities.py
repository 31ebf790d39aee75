"""Taste communities of the active run (cypher/communities/read_*)."""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any, cast

from app.domain.communities import FoundCommunity, FoundMatch, FoundNeighbour, FoundStep, Portrait, Structure
from app.domain.disclosure import Measured
from app.graph.database import Database, Row
from app.graph.times import from_ms


class CommunityGraph:
    """Reads communities; implements ``CommunityStore``."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def read_communities(self, tenant: str) -> list[FoundCommunity]:
        """All of them, by id, with their size alone measured (communities/read_communities)."""
        rows = await self._db.read("communities/read_communities", tenant=tenant)
        return [
            FoundCommunity(row["id"], row["run"], row["label"], tuple(row["terms"]), Portrait(row["size"]))
            for row in rows
        ]

    async def read_community(self, tenant: str, community_id: str) -> FoundCommunity | None:
        """One of them, whole (communities/read_community)."""
        rows = await self._db.read("communities/read_community", tenant=tenant, id=community_id)
        return _community_of(rows[0]) if rows else None

    async def read_history(self, tenant: str, community_id: str) -> list[FoundCommunity]:
        """One in each run that is still known, latest first (communities/read_history)."""
        rows = await self._db.read("communities/read_history", tenant=tenant, id=community_id)
        return [_community_of(row) for row in rows]

    async def read_matches(
        self, tenant: str, community_id: str | None = None, genre_id: str | None = None, brand_id: str | None = None
    ) -> list[FoundMatch]:
        """Associations of the run (communities/read_matches)."""
        rows = await self._db.read(
            "communities/read_matches", tenant=tenant, community_id=community_id, genre_id=genre_id, brand_id=brand_id
        )
        return [FoundMatch(**row) for row in rows]


def _community_of(row: Row) -> FoundCommunity:
    properties = cast("Mapping[str, Any]", row["properties"])
    size = properties.get("size", 0)
    return FoundCommunity(
        id=row["id"],
        run=row["run"],
        label=row["label"],
        terms=tuple(row["terms"]),
        portrait=_portrait_of(properties),
        structure=_structure_of(properties),
        price_sensitivity=_estimate_of(properties, "price_sensitivity", "price"),
        trend_susceptibility=_estimate_of(properties, "trend_susceptibility", "trend"),
        trend_share=_estimate_of(properties, "trend_share", "trend_share"),
        born=properties.get("born", False),
        died_in=properties.get("died_in"),
        run_at=None if row["run_at_ms"] is None else from_ms(row["run_at_ms"]),
        came_from=tuple(FoundStep(**step, id=row["id"], size=size) for step in row["came_from"]),
        neighbours=tuple(FoundNeighbour(**one) for one in row["neighbours"]),
    )


def _portrait_of(properties: Mapping[str, Any]) -> Portrait:
    """What app/jobs/portraits.py wrote; a measured number is the list [value, low, high, n]."""
    values: dict[str, Any] = {"size": 0}
    for one in fields(Portrait):
        value = properties.get(one.name)
        if isinstance(value, list):
            parts = cast("Sequence[float]", value)
            is_count = one.name.endswith("_counts")
            value = tuple(parts) if is_count else Measured(parts[0], parts[1], parts[2], round(parts[3]))
        if value is not None:
            values[one.name] = value
    return Portrait(**values)


def _structure_of(properties: Mapping[str, Any]) -> Structure | None:
    if "products" not in properties:
        return None
    named = {one.name: properties.get(one.name) for one in fields(Structure)}
    return Structure(**cast("dict[str, Any]", named))


def _estimate_of(properties: Mapping[str, Any], name: str, prefix: str) -> Measured | None:
    """What app/jobs/susceptibility.py wrote beside the portrait."""
    if (value := properties.get(name)) is None:
        return None
    low, high = properties.get(f"{prefix}_low", value), properties.get(f"{prefix}_high", value)
    return Measured(value, low, high, properties.get(f"{prefix}_n", properties.get("size", 0)))
