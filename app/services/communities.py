"""Use case: look at taste communities, what they buy more often than others, and how they came to be."""

from collections import defaultdict
from typing import Protocol

from app.domain.communities import Epoch, FoundCommunity, Match, Summary, Told
from app.domain.disclosure import Disclosure
from app.domain.errors import NotFoundError
from app.services.pages import Page, take_page
from app.services.portraits import sort_matches, tell_epoch, tell_portrait, tell_summary

TOP_MATCHES = 3
"""Matches beside each community of the list."""
MOST_MATCHES = 10
"""Microgenres and brands of a portrait, of each kind."""


class CommunityStore(Protocol):
    """Where published communities are read; none before the first run."""

    async def read_communities(self, tenant: str) -> list[FoundCommunity]:
        """All of them, by id, with their size alone."""
        ...

    async def read_community(self, tenant: str, community_id: str) -> FoundCommunity | None:
        """One of them, whole."""
        ...

    async def read_history(self, tenant: str, community_id: str) -> list[FoundCommunity]:
        """One each time that figures were published, latest first."""
        ...

    async def read_matches(
        self, tenant: str, community_id: str | None = None, genre_id: str | None = None, brand_id: str | None = None
    ) -> list[Match]:
        """Published associations; each id narrows."""
        ...


class CommunityGuide:
    """Shows communities to whoever may look: of fewer than k identities neither label nor figure."""

    def __init__(self, store: CommunityStore, rule: Disclosure) -> None:
        self._store = store
        self._rule = rule

    async def list_all(self, tenant: str, after: str | None, limit: int) -> Page[Summary]:
        """Communities with their best matches, largest first, those under k last."""
        best: dict[str, list[Match]] = defaultdict(list)
        for match in sort_matches(await self._store.read_matches(tenant)):
            if match.kind == "microgenre" and len(best[match.community_id]) < TOP_MATCHES:
                best[match.community_id].append(match)
        found = await self._store.read_communities(tenant)
        told = [tell_summary(one, best[one.id]) for one in found]
        told.sort(key=lambda one: (-(one.size or 0), len(one.id), one.id))
        return take_page(told, lambda one: one.id, after, limit)

    async def portray(self, tenant: str, community_id: str) -> Told:
        """Portray one community; ``NotFoundError``."""
        found = await self._store.read_community(tenant, community_id)
        if found is None:
            raise NotFoundError("There is no such community.")
        matches = sort_matches(await self._store.read_matches(tenant, community_id))
        kept = [
            *[one for one in matches if one.kind == "microgenre"][:MOST_MATCHES],
            *[one for one in matches if one.kind == "brand"][:MOST_MATCHES],
        ]
        return tell_portrait(self._rule, found, kept)

    async def trace(self, tenant: str, community_id: str) -> list[Epoch]:
        """Trace one community back through the times that figures were published; ``NotFoundError``."""
        found = await self._store.read_history(tenant, community_id)
        if not found:
            raise NotFoundError("There is no such community.")
        return [tell_epoch(self._rule, one) for one in found]

    async def match(
        self,
        tenant: str,
        community_id: str | None,
        genre_id: str | None,
        brand_id: str | None,
        after: str | None,
        limit: int,
    ) -> Page[Match]:
        """Associations that rest on k identities and more, highest lift first; each id narrows."""
        found = await self._store.read_matches(tenant, community_id, genre_id, brand_id)
        return take_page(sort_matches(found), name_match, after, limit)


def name_match(match: Match) -> str:
    """Name a match in its list."""
    return f"{match.community_id}~{match.kind}~{match.id}"
