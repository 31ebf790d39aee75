"""Use case: say who the most active or most valuable members of a community are, to whoever has the right."""

from typing import Protocol

from app.domain.communities import MemberOrder, Members
from app.domain.disclosure import Disclosure
from app.domain.errors import NotFoundError

MOST_MEMBERS = 100
"""Members that are listed at most."""


class MemberStore(Protocol):
    """Where the active run's members are read."""

    async def list_members(
        self, tenant: str, community_id: str, by: MemberOrder, k: int, limit: int, actor: str
    ) -> Members | None:
        """Read those whose ``model_training`` consent lives, and note in the audit log who was listed to whom.

        Nobody where fewer than ``k`` could be; ``None`` when there is no such community.
        """
        ...


class MemberRoll:
    """Lists members one by one: the only place that names somebody of a community, so each reading is audited."""

    def __init__(self, store: MemberStore, rule: Disclosure) -> None:
        self._store = store
        self._rule = rule

    async def read(self, tenant: str, community_id: str, by: MemberOrder, limit: int, actor: str) -> Members:
        """List at most ``limit`` (1 to ``MOST_MEMBERS``) members, best first; ``NotFoundError``."""
        found = await self._store.list_members(tenant, community_id, by, self._rule.k, limit, actor)
        if found is None:
            raise NotFoundError("There is no such community.")
        return found
