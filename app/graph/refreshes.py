"""Reads how far refreshes are (cypher/status/)."""

import json
from datetime import datetime
from typing import Any

from app.domain.refreshes import ActiveRun, RefreshStatus, Underway
from app.graph.database import Database
from app.graph.times import from_ms, from_optional_ms


class RefreshGraph:
    """Implements ``RefreshStore``."""

    def __init__(self, db: Database, silence_seconds: float) -> None:
        self._db = db
        self._silence_seconds = silence_seconds

    async def read(self, tenant: str) -> RefreshStatus:
        """The active run and one that shows signs of life (status/read_refresh.cypher)."""
        (row,) = await self._db.read("status/read_refresh", tenant=tenant, silence_seconds=self._silence_seconds)
        active, underway = row["active"], row["underway"]
        return RefreshStatus(
            "idle" if underway is None else "running",
            None if active is None else _active(*active),
            None if underway is None else Underway(underway[0], from_ms(underway[1]), *underway[2:]),
        )

    async def list_due(self, since: datetime) -> list[str]:
        """Shops with a key and events of which no run was begun since then (status/list_due_tenants.cypher)."""
        return [row["tenant"] for row in await self._db.read("status/list_due_tenants", since=since)]


def _active(id_: str, started_ms: int | None, finished_ms: int | None, metrics: str | None) -> ActiveRun:
    known: dict[str, Any] = json.loads(metrics or "{}")
    report = {name: value for name, value in known.items() if isinstance(value, int | float)}
    return ActiveRun(id_, from_optional_ms(started_ms), from_optional_ms(finished_ms), report)
