"""Use case: say what engagement and gone mean for a shop, and look at how the one goes with the other."""

from typing import Protocol

from app.domain.errors import NotFoundError
from app.domain.retention import Retention, RetentionRules


class RetentionStore(Protocol):
    """Where rules and what was published by them are kept."""

    async def read_rules(self, tenant: str) -> RetentionRules:
        """The rules of a tenant; the defaults where it said nothing."""
        ...

    async def write_rules(self, tenant: str, rules: RetentionRules, actor: str) -> None:
        """Replace them; ``actor`` goes into the audit log."""
        ...

    async def read_published(self, tenant: str) -> Retention | None:
        """What was published of the whole shop; ``None`` where nothing was yet."""
        ...

    async def read_published_community(self, tenant: str, community_id: str) -> tuple[bool, Retention | None]:
        """Whether there is such a community, and what was published of it."""
        ...


class RetentionGuide:
    """Shows what was published; the rules that are put hold from the next publication on."""

    def __init__(self, store: RetentionStore) -> None:
        self._store = store

    async def read(self, tenant: str) -> tuple[RetentionRules, Retention | None]:
        """The rules that hold now, and what was published; ``None`` where nothing was yet."""
        return await self._store.read_rules(tenant), await self._store.read_published(tenant)

    async def replace(self, tenant: str, rules: RetentionRules, actor: str) -> None:
        """Replace the rules."""
        await self._store.write_rules(tenant, rules, actor)

    async def read_community(self, tenant: str, community_id: str) -> Retention | None:
        """What was published of one community, ``None`` where nothing was yet; ``NotFoundError``."""
        found, published = await self._store.read_published_community(tenant, community_id)
        if not found:
            raise NotFoundError("There is no such community.")
        return published
