"""Use case: a shop says where its feeds are; they are fetched on time, or at once."""

from collections.abc import Collection
from datetime import datetime
from typing import Protocol

from app.domain import clock
from app.domain.errors import NotFoundError
from app.domain.feeds import Feed, FeedResult, FeedSource, parse_url, refuse_inner


class FeedStore(Protocol):
    """Where feeds are kept."""

    async def read(self, tenant: str, name: str | None = None) -> list[Feed]:
        """The feeds of a tenant by name, or the one that is called so."""
        ...

    async def write(self, tenant: str, name: str, source: FeedSource, at: datetime, actor: str) -> None:
        """Keep a feed in place of the one of its name; it is due at once."""
        ...

    async def delete(self, tenant: str, name: str, actor: str) -> bool:
        """Forget a feed; whether there was one."""
        ...

    async def order(self, tenant: str, name: str, at: datetime, *, is_confirmed: bool) -> bool:
        """Let a feed be due now; whether there is one."""
        ...

    async def list_due(self, at: datetime) -> list[tuple[str, str]]:
        """Some that are due and that nobody is at, as (tenant, name), the longest due first."""
        ...

    async def claim(self, tenant: str, name: str, claim: str, at: datetime, until: datetime) -> Feed | None:
        """Take a feed that is due, or go on with it; ``None`` where somebody else has it, or it is gone."""
        ...

    async def finish(self, tenant: str, name: str, claim: str, result: FeedResult, next_at: datetime) -> None:
        """Keep what came of a run, unless somebody else has taken the feed."""
        ...


class FeedDesk:
    """Reads and changes feeds; one a process."""

    def __init__(self, store: FeedStore, allowed: Collection[str]) -> None:
        """``allowed`` are hosts that may have an inner address."""
        self._store = store
        self._allowed = frozenset(allowed)

    async def find(self, tenant: str, name: str) -> Feed:
        """Return a feed; ``NotFoundError`` when none is called so."""
        found = await self._store.read(tenant, name)
        if not found:
            raise NotFoundError("There is no feed of this name.")
        return found[0]

    async def list_feeds(self, tenant: str) -> list[Feed]:
        """All of a tenant, by name."""
        return await self._store.read(tenant)

    async def put(self, tenant: str, name: str, source: FeedSource, actor: str) -> Feed:
        """Keep a feed in place of the one of its name, and let it be fetched; ``InvalidError`` for an inner address."""
        refuse_inner(parse_url(source.url), self._allowed)
        await self._store.write(tenant, name, source, clock.to_milliseconds(clock.now()), actor)
        return await self.find(tenant, name)

    async def run(self, tenant: str, name: str, *, is_confirmed: bool) -> Feed:
        """Let a feed be fetched now; ``NotFoundError`` when none is called so."""
        if not await self._store.order(tenant, name, clock.to_milliseconds(clock.now()), is_confirmed=is_confirmed):
            raise NotFoundError("There is no feed of this name.")
        return await self.find(tenant, name)

    async def delete(self, tenant: str, name: str, actor: str) -> None:
        """Forget a feed; what it brought stays. ``NotFoundError`` when none is called so."""
        if not await self._store.delete(tenant, name, actor):
            raise NotFoundError("There is no feed of this name.")
