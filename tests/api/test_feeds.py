"""A shop says over HTTP where its feed is, and reads what came of it."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from app.settings import Settings
from tests.api.conftest import ServeWith, Shop


async def test_a_feed_is_put_read_run_and_deleted(shop: Shop) -> None:
    body = {"url": "https://feeds.shop.example/a.xml", "every_hours": 6, "replace": True, "currency": "EUR"}
    put = await shop.call("PUT", "/v1/feeds/main", body)
    assert put.status_code == 200, put.text
    kept = put.json()
    assert kept["source"] == {**body, "locale": None, "encoding": None}
    assert (kept["name"], kept["last"]) == ("main", None)
    assert (await shop.call("GET", "/v1/feeds/main")).json() == kept
    assert (await shop.call("GET", "/v1/feeds")).json() == {"feeds": [kept]}
    ran = await shop.call("POST", "/v1/feeds/main:run", {"confirm": True})
    assert ran.status_code == 202, ran.text
    assert (await shop.call("DELETE", "/v1/feeds/main")).status_code == 204
    assert (await shop.call("GET", "/v1/feeds/main")).status_code == 404
    assert (await shop.call("POST", "/v1/feeds/main:run", {})).status_code == 404
    log = (await shop.call("GET", "/v1/audit")).json()["entries"]
    assert [one["action"] for one in log if one["action"].startswith("feed")] == ["feed_deleted", "feed_put"]


@pytest.mark.parametrize(
    "change",
    [
        {"url": "http://127.0.0.1/feed"},
        {"url": "http://169.254.169.254/latest/meta-data"},
        {"url": "http://[::ffff:10.0.0.1]/"},
        {"url": "https://user:hush@shop.example/"},
        {"url": "ftp://shop.example/"},
        {"url": "file:///etc/passwd"},
        {"every_hours": 0.01},
        {"more": 1},
    ],
)
async def test_what_no_feed_may_be_is_refused(shop: Shop, change: dict[str, object]) -> None:
    answer = await shop.call("PUT", "/v1/feeds/main", {"url": "https://shop.example/", **change})

    assert answer.status_code == 422
    assert "hush" not in answer.text
    assert (await shop.call("GET", "/v1/feeds")).json() == {"feeds": []}


async def test_a_service_fetches_by_itself_what_is_due(shop: Shop, serve_with: ServeWith, tmp_path: Path) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        body = b"id,title\npan,Pan\n"
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
        await writer.drain()
        writer.close()

    listener = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = listener.sockets[0].getsockname()[1]
    fetching = Settings.load(feed_hosts=f"127.0.0.1:{port}", feed_look_seconds=0.05, home=tmp_path)
    async with listener, serve_with(fetching) as client:
        mine = Shop(shop.tenant, client, shop.db)
        assert (await mine.call("PUT", "/v1/feeds/main", {"url": f"http://127.0.0.1:{port}/a"})).status_code == 200
        feed: dict[str, Any] = {"last": None}
        for _ in range(200):
            feed = feed if feed["last"] else (await mine.call("GET", "/v1/feeds/main")).json()
            await asyncio.sleep(0 if feed["last"] else 0.1)
        assert feed["last"]["accepted"] == 1, feed
        assert feed["last"]["problem"] is None
        assert (await mine.call("GET", "/v1/products/pan")).json()["title"] == "Pan"
        assert (await mine.call("DELETE", "/v1/feeds/main")).status_code == 204
