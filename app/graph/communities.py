"""Taste communities as they are published (cypher/communities/read_*)."""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any, cast

from app.domain.communities import FoundCommunity, FoundStep, Match, Neighbour, Portrait, Structure
from app.domain.disclosure import UNKNOWN, Figure, significant
from app.graph.database import Database, Row
from app.graph.times import from_ms

_PREFIX = "figure_"
_NOBODY = -1
"""Stands for a number that is not published; a list holds no null."""


class CommunityGraph:
    """Reads communities; implements ``CommunityStore``."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def read_communities(self, tenant: str) -> list[FoundCommunity]:
        """All of them, by id, with their size alone (communities/read_communities)."""
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
        """One each time that figures were published, latest first (communities/read_history)."""
        rows = await self._db.read("communities/read_history", tenant=tenant, id=community_id)
        return [_community_of(row) for row in rows]

    async def read_matches(
        self, tenant: str, community_id: str | None = None, genre_id: str | None = None, brand_id: str | None = None
    ) -> list[Match]:
        """Associations of the run (communities/read_matches)."""
        rows = await self._db.read(
            "communities/read_matches", tenant=tenant, community_id=community_id, genre_id=genre_id, brand_id=brand_id
        )
        return [_match_of(row) for row in rows]


def properties_of(portrait: Portrait) -> dict[str, object]:
    """A portrait as a node can hold it."""
    return {
        "members": portrait.size,
        "strength_counts": [_NOBODY if one is None else one for one in portrait.strength_counts],
        "purchase_counts": [_NOBODY if one is None else one for one in portrait.purchase_counts],
        "currency": portrait.currency,
        "most_active": list_of(portrait.most_active),
        "most_valuable": list_of(portrait.most_valuable),
        **{f"{_PREFIX}{name}": list_of(figure) for name, figure in portrait.figures.items()},
    }


def list_of(figure: Figure) -> list[float] | None:
    """A figure as a property, [value, low, high, n]; none where it is not published."""
    parts = (figure.value, figure.low, figure.high, figure.n)
    known = [float(one) for one in parts if one is not None]
    return known if len(known) == len(parts) else None


def figure_of(parts: Sequence[float] | None) -> Figure:
    """Read ``list_of`` again."""
    return UNKNOWN if parts is None else Figure(parts[0], parts[1], parts[2], round(parts[3]))


def _community_of(row: Row) -> FoundCommunity:
    properties = cast("Mapping[str, Any]", row["properties"])
    return FoundCommunity(
        id=row["id"],
        run=row["run"],
        label=row["label"],
        terms=tuple(row["terms"]),
        portrait=_portrait_of(properties),
        structure=_structure_of(properties),
        before=row["before"],
        born=properties.get("born", False),
        died_in=properties.get("died_in"),
        run_at=None if row["run_at_ms"] is None else from_ms(row["run_at_ms"]),
        came_from=tuple(FoundStep(**step) for step in row["came_from"]),
        neighbours=tuple(Neighbour(one["id"], one["label"], figure_of(one["shared"])) for one in row["neighbours"]),
    )


def _portrait_of(properties: Mapping[str, Any]) -> Portrait:
    figures = {name: parts for name, parts in properties.items() if name.startswith(_PREFIX)}
    return Portrait(
        size=properties.get("members"),
        figures={name.removeprefix(_PREFIX): figure_of(parts) for name, parts in figures.items()},
        strength_counts=_counts_of(properties.get("strength_counts", ())),
        purchase_counts=_counts_of(properties.get("purchase_counts", ())),
        currency=properties.get("currency"),
        most_active=figure_of(properties.get("most_active")),
        most_valuable=figure_of(properties.get("most_valuable")),
    )


def _match_of(row: Row) -> Match:
    lift = Figure(significant(row["lift"]), significant(row["low"]), significant(row["high"]), row["support"])
    return Match(row["community_id"], row["community_label"], row["kind"], row["id"], row["label"], lift)


def _counts_of(counts: Sequence[int]) -> tuple[int | None, ...]:
    return tuple(None if one == _NOBODY else one for one in counts)


def _structure_of(properties: Mapping[str, Any]) -> Structure | None:
    if "products" not in properties:
        return None
    named = {one.name: properties.get(one.name) for one in fields(Structure)}
    return Structure(**cast("dict[str, Any]", named))
