"""A client that leaves, in the middle of what it sends or before it is answered, is no fault of the service's."""

import asyncio
import json
import logging
import socket
import struct
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, nullcontext
from functools import partial

import pytest

from app.cli.serve import build_server, listen
from app.graph.database import Database
from app.main import create_app
from app.settings import Settings
from tests.api.conftest import Shop


@asynccontextmanager
async def served(db: Database, settings: Settings) -> AsyncGenerator[tuple[str, int]]:
    """The service on a socket, as `plural serve` has it; where it listens."""
    with listen("127.0.0.1", 0) as listener:
        server = build_server(create_app(settings, partial(nullcontext, db)), settings)
        serving = asyncio.create_task(server.serve([listener]))
        try:
            while not server.started:
                await asyncio.sleep(0.01)
            yield listener.getsockname()
        finally:
            server.should_exit = True
            await serving


def leave(writer: asyncio.StreamWriter) -> None:
    """Go without a goodbye: the connection is reset."""
    connection: socket.socket = writer.get_extra_info("socket")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.close()


def request(token: str, body: bytes, path: str = "/v1/recommendations") -> bytes:
    head = f"POST {path} HTTP/1.1\r\nHost: shop\r\nX-API-Key: {token}\r\nContent-Type: application/json\r\n"
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


@pytest.mark.parametrize(
    ("path", "sent", "status"),
    [
        ("/v1/recommendations", 0.5, 499),
        ("/v1/events", 0.5, 499),
        ("/v1/recommendations", 1.0, 200),
    ],
    ids=["in the middle of a small body", "in the middle of a batch", "when all is sent"],
)
async def test_a_client_that_leaves_is_no_500(
    shop: Shop,
    db: Database,
    settings: Settings,
    caplog: pytest.LogCaptureFixture,
    path: str,
    sent: float,
    status: int,
) -> None:
    caplog.set_level(logging.INFO, "plural.access")
    token = await shop.token("admin")
    body = json.dumps({"events": []} if path == "/v1/events" else {}).encode().ljust(2_000)
    whole = request(token, body, path)
    async with served(db, settings) as address:
        _, writer = await asyncio.open_connection(*address)
        writer.write(whole[: len(whole) - round(len(body) * (1 - sent))])
        await writer.drain()
        await asyncio.sleep(0.5)  # what was sent is read by then; the server takes none of it once its client has left
        leave(writer)
        async with asyncio.timeout(60):
            while not (noted := [one for one in caplog.records if one.name == "plural.access"]):
                await asyncio.sleep(0.01)

    assert [json.loads(one.getMessage())["status"] for one in noted] == [status]
    # Other tests cut audit logs short on the same server, and whoever serves says so.
    ours = [one for one in caplog.records if one.name != "plural.audit"]
    assert [one for one in ours if one.levelno >= logging.WARNING] == []


@pytest.mark.parametrize("is_one_piece", [True, False], ids=["sends all at once", "sends its body later"])
async def test_who_waits_for_no_answer_is_heard_all_the_same(
    shop: Shop, db: Database, settings: Settings, *, is_one_piece: bool
) -> None:
    """Some libraries of tags write to a socket and close it."""
    token = await shop.token("ingest")
    event = {"event_id": "e", "type": "view", "identity_id": "tom", "lines": [{"product_id": "pan"}]}
    body = json.dumps({"events": [{**event, "at": "2026-05-01T10:00:00Z"}]}).encode()
    whole = request(token, body, "/v1/events")
    async with served(db, settings) as address:
        _, writer = await asyncio.open_connection(*address)
        if not is_one_piece:
            writer.write(whole[:-10])
            await writer.drain()
            await asyncio.sleep(0.1)
        writer.write(whole if is_one_piece else whole[-10:])
        await writer.drain()
        writer.close()
        async with asyncio.timeout(60):
            while not (heard := await shop.count("(:Identity {tenant: $tenant, id: 'tom'})-[:DID]->(:Interaction)")):
                await asyncio.sleep(0.05)
    assert heard == 1
