"""Use case: the identity rules of a tenant, believed for a few seconds without asking the graph again."""

import time
from collections.abc import Callable
from typing import Protocol

from app.domain.identity_rules import IdentityRules

_CACHED_TENANTS = 10_000


class RulesStore(Protocol):
    """Where rules are kept."""

    async def read(self, tenant: str) -> IdentityRules:
        """The rules of a tenant; the defaults where it has none of its own."""
        ...

    async def write(self, tenant: str, rules: IdentityRules, actor: str) -> None:
        """Replace the rules of a tenant; ``actor`` goes into the audit log."""
        ...


class RuleBook:
    """Reads and replaces rules; what another process wrote is seen after ``cache_seconds`` at most."""

    def __init__(
        self, store: RulesStore, cache_seconds: float = 5.0, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._store = store
        self._cache_seconds = cache_seconds
        self._clock = clock
        self._believed: dict[str, tuple[IdentityRules, float]] = {}

    async def read(self, tenant: str) -> IdentityRules:
        """The rules of a tenant; the defaults where it has none of its own."""
        if (believed := self._believed.get(tenant)) and believed[1] > self._clock():
            return believed[0]
        return self._believe(tenant, await self._store.read(tenant))

    async def write(self, tenant: str, rules: IdentityRules, actor: str) -> None:
        """Replace the rules of a tenant; they hold for the next call of this process."""
        await self._store.write(tenant, rules, actor)
        self._believe(tenant, rules)

    def _believe(self, tenant: str, rules: IdentityRules) -> IdentityRules:
        if len(self._believed) >= _CACHED_TENANTS:
            self._believed.clear()
        self._believed[tenant] = (rules, self._clock() + self._cache_seconds)
        return rules
