"""Use case: what other identity rules would do to today's graph, with nothing written."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from app.domain.component import Evidence, Member
from app.domain.hashing import Hasher
from app.domain.identity_rules import IdentityRules
from app.domain.links import Link
from app.domain.rules_effect import RulesEffect, compare_rules

PAGE = 2_000
"""Identities that are read at once."""


class AllEvidenceStore(Protocol):
    """Where all links of a tenant are read, page by page."""

    async def page(self, tenant: str, after: str, limit: int) -> list[str]:
        """Ids behind ``after`` of identities that some link may join to others."""
        ...

    async def read_members(self, tenant: str, identity_ids: Sequence[str], now: datetime) -> list[Member]:
        """Kind and consent of identities."""
        ...

    async def read_links(self, tenant: str, identity_ids: Sequence[str]) -> list[Link]:
        """All that decides who these identities belong to, whatever its class."""
        ...


async def simulate_rules(
    store: AllEvidenceStore, hasher: Hasher, today: IdentityRules, other: IdentityRules, now: datetime
) -> RulesEffect:
    """Compare who belongs together under two rules; memory holds all links that decide it."""
    members: list[Member] = []
    links: list[Link] = []
    after = ""
    while ids := await store.page(hasher.tenant, after, PAGE):
        members += await store.read_members(hasher.tenant, ids, now)
        links += await store.read_links(hasher.tenant, ids)
        after = ids[-1]
    blocked_now, blocked_then = _blocked(hasher, today), _blocked(hasher, other)
    return compare_rules(
        Evidence(members, links),
        today,
        other,
        now,
        newly_blocked=blocked_then - blocked_now,
        unblocked=blocked_now - blocked_then,
    )


def _blocked(hasher: Hasher, rules: IdentityRules) -> frozenset[str]:
    """Digests of the tenant's own blocked values, as each type of identifier would be hashed."""
    return frozenset(
        digest for type_ in rules.classes for value in rules.blocked_values for digest in hasher.every(type_, value)
    )
