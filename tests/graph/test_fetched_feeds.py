"""Feeds that are due are fetched from a real server, loaded as `plural load products` loads them, and told about."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from app.domain import clock
from app.domain.errors import InvalidError, NotFoundError
from app.domain.feeds import Feed, FeedSource
from app.graph.audit import AuditTrail
from app.graph.database import Database
from app.graph.feeds import FeedGraph
from app.graph.write_hold import WriteHold
from app.intake.feeds.fetched import FeedRunner
from app.services.feeds import FeedDesk
from app.services.fetch_feed import FeedFetcher
from tests.conftest import Neo4jServer
from tests.graph.shop import HASHER, Shop


class Office:
    """A shop's feeds, the service that fetches them, and a server that has one."""

    def __init__(self, shop: Shop, folder: Path) -> None:
        self.shop = shop
        self.store = FeedGraph(shop.db, AuditTrail(HASHER))
        self.allowed = frozenset({"127.0.0.1"})
        self.desk = FeedDesk(self.store, self.allowed)
        self.folder = folder
        self.text = ""
        self.asked = 0
        self.port = 0

    def runner(self, *allowed: str) -> FeedRunner:
        fetcher = FeedFetcher(allowed or self.allowed, 1_000_000, 20)
        return FeedRunner(self.store, self.shop.products, fetcher, self.folder, 0.05)

    async def puts(self, name: str = "main", **source: Any) -> Feed:
        url = f"http://127.0.0.1:{self.port}/feed"
        given: dict[str, Any] = {"url": url, "every": timedelta(hours=6), **source}
        return await self.desk.put(self.shop.tenant, name, FeedSource(**given), "key-1")

    async def runs(self, name: str = "main") -> Feed:
        """Load what is due, of this shop only; the feed with what came of it."""
        for _ in range(50):
            due = [one for tenant, one in await self.store.list_due(clock.now()) if tenant == self.shop.tenant]
            if name not in due:
                break
            await self.runner().run_next()
        return await self.desk.find(self.shop.tenant, name)

    async def offered(self) -> dict[str, str]:
        rows = await self.shop.query(
            "MATCH (p:Product {tenant: $tenant}) RETURN p.id AS id, p.availability AS availability ORDER BY id"
        )
        return {row["id"]: row["availability"] for row in rows}

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        self.asked += 1
        body = self.text.encode()
        writer.write(f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body)
        await writer.drain()
        writer.close()


@asynccontextmanager
async def opened(shop: Shop, folder: Path) -> AsyncGenerator[Office]:
    await shop.query("MATCH (f:Feed) DELETE f  // what other tests left would be due as well")
    office = Office(shop, folder)
    listener = await asyncio.start_server(office.serve, "127.0.0.1", 0)
    office.port = listener.sockets[0].getsockname()[1]
    async with listener:
        yield office
    await shop.query("MATCH (f:Feed {tenant: $tenant}) DELETE f")


@asynccontextmanager
async def another(server: Neo4jServer) -> AsyncGenerator[Database]:
    """What another process has opened."""
    user, password = server.auth or ("", "")
    db = await Database.connect(server.bolt_uri, user, password, timeout_seconds=60)
    try:
        yield db
    finally:
        await db.close()


def feed_of(*ids: str) -> str:
    return "\n".join(["id\ttitle\tprice\tfancy", *[f"{id_}\tPan {id_}\t9.00 EUR\tred" for id_ in ids]]) + "\n"


async def test_a_feed_is_fetched_when_it_is_put_and_says_what_came_of_it(shop: Shop, tmp_path: Path) -> None:
    async with opened(shop, tmp_path) as office:
        office.text = feed_of("p1", "p2") + "p3\t\t9.00 EUR\n" + "p4\tPot\tcheap\tblue\n"
        put = await office.puts()
        assert put.result is None
        feed = await office.runs()

        assert feed.result is not None
        assert feed.result.problem is None
        assert (feed.result.accepted, feed.result.refused, feed.result.withdrawn) == (2, 2, 0)
        assert [(one.line, one.field) for one in feed.result.errors] == [(4, ""), (5, "price")]
        assert feed.result.form == "Google Merchant, separated by tabs, in UTF-8"
        assert feed.result.warnings == ("feed: left out, since Plural does not know them: fancy.",)
        assert await office.offered() == {"p1": "in_stock", "p2": "in_stock"}
        assert feed.next_at - feed.result.at > timedelta(hours=5.9)
        assert list(tmp_path.iterdir()) == []
        await office.runs()
        assert office.asked == 1, "it is not due"


async def test_the_whole_catalogue_withdraws_what_left_and_stops_where_too_much_would(
    shop: Shop, tmp_path: Path
) -> None:
    async with opened(shop, tmp_path) as office:
        office.text = feed_of(*"abcdefghij")
        await office.puts(is_whole=True)
        await office.runs()
        office.text = feed_of(*"abcdefghi")
        await office.desk.run(shop.tenant, "main", is_confirmed=False)
        feed = await office.runs()
        assert feed.result is not None
        assert feed.result.withdrawn == 1

        office.text = feed_of("a")
        await office.desk.run(shop.tenant, "main", is_confirmed=False)
        feed = await office.runs()
        assert feed.result is not None
        assert "8 of 9 products are not in the feed" in (feed.result.problem or "")
        assert sum(one == "in_stock" for one in (await office.offered()).values()) == 9

        await office.desk.run(shop.tenant, "main", is_confirmed=True)
        feed = await office.runs()
        assert feed.result is not None
        assert (feed.result.problem, feed.result.withdrawn, feed.is_confirmed) == (None, 8, False)


async def test_what_cannot_be_fetched_or_is_no_feed_is_told_and_tried_again_on_time(shop: Shop, tmp_path: Path) -> None:
    async with opened(shop, tmp_path) as office:
        office.text = "<html>login</html>"
        await office.puts()
        feed = await office.runs()
        assert feed.result is not None
        assert feed.result.problem
        assert str(tmp_path) not in feed.result.problem
        assert feed.next_at > clock.now() + timedelta(hours=5)
        assert await office.offered() == {}


async def test_loopback_is_not_fetched_from_unless_the_operator_allows_it(shop: Shop, tmp_path: Path) -> None:
    async with opened(shop, tmp_path) as office:
        with pytest.raises(InvalidError, match="no public address"):
            await FeedDesk(office.store, ()).put(
                shop.tenant, "main", FeedSource("http://127.0.0.1/", timedelta(1)), "k"
            )
        await office.puts(url=f"http://localhost:{office.port}/")
        await office.runner("another").run_next()
        feed = await office.desk.find(shop.tenant, "main")
        assert feed.result is not None
        assert feed.result.problem == "The URL's host has no public address."
        assert office.asked == 0


async def test_one_of_two_processes_takes_a_feed(shop: Shop, tmp_path: Path) -> None:
    async with opened(shop, tmp_path) as office:
        office.text = feed_of("p1")
        await office.puts()
        now = clock.now()
        until = now + timedelta(minutes=1)
        claims = [await office.store.claim(shop.tenant, "main", one, now, until) for one in ("a", "b", "a")]
        assert [claim is not None for claim in claims] == [True, False, True]
        assert (shop.tenant, "main") not in await office.store.list_due(now)
        later = until + timedelta(seconds=1)
        assert await office.store.claim(shop.tenant, "main", "b", later, later), "whoever was killed loses it"
        result = (await office.runs()).result
        assert result is None


async def test_a_feed_waits_while_its_shop_is_held(
    shop: Shop, tmp_path: Path, neo4j_server: Neo4jServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    user, password = neo4j_server.auth or ("", "")
    holder = await Database.connect(neo4j_server.bolt_uri, user, password, timeout_seconds=60)
    async with AsyncExitStack() as stack:
        stack.push_async_callback(holder.close)
        office = await stack.enter_async_context(opened(shop, tmp_path))
        office.text = feed_of("p1")
        await office.puts()
        async with WriteHold(holder, "backup", shop.tenant) as hold:
            await hold.settle()
            async with office.runner():
                await asyncio.sleep(0.5)
            assert office.asked == 0
        await asyncio.sleep(1.1)
        result = (await office.runs()).result
        assert result is not None
        assert result.accepted == 1


async def test_feeds_of_a_held_shop_keep_no_other_shop_waiting(
    shop: Shop, tmp_path: Path, neo4j_server: Neo4jServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shop.db.holds, "waits", False)
    async with AsyncExitStack() as stack:
        holder = await stack.enter_async_context(another(neo4j_server))
        office = await stack.enter_async_context(opened(shop, tmp_path))
        office.text = feed_of("p1")
        held = FeedSource(f"http://127.0.0.1:{office.port}/held", timedelta(hours=6))
        for number in range(25):  # more than are listed at once, and due for longer
            await office.desk.put("held", f"f{number}", held, "key-1")
        await office.puts()
        async with WriteHold(holder, "backup", "held") as hold:
            await hold.settle()
            result = (await office.runs()).result
            assert result is not None
            assert office.asked == 1
        await shop.query("CREATE (:Hold {tenant: 'held', id: 'writes', kind: 'load', until: datetime('2020-01-01')})")
        assert await office.store.list_due(clock.now()) == [], "a load that was broken off"
        await shop.query("MATCH (n {tenant: 'held'}) DETACH DELETE n")


async def test_a_feed_that_is_deleted_leaves_its_products(shop: Shop, tmp_path: Path) -> None:
    async with opened(shop, tmp_path) as office:
        office.text = feed_of("p1")
        await office.puts()
        await office.runs()
        await office.desk.delete(shop.tenant, "main", "key-1")
        assert await office.offered() == {"p1": "in_stock"}
        assert await office.desk.list_feeds(shop.tenant) == []
        for gone in (
            office.desk.find(shop.tenant, "main"),
            office.desk.delete(shop.tenant, "main", "key-1"),
            office.desk.run(shop.tenant, "main", is_confirmed=False),
        ):
            with pytest.raises(NotFoundError):
                await gone
