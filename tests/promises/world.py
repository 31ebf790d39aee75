"""A small shop in which promises are tried: a crowd with tastes, and people that each case makes anew."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import count
from typing import Any

from hypothesis import strategies as st

from app.domain.exclusions import Excluding, ExclusionKind
from app.domain.grants import Grant, GrantRequest
from app.domain.models import Consent, Identity, Interaction, InteractionType, Purpose, Tag
from app.domain.recommendation import Context, Recommendation, RecommendationRequest
from app.graph.audit import AuditTrail
from app.graph.database import Database
from app.graph.exclusions import ExclusionGraph
from app.graph.grants import GrantGraph
from app.graph.tombstones import Tombstones
from app.jobs.refresh import RunReport, refresh
from app.services.exclusions import exclude
from app.services.grants import give_grant, revoke_grant
from tests.graph.shop import HASHER, NOW, Shop

TASTES = {
    "tea": ("tea", "cup", "pot", "honey"),
    "tool": ("hammer", "nails", "saw", "glue"),
    "pet": ("bone", "leash", "bowl", "brush"),
}
PRODUCTS = tuple(product for products in TASTES.values() for product in products)
CROWD = 6
"""Cards of each taste."""

_numbers = count(1)


@dataclass(frozen=True, slots=True)
class Act:
    """Something that somebody did, before it has an identity."""

    type: InteractionType
    product_ids: tuple[str, ...]
    days_ago: float


acts = st.builds(
    Act,
    st.sampled_from(("purchase", "purchase", "view", "cart", "wish", "refund", "unwish", "dislike")),
    st.lists(st.sampled_from(PRODUCTS), min_size=1, max_size=4, unique=True).map(tuple),
    st.floats(0.001, 300),
)
histories = st.lists(acts, max_size=5)

requests: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {},
    optional={
        "limit": st.integers(1, 12),
        "diversity": st.sampled_from((0.0, 0.3, 1.0)),
        "context": st.builds(Context, viewing=st.lists(st.sampled_from(PRODUCTS), max_size=2, unique=True).map(tuple)),
        "exclude": st.lists(st.sampled_from(PRODUCTS), max_size=2, unique=True).map(tuple),
        "sources": st.sampled_from((("repeat",), ("similar",), ("repeat", "session", "similar"), None)),
    },
)
"""What a storefront may ask beside the subject; reasons are always wanted."""


class World(Shop):
    """One tenant with a crowd and an active run; each case names people of its own in it."""

    def __init__(self, db: Database, tenant: str, **settings: Any) -> None:
        super().__init__(db, tenant, **settings)
        self.grant_store = GrantGraph(db, AuditTrail(HASHER))
        rules = self.settings.evidence_rules
        self.exclusions = ExclusionGraph(db, Tombstones(HASHER), AuditTrail(HASHER), rules)

    async def opens(self) -> None:
        """Fill the shelves, let the crowd shop and learn from it."""
        for taste, products in TASTES.items():
            await self.offers(*products, product_type=taste, tags=(Tag(taste, "mood"),))
        cards = {f"{taste}-{place}": products for taste, products in TASTES.items() for place in range(CROWD)}
        for days_ago in (200, 110, 30):
            await self.saw(*(self.event("purchase", card, *ids, days_ago=days_ago) for card, ids in cards.items()))
        await self.grants(*cards)
        await self.refreshes()

    async def refreshes(self) -> RunReport:
        """Learn as of the fixed moment, so that two runs over the same evidence are equal to the last digit."""
        return await refresh(self.db, self.settings, self.tenant, now=NOW)

    @staticmethod
    def name(word: str) -> str:
        """An id that no other case has."""
        return f"{word}-{next(_numbers)}"

    def events(self, identity_id: str, history: Sequence[Act]) -> list[Interaction]:
        return [self.event(act.type, identity_id, *act.product_ids, days_ago=act.days_ago) for act in history]

    async def lives(self, identity: Identity, history: Sequence[Act], *purposes: Purpose) -> None:
        """Let an identity exist, consent and do things."""
        await self.knows(identity)
        if purposes:
            await self.grants(identity.id, purposes=purposes)
        if history:
            await self.saw(*self.events(identity.id, history))

    async def grant(self, from_id: str, to_id: str, *purposes: Purpose, days: float = 30) -> Grant:
        asked = GrantRequest(from_id, to_id, purposes or ("personalise_content",), NOW + timedelta(days=days))
        return await give_grant(self.grant_store, self.tenant, asked, NOW, "test")

    async def excludes(self, identity_id: str, kind: ExclusionKind, value: str) -> None:
        await exclude(self.exclusions, self.tenant, identity_id, Excluding(kind, value), "test")

    async def revoke(self, grant: Grant) -> None:
        await revoke_grant(self.grant_store, self.tenant, grant.id, "test")

    async def told(self, identity_id: str | None, at_days: float = 0, **request: Any) -> Recommendation:
        """The answer as of ``at_days`` from a fixed moment, read anew: no clock and no kept answer moves it."""
        asked = RecommendationRequest(identity_id=identity_id, explain=True, **request)
        return await self.recommender.answer(self.tenant, asked, NOW + timedelta(days=at_days))


def same(one: Recommendation, other: Recommendation) -> bool:
    """Whether two answers are equal but for the decision's id."""
    return _said(one) == _said(other)


def _said(answer: Recommendation) -> tuple[object, ...]:
    return answer.identity_id, answer.method, answer.purpose, answer.outcome, answer.items, answer.run


def denial(purpose: Purpose, days_ago: float = 1) -> Consent:
    return Consent(World.name("record"), purpose, "denied", NOW - timedelta(days=days_ago))
