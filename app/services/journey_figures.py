"""Use case: look at where the lines of many are and where they go on to, as it was published."""

from typing import Protocol

from app.domain.errors import NotFoundError
from app.domain.journey_figures import JourneyFigures


class FlowStore(Protocol):
    """Where what was published is kept."""

    async def read_flows(self, tenant: str) -> JourneyFigures | None:
        """What was published of the whole shop; ``None`` where nothing was yet."""
        ...

    async def read_community_flows(self, tenant: str, community_id: str) -> tuple[bool, JourneyFigures | None]:
        """Whether there is such a community, and what was published of it."""
        ...


class FlowGuide:
    """Shows what was published."""

    def __init__(self, store: FlowStore) -> None:
        self._store = store

    async def read(self, tenant: str) -> JourneyFigures | None:
        """What was published of the whole shop; ``None`` where nothing was yet."""
        return await self._store.read_flows(tenant)

    async def read_community(self, tenant: str, community_id: str) -> JourneyFigures | None:
        """What was published of one community, ``None`` where nothing was yet; ``NotFoundError``."""
        found, published = await self._store.read_community_flows(tenant, community_id)
        if not found:
            raise NotFoundError("There is no such community.")
        return published
