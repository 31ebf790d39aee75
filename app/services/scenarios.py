"""Use case: a merchandiser changes how a shelf is filled; the next question that names it is answered so."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol

from cachetools import TTLCache

from app.domain import clock
from app.domain.errors import NotFoundError
from app.domain.scenarios import Scenario

BELIEVED_SECONDS = 5.0
"""So long another process may go by what it has read; the one that was told goes by it at once."""
_KEPT = 10_000


class ScenarioStore(Protocol):
    """Where scenarios are kept."""

    async def read(self, tenant: str, name: str | None = None) -> list[Scenario]:
        """The scenarios of a tenant by name, or the one that is called so."""
        ...

    async def write(self, tenant: str, name: str, fields: Mapping[str, Any], at: datetime, actor: str) -> None:
        """Keep a scenario in place of the one of its name."""
        ...

    async def delete(self, tenant: str, name: str, actor: str) -> bool:
        """Forget a scenario; whether there was one."""
        ...


class ScenarioBook:
    """Reads and changes scenarios; one a process."""

    def __init__(self, store: ScenarioStore, believed_seconds: float = BELIEVED_SECONDS) -> None:
        self._store = store
        self._believed = TTLCache[tuple[str, str], Scenario](_KEPT, believed_seconds)

    async def find(self, tenant: str, name: str) -> Scenario:
        """Return a scenario; ``NotFoundError`` when none is called so."""
        if believed := self._believed.get((tenant, name)):
            return believed
        found = await self._store.read(tenant, name)
        if not found:
            raise NotFoundError("There is no scenario of this name; GET /v1/scenarios lists what there is.")
        self._believed[tenant, name] = found[0]
        return found[0]

    async def list_scenarios(self, tenant: str) -> list[Scenario]:
        """All of a tenant, by name."""
        return await self._store.read(tenant)

    async def put(self, tenant: str, name: str, fields: Mapping[str, Any], actor: str) -> Scenario:
        """Keep a scenario in place of the one of its name; as it is kept."""
        kept = Scenario(name, fields, clock.to_milliseconds(clock.now()), actor)
        await self._store.write(tenant, name, fields, kept.changed_at, actor)
        self._believed[tenant, name] = kept
        return kept

    async def delete(self, tenant: str, name: str, actor: str) -> None:
        """Forget a scenario; ``NotFoundError`` when none is called so."""
        was_there = await self._store.delete(tenant, name, actor)
        self._believed.pop((tenant, name), None)
        if not was_there:
            raise NotFoundError("There is no scenario of this name.")
