"""How many rankings the database is given at a time."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, cast

import pytest

from app.domain.recommendation import RankingQuery, RecommendationRequest, Rule
from app.graph.database import Database, Row
from app.graph.ranking import RANKINGS_AT_ONCE, GraphRanker
from app.services.recommend import NoLog, Recommender
from app.settings import Settings

QUERY = RankingQuery(
    None, None, (), "personalise_content", frozenset(), (), (), (), (), with_rules=False, with_tags=False, explain=False
)
EMPTY: Row = dict.fromkeys(("seeds", "near", "repeats", "popular", "communities", "members"), ()) | {
    "stamp": "",
    "granted": False,
    "kind": None,
    "run": None,
}


class BusyDatabase:
    """Answers when everybody who may come has come."""

    def __init__(self) -> None:
        self.inside = self.most = 0

    async def read(self, name: str, **params: Any) -> list[Row]:
        self.inside += 1
        self.most = max(self.most, self.inside)
        await asyncio.sleep(0.01)
        self.inside -= 1
        return [EMPTY]


async def test_more_rankings_wait_since_each_holds_its_memory_in_the_database() -> None:
    db = BusyDatabase()
    ranker = GraphRanker(cast("Database", db), Settings.load())

    await asyncio.gather(*(ranker.rank("demo", QUERY, datetime.now(UTC), None) for _ in range(100)))

    assert db.most == RANKINGS_AT_ONCE


class NotingDatabase:
    """Keeps what it was asked with."""

    def __init__(self) -> None:
        self.params: dict[str, Any] = {}

    async def read(self, name: str, **params: Any) -> list[Row]:
        self.params = params
        return [EMPTY]


@pytest.mark.parametrize(
    ("query", "rows"),
    [
        (QUERY, 120),
        (replace(QUERY, places=5), 10),
        (replace(QUERY, places=100), 120),
        (replace(QUERY, with_rules=True), 1200),
    ],
)
async def test_no_more_rows_are_read_than_an_answer_needs(query: RankingQuery, rows: int) -> None:
    db = NotingDatabase()
    await GraphRanker(cast("Database", db), Settings.load()).rank("demo", query, datetime.now(UTC), None)

    assert (db.params["pool_size"], db.params["places"]) == (rows, query.places)


@pytest.mark.parametrize(
    ("request_", "places"),
    [
        (RecommendationRequest("ann", limit=5), 5),
        (RecommendationRequest("ann", limit=5, diversity=0.5), None),
        (RecommendationRequest("ann", limit=5, rules=(Rule("brand", ("x",), 2.0),)), None),
    ],
)
async def test_rules_and_diversity_choose_among_many(request_: RecommendationRequest, places: int | None) -> None:
    db = NotingDatabase()
    settings = Settings.load()
    await Recommender(GraphRanker(cast("Database", db), settings), settings, NoLog()).answer("demo", request_)

    assert db.params["places"] == places
