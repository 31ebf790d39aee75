"""A refresh beside writers that want the same products and identities, each with a connection of its own."""

import asyncio
import random
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager, suppress

import pytest

from app.domain.errors import UnavailableError
from app.graph.database import Database
from app.graph.event_writer import EventWriter
from app.graph.tombstones import Tombstones
from tests.conftest import Neo4jServer
from tests.graph.shop import HASHER, Shop

WRITERS = 4
BATCH = 10
BATCHES = 500
"""Of one writer: many more than the refreshes take, and an end, so that no slow machine drowns in events."""
PRODUCTS = [f"p{place}" for place in range(60)]
PEOPLE = [f"i{place}" for place in range(120)]


async def _keep_writing(shop: Shop, writer: EventWriter, dice: random.Random) -> None:
    """Record purchases of everybody's favourite products until somebody cancels; what was refused is sent again."""
    for _ in range(BATCHES):
        batch = [
            shop.event("purchase", dice.choice(PEOPLE), *dice.sample(PRODUCTS, 3), days_ago=dice.randint(1, 90))
            for _ in range(BATCH)
        ]
        while True:
            with suppress(UnavailableError):
                report = await writer.append(shop.tenant, batch)
                assert report.accepted + report.duplicates == BATCH
                break
    await asyncio.Event().wait()


@asynccontextmanager
async def _writers(shop: Shop, server: Neo4jServer) -> AsyncGenerator[None]:
    """Write from several connections, as several processes would, until the block ends; a writer that died raises."""
    user, password = server.auth or ("", "")
    async with AsyncExitStack() as stack:
        tasks: list[asyncio.Task[None]] = []
        for number in range(WRITERS):
            other = await Database.connect(server.bolt_uri, user, password, timeout_seconds=60)
            stack.push_async_callback(other.close)
            writer = EventWriter(other, Tombstones(HASHER), shop.settings.evidence_rules, 1000)
            await stack.enter_async_context(writer)
            tasks.append(asyncio.create_task(_keep_writing(shop, writer, random.Random(number))))
        yield
        for task in tasks:
            task.cancel()
        for ended in await asyncio.gather(*tasks, return_exceptions=True):
            if not isinstance(ended, asyncio.CancelledError):
                raise ended or AssertionError


async def _refresh_beside_writers(shop: Shop, server: Neo4jServer, refreshes: int) -> list[str]:
    """The runs that came of it, in their order; the last one is what is answered from, and no event is lost."""
    await shop.offers(*PRODUCTS, brand="b", tags=())
    await shop.grants(*PEOPLE)
    async with _writers(shop, server):
        reports = [await shop.refreshes() for _ in range(refreshes)]

    assert (await shop.asks()).run.id == reports[-1].run  # pyright: ignore[reportOptionalMemberAccess]
    written = await shop.query("MATCH (x:Interaction {tenant: $tenant}) RETURN count(x) AS n")
    assert written[0]["n"] >= shop.events_made - WRITERS * BATCH
    return [report.run for report in reports]


@pytest.mark.parametrize(("similarity", "refreshes"), [("ridge", 4), ("cosine", 2)])
async def test_no_refresh_dies_while_events_come_in(
    neo4j_server: Neo4jServer, db: Database, tenant: str, similarity: str, refreshes: int
) -> None:
    runs = await _refresh_beside_writers(Shop(db, tenant, similarity=similarity), neo4j_server, refreshes)

    assert len(runs) == refreshes
    assert runs == sorted(set(runs))
