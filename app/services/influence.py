"""Use case: look at how far influence is found in a community, as it was published."""

from typing import Protocol

from app.domain.errors import NotFoundError
from app.domain.influence_figures import InfluenceFigures


class InfluenceStore(Protocol):
    """Where what was published is kept."""

    async def read_influence(self, tenant: str, community_id: str) -> tuple[bool, InfluenceFigures | None]:
        """Whether there is such a community, and what was published of it."""
        ...


class InfluenceGuide:
    """Shows what was published."""

    def __init__(self, store: InfluenceStore) -> None:
        self._store = store

    async def read(self, tenant: str, community_id: str) -> InfluenceFigures | None:
        """What was published of one community, ``None`` where nothing was yet; ``NotFoundError``."""
        found, published = await self._store.read_influence(tenant, community_id)
        if not found:
            raise NotFoundError("There is no such community.")
        return published
