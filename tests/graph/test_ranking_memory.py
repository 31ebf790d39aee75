"""What one ranking holds in the server's memory: when all that are under way hold too much, it refuses answers."""

from typing import cast

import pytest

from app.graph.database import Database
from tests.graph.shop import Shop

LIKES, SIMILAR = 300, 40
BOUND_BYTES = 60 * 2**20
"""Of one ranking; with the likes as one list of maps it was 423 MB here."""


async def fill(shop: Shop) -> None:
    """Somebody who likes many products, each similar to many others."""
    await shop.grants("ann")
    await shop.query("CREATE (:Run {tenant: $tenant, id: 'r', active: true, finished_at: datetime()})")
    await shop.query(
        "UNWIND range(0, $likes * 3) AS n CREATE (:Product {tenant: $tenant, id: 'p' + n, title: 'Product ' + n,"
        " availability: 'in_stock', likers: n % 50})",
        likes=LIKES,
    )
    await shop.query(
        "UNWIND range(0, $likes - 1) AS n "
        "MATCH (i:Identity {tenant: $tenant, id: 'ann'}), (p:Product {tenant: $tenant, id: 'p' + n}) "
        "CREATE (i)-[:LIKES {weight: 1.0 + n % 7, full_price_weight: 1.0, purchases: 1, last_at: datetime(),"
        " last_bought_at: datetime()}]->(p) "
        "WITH p, [near IN range(1, $similar) | 'p' + ((n * 7 + near * 13) % ($likes * 3))] AS ids "
        "MATCH (run:Run {tenant: $tenant}) "
        "CREATE (p)-[:SPEAKS_IN {run: 'r', product_ids: ids, nearest: $similar,"
        " weights: [near IN range(1, $similar) | 1.0 / near]}]->(run)",
        likes=LIKES,
        similar=SIMILAR,
    )


async def test_a_long_history_takes_little_memory(db: Database, tenant: str, monkeypatch: pytest.MonkeyPatch) -> None:
    shop = Shop(db, tenant)
    await fill(shop)
    asked: list[dict[str, object]] = []
    read = Database.read

    async def noting(self: Database, name: str, /, **params: object) -> list[dict[str, object]]:
        asked.append(params)
        return await read(self, name, **params)

    monkeypatch.setattr(Database, "read", noting)
    answer = await shop.asks("ann", sources=("similar",))
    assert answer.items

    statement = db._catalogue["recommend/rank_products"]  # pyright: ignore[reportPrivateUsage]
    text = statement.text.replace("CYPHER 25\n", "CYPHER 25 PROFILE\n", 1)
    async with db._session("READ") as session:  # pyright: ignore[reportPrivateUsage]
        result = await session.run(text, statement.arguments(asked[-1]))
        await result.fetch(1)
        summary = await result.consume()
    profile = cast("dict[str, dict[str, int]]", summary.profile)  # pyright: ignore[reportUnknownMemberType]
    assert 0 < profile["args"]["GlobalMemory"] < BOUND_BYTES
