"""Use case: an operator looks how the identifiers are."""

import asyncio
from datetime import datetime
from typing import Protocol

from app.domain import clock
from app.domain.identifier_health import IdentifierFacts, IdentifierHealth, health_of
from app.domain.identity_rules import IdentityRules


class HealthStore(Protocol):
    """Where identifiers are kept."""

    async def read(self, tenant: str, rules: IdentityRules, now: datetime) -> IdentifierFacts:
        """What there is, in one bounded read."""
        ...


async def read_identifier_health(store: HealthStore, tenant: str, rules: IdentityRules) -> IdentifierHealth:
    """Say what is quarantined now and why, what connects the most, and how far identities hang together."""
    facts = await store.read(tenant, rules, clock.now())
    return await asyncio.to_thread(health_of, facts, rules)  # a large tenant's components take a moment
