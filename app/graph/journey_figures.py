"""What a run published of journeys (cypher/journeys/read_flows, read_community_flows)."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from app.domain.disclosure import Figure
from app.domain.journey_figures import Flows, JourneyFigures, Onward, StageFigures
from app.graph.database import Database, Row


class JourneyFigureGraph:
    """Figures as JSON on runs and communities; implements ``FlowStore``."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def read_flows(self, tenant: str) -> JourneyFigures | None:
        """What was published of the shop (journeys/read_flows); ``None`` where nothing was yet."""
        return _published(await self._db.read("journeys/read_flows", tenant=tenant))

    async def read_community_flows(self, tenant: str, community_id: str) -> tuple[bool, JourneyFigures | None]:
        """Whether there is such a community, and what was published of it (journeys/read_community_flows)."""
        rows = await self._db.read("journeys/read_community_flows", tenant=tenant, id=community_id)
        return bool(rows), _published(rows)


def text_of(figures: JourneyFigures) -> str:
    """What is published, as a property can hold it."""
    return json.dumps(asdict(figures), sort_keys=True)


def figures_of(text: str) -> JourneyFigures:
    """Read ``text_of`` again."""
    kept: Mapping[str, Any] = json.loads(text)
    flows: Mapping[str, Any] = kept["flows"]
    stages = tuple(_stage(one) for one in flows["stages"])
    return JourneyFigures(
        kept["run"], kept["horizon_days"], kept["end_day"], Flows(flows["reason"], flows["people"], stages)
    )


def _stage(kept: Mapping[str, Any]) -> StageFigures:
    onward = tuple(
        Onward(one["stage"], Figure(**one["chance"]), Figure(**one["median_days"])) for one in kept["next_stage"]
    )
    return StageFigures(kept["stage"], Figure(**kept["share"]), Figure(**kept["stayed"]), onward)


def _published(rows: Sequence[Row]) -> JourneyFigures | None:
    text = rows[0]["flows"] if rows else None
    return figures_of(text) if text else None
