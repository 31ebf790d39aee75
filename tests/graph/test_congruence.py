"""The pipeline over arrays answers as the ranking statement did, with that statement's approximations switched off."""

import random
from collections.abc import AsyncGenerator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import pytest_asyncio

from app.domain.models import Identity, Tag
from app.domain.recommendation import Context, Recommendation, RecommendationRequest, Rule, Source
from app.graph import ranking
from app.graph.database import Database
from app.graph.items import Items
from app.graph.models import RunModels
from app.graph.ranking import GraphRanker
from app.graph.readers import Readers
from app.recommend.tuning import Tuning
from app.services.rank import PipelineRanker
from app.services.recommend import NoLog, Recommender
from tests.graph.shop import NOW
from tests.promises.world import World

TASTES = ("tea", "tool", "pet", "book", "toy", "yarn")
EXACT = {"far_reaching_likes": 1000, "similar_nearest_share": 1.0, "history_size": 30, "blend_identities": 200}
QUESTIONS = 1000
SOURCES: tuple[Source, ...] = ("similar", "repeat", "session", "peers", "community", "microgenre", "popular")
RULES = (
    Rule("brand", ("tea & sons", "pet & sons"), -1),
    Rule("price", ("2..9",), -1),
    Rule("tag", ("use:toy",), 0),
    Rule("category", ("book",), 3.0),
    Rule("tag", ("yarn 1",), -1),
)


class Market(World):
    """A generated shop: people of several tastes, habits, sessions, followers, grants and a household."""

    def __init__(self, db: Database, tenant: str) -> None:
        super().__init__(db, tenant, **EXACT)
        self.chance = random.Random(16)
        self.goods = [f"{taste}-{n}" for taste in TASTES for n in range(14)]
        self.people = [f"person-{n}" for n in range(70)]

    async def opens(self) -> None:
        for taste in TASTES:
            for n in range(14):
                tags = (Tag(f"{taste} {n % 3}", "mood"), Tag(taste, "use"))
                brand = f"{taste} & sons" if n % 4 == 0 else None
                await self.offers(f"{taste}-{n}", product_type=taste, tags=tags, brand=brand, price=str(n + 1))
            tags = tuple(Tag(f"{taste} {n}", "mood") for n in range(3))
            await self.offers(f"{taste}-new", product_type=taste, tags=tags)
        await self.offers(*(f"other-{n}" for n in range(60)))
        await self.offers("tea-3", "pet-5", availability="out_of_stock")
        for person in self.people:
            await self.shops(person)
        await self.grants(*self.people)
        for person in self.people[:20]:
            for other in self.chance.sample(self.people[20:], 4):
                await self.follows(person, other)
        await self.refreshes()
        await self.saw(*(self.event("view", f"visitor-{n}", *self.chance.sample(self.goods, 3), days_ago=0.001,
                                    session_id=f"session-{n}") for n in range(4)))  # fmt: skip
        await self.grants(*(f"visitor-{n}" for n in range(4)), "fresh")
        for person in self.people[:10]:
            await self.saw(self.event("cart", person, *self.chance.sample(self.goods, 2), days_ago=0.005))
        await self.shares()

    async def shops(self, person: str) -> None:
        """Two tastes each, at several moments; some of it again and again, some as a deal."""
        mine = self.chance.sample(TASTES, 2)
        shelf = [f"{taste}-{n}" for taste in mine for n in range(14)]
        bought = [
            self.event(
                self.chance.choice(("purchase", "purchase", "view", "wish")),
                person,
                *self.chance.sample(shelf, self.chance.randint(1, 5)),
                days_ago=self.chance.uniform(0.2, 300),
                **({"price_paid": "5", "list_price": "10"} if self.chance.random() < 0.3 else {}),
            )
            for _ in range(self.chance.randint(1, 9))
        ]
        habit = self.chance.choice(shelf)
        bought += [self.event("purchase", person, habit, days_ago=14 * n + 2) for n in range(self.chance.randint(0, 5))]
        await self.saw(*bought)

    async def follows(self, person: str, other: str) -> None:
        await self.query(
            "MATCH (a:Identity {tenant: $tenant, id: $a}), (b:Identity {tenant: $tenant, id: $b}) "
            "CREATE (a)-[:FOLLOWS {source: 'test', confidence: 1.0, first_seen: $past, valid_until: null}]->(b)",
            a=person, b=other, past=NOW - timedelta(days=400),
        )  # fmt: skip

    async def shares(self) -> None:
        """Two identities of one person, one of which grants the other; a household of three."""
        await self.knows(Identity("work", "work"), Identity("home", "household"))
        await self.saw(self.event("purchase", "work", "tea-1", "tool-2"), self.event("view", "home", "pet-1"))
        await self.grants("work", "home", *self.people[:5], purposes=["personalise_content", "household_share"])
        await self.grant(self.people[0], "work")
        await self.grant(self.people[1], "work")
        for person in self.people[2:5]:
            await self.grant(person, "home")

    def subject(self) -> dict[str, Any]:
        """Whom or what a question is about."""
        subject = self.chance.choice(("person", "person", "person", "shared", "session", "nobody", "product"))
        if subject == "session":
            return {"session_id": f"session-{self.chance.randrange(4)}"}
        if subject == "product":
            return {"product_ids": (self.chance.choice(self.goods),)}
        who = self.people if subject == "person" else ["work", "home", "fresh", "stranger"]
        return {} if subject == "nobody" else {"identity_id": self.chance.choice(who)}

    def question(self) -> dict[str, Any]:
        """Any question of a storefront."""
        draw = self.chance.random
        asked: dict[str, Any] = {"limit": self.chance.choice((1, 3, 12, 24)), "explain": draw() < 0.5}
        asked |= self.subject()
        if draw() < 0.4:
            viewing = tuple(self.chance.sample([*self.goods, "unheard-of"], self.chance.randint(1, 3)))
            asked["context"] = Context(viewing=viewing, categories=("tea",) if draw() < 0.3 else ())
        if draw() < 0.2:
            asked["exclude"] = tuple(self.chance.sample(self.goods, 5))
        if draw() < 0.2:
            asked["objective"] = "full_price"
        if draw() < 0.2:
            asked["diversity"] = 0.4
        if draw() < 0.25:
            asked["rules"] = (self.chance.choice(RULES),)
        if draw() < 0.5:
            asked["sources"] = tuple(self.chance.sample(SOURCES, self.chance.randint(1, len(SOURCES))))
        if asked.get("identity_id") == "work":
            # A grant was evidence of membership in the statement; that was wrong.
            asked["sources"] = ("similar", "repeat", "session", "popular")
        return asked


@pytest_asyncio.fixture(scope="module")
async def market(db: Database) -> AsyncGenerator[Market]:
    shop = Market(db, f"market-{uuid4().hex[:12]}")
    await shop.opens()
    yield shop


async def test_the_arrays_answer_as_the_statement_does(market: Market, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ranking, "REACH", 100_000)
    old = Recommender(GraphRanker(market.db, market.settings), market.settings, NoLog())
    models = RunModels(market.db, None, 10**9, 60)
    arrays = PipelineRanker(Readers(market.db, 10**7), models, Items(market.db, 10**6), Tuning.of(market.settings))
    new = Recommender(arrays, market.settings, NoLog())
    sources = set[str]()
    for number in range(QUESTIONS):
        asked = RecommendationRequest(**market.question())
        before, after = [await one.answer(market.tenant, asked, NOW) for one in (old, new)]
        assert_same(before, after, f"question {number}: {asked}")
        sources |= {item.source for item in after.items}
    assert sources == set(SOURCES)


def assert_same(before: Recommendation, after: Recommendation, question: str) -> None:
    """Equal but for the last digit; products of one score may have changed places by it."""
    assert (after.outcome, after.run) == (before.outcome, before.run), question
    assert [(one.id, one.label) for one in after.communities] == [(one.id, one.label) for one in before.communities]
    scores = {item.product_id: item.score for item in before.items}
    told = [item.score for item in before.items]
    assert [item.score for item in after.items] == pytest.approx(told, abs=2e-6), question
    last = before.items[-1].score if before.items else 0
    for item in after.items:
        assert scores.get(item.product_id, last) == pytest.approx(item.score, abs=2e-6), question
    reasons = {item.product_id: reason_of(item) for item in before.items}
    for item in after.items:
        if item.product_id in reasons:
            assert reason_of(item) == pytest.approx(reasons[item.product_id], abs=1e-4), question


def reason_of(item: Any) -> dict[tuple[str, str, str], float]:
    return {(reason.code, reason.id, reason.label): reason.share for reason in item.reasons}
