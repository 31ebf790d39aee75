"""How many rankings the database is given at a time."""

import asyncio
from datetime import UTC, datetime
from typing import Any, cast

from app.domain.recommendation import RankingQuery
from app.graph.database import Database, Row
from app.graph.ranking import RANKINGS_AT_ONCE, GraphRanker
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
