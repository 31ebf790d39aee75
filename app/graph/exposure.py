"""What a run published of shared logins and devices (cypher/portraits/find_exposure)."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from app.domain.disclosure import Figure
from app.domain.exposure import Exposure, Shares
from app.graph.database import Database


class ExposureGraph:
    """Figures as JSON on the run; implements ``ExposureStore``."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def read(self, tenant: str) -> Exposure | None:
        """What was published (portraits/find_exposure); ``None`` where nothing was yet."""
        rows = await self._db.read("portraits/find_exposure", tenant=tenant)
        text = rows[0]["exposure"] if rows else None
        return exposure_of(text) if text else None


def text_of(exposure: Exposure) -> str:
    """What is published, as a property can hold it."""
    return json.dumps(asdict(exposure), sort_keys=True)


def exposure_of(text: str) -> Exposure:
    """Read ``text_of`` again."""
    kept: Mapping[str, Any] = json.loads(text)
    return Exposure(kept["run"], kept["currency"], _shares(kept["logins"]), _shares(kept["devices"]))


def _shares(kept: Mapping[str, Any]) -> Shares:
    return Shares(kept["people"], Figure(**kept["shared"]), Figure(**kept["sessions"]), Figure(**kept["revenue"]))
