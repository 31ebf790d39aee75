"""What a run published of influence in communities (cypher/communities/read_influence)."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from app.domain.disclosure import Figure
from app.domain.influence_figures import FlowFigures, InfluenceFigures
from app.graph.database import Database


class InfluenceGraph:
    """Figures as JSON on communities; implements ``InfluenceStore``."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def read_influence(self, tenant: str, community_id: str) -> tuple[bool, InfluenceFigures | None]:
        """Whether there is such a community, and what was published of it (communities/read_influence)."""
        rows = await self._db.read("communities/read_influence", tenant=tenant, id=community_id)
        text = rows[0]["influence"] if rows else None
        return bool(rows), influence_of(text) if text else None


def text_of(figures: InfluenceFigures) -> str:
    """What is published, as a property can hold it."""
    return json.dumps(asdict(figures), sort_keys=True)


def influence_of(text: str) -> InfluenceFigures:
    """Read ``text_of`` again."""
    kept: Mapping[str, Any] = json.loads(text)
    return InfluenceFigures(
        kept["run"],
        kept["window_days"],
        kept["status"],
        kept["reason"],
        {name: Figure(**one) for name, one in kept["figures"].items()},
        _flows(kept["comes_from"]),
        _flows(kept["goes_to"]),
    )


def _flows(kept: Sequence[Mapping[str, Any]]) -> tuple[FlowFigures, ...]:
    return tuple(FlowFigures(one["community_id"], Figure(**one["share"]), Figure(**one["lag_days"])) for one in kept)
