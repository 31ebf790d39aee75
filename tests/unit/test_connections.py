"""What a connection may cost before it is known who asks, on real sockets."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from dataclasses import dataclass, replace
from typing import Any

import pytest
import uvicorn
from fastapi import FastAPI, Request, Response
from fastapi.responses import PlainTextResponse

from app.api.connections import ConnectionLimits, address_group
from app.cli.serve import connection_limits, listen
from app.settings import Settings

GET = b"GET /hello HTTP/1.1\r\nHost: plural\r\n\r\n"
LIMITS = replace(connection_limits(Settings.load(neo4j_uri=None)), trusted_proxies=())
PATIENCE = 20.0
"""Seconds; only a test that fails takes so long."""


@dataclass
class Client:
    """One connection that sends bytes as it likes."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def send(self, data: bytes) -> None:
        with suppress(ConnectionError):
            self.writer.write(data)
            await self.writer.drain()

    async def answer(self) -> bytes:
        """The next answer with its body."""
        async with asyncio.timeout(PATIENCE):
            head = await self.reader.readuntil(b"\r\n\r\n")
            length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
            return head + await self.reader.readexactly(length)

    async def rest(self) -> bytes:
        """All that comes until the other side ends it."""
        async with asyncio.timeout(PATIENCE):
            received = b""
            with suppress(ConnectionError):
                while data := await self.reader.read(65_536):
                    received += data
            return received

    async def send_until_ended(self, drop: bytes) -> None:
        """Send a drop every now and then until the other side has had enough."""
        ended = asyncio.create_task(self.rest())
        while not ended.done():
            await self.send(drop)
            await asyncio.wait([ended], timeout=0.05)
        await ended

    async def is_open(self) -> bool:
        await self.send(GET)
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            return (await self.answer()).endswith(b"hello")
        return False


Connect = Callable[[], Any]


@asynccontextmanager
async def served(limits: ConnectionLimits) -> AsyncGenerator[Connect]:
    """Serve a small application; yields how to connect to it."""
    app = FastAPI()

    async def hello() -> Response:
        return PlainTextResponse("hello")

    async def long() -> Response:
        return PlainTextResponse(b"x" * 20_000_000)

    async def read(request: Request) -> Response:
        return PlainTextResponse(str(len(await request.body())))

    async def refuse() -> Response:
        return PlainTextResponse("no", 401)

    async def fields(request: Request) -> Response:
        await request.body()
        return PlainTextResponse(",".join(request.headers.keys()))

    for path, route in (("/hello", hello), ("/long", long)):
        app.add_api_route(path, route)
    for path, route in (("/read", read), ("/refuse", refuse), ("/fields", fields)):
        app.add_api_route(path, route, methods=["POST"])
    config = uvicorn.Config(app, http=limits.protocol(), ws="none", lifespan="off", log_config=None, log_level="error")
    server = uvicorn.Server(config)
    clients: list[Client] = []
    with listen("127.0.0.1", 0) as listener:
        serving = asyncio.create_task(server.serve([listener]))

        async def connect() -> Client:
            clients.append(Client(*await asyncio.open_connection(*listener.getsockname()[:2])))
            return clients[-1]

        yield connect
        for client in clients:
            client.writer.close()
        server.should_exit = True
        await serving


Serving = AbstractAsyncContextManager[Connect]


def status_of(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1]) if answer else 0


async def test_an_ordinary_request_is_answered_and_the_connection_kept() -> None:
    async with served(LIMITS) as connect:
        client = await connect()
        for _ in range(3):
            await client.send(GET)
            assert (await client.answer()).endswith(b"hello")


@pytest.mark.parametrize(
    "head",
    [
        b"GET /hello HTTP/1.1\r\nx: " + b"a" * 5_000_000,
        b"GET /hello HTTP/1.1\r\n" + b"a" * 5_000_000,
        b"GET /" + b"a" * 5_000_000,
        b"GET /hello HTTP/1.1\r\n" + b"x: " + b"a" * 1000 + b"\r\n" * 1 + (b"y: " + b"a" * 1000 + b"\r\n") * 5_000,
    ],
    ids=["one field", "a field's name", "an address", "many long fields"],
)
async def test_a_head_without_end_is_refused_after_64_kib(head: bytes) -> None:
    async with served(LIMITS) as connect:
        client = await connect()
        await client.send(head)
        answer = await client.rest()

        assert status_of(answer) in (431, 0)  # 0: cut off while it was still sending
        assert await (await connect()).is_open()


async def test_a_head_just_small_enough_is_answered_and_one_a_little_larger_is_not() -> None:
    def request(size: int) -> bytes:
        start = b"GET /hello HTTP/1.1\r\n"
        fields = b"".join(b"x%d: %s\r\n" % (number, b"a" * 8_000) for number in range(7))
        return start + fields + b"y: " + b"a" * (size - 7 * 8_000) + b"\r\n\r\n"

    async with served(LIMITS) as connect:
        for size, status in ((65_000, 200), (67_000, 431)):
            client = await connect()
            await client.send(request(size))
            assert status_of(await client.answer()) == status


async def test_a_head_has_a_hundred_fields_at_most() -> None:
    async with served(LIMITS) as connect:
        for number, status in ((100, 200), (101, 431)):
            client = await connect()
            await client.send(b"GET /hello HTTP/1.1\r\n" + b"a: b\r\n" * number + b"\r\n")
            answer = await client.answer()
            assert status_of(answer) == status
            assert b"nosniff" in answer or status == 200


async def test_what_stands_behind_a_body_is_no_header() -> None:
    async with served(LIMITS) as connect:
        client = await connect()
        head = b"POST /fields HTTP/1.1\r\nHost: plural\r\nTransfer-Encoding: chunked\r\n\r\n"
        await client.send(head + b"1\r\nx\r\n0\r\nX-Forwarded-For: 1.2.3.4\r\n\r\n")

        assert (await client.answer()).endswith(b"host,transfer-encoding")


@pytest.mark.parametrize(
    "sent",
    [b"", b"GET /hel", b"GET /hello HTTP/1.1\r\nHost: plu", b"POST /read HTTP/1.1\r\nContent-Length: 9\r\n\r\nhalf"],
    ids=["nothing", "half an address", "half a field", "half a body"],
)
async def test_what_does_not_come_in_time_is_not_waited_for(sent: bytes) -> None:
    async with served(replace(LIMITS, head_seconds=0.2, body_seconds=0.2)) as connect:
        client = await connect()
        await client.send(sent)

        assert status_of(await client.rest()) == 408


@pytest.mark.parametrize("drop", [b"a", b"\r\n"], ids=["of a field", "of blank lines"])
async def test_drops_do_not_keep_a_connection_open(drop: bytes) -> None:
    async with served(replace(LIMITS, head_seconds=0.3)) as connect:
        client = await connect()
        await client.send(GET + (b"GET /hello HTTP/1.1\r\nx: " if drop == b"a" else drop))
        assert (await client.answer()).endswith(b"hello")
        await client.send_until_ended(drop)


async def test_a_body_that_comes_slowly_but_steadily_is_waited_for() -> None:
    limits = replace(LIMITS, body_seconds=0.3, body_bytes_per_second=100)
    async with served(limits) as connect:
        client = await connect()
        await client.send(b"POST /read HTTP/1.1\r\nContent-Length: 1000\r\n\r\n")
        for _ in range(10):
            await client.send(b"x" * 100)
            await asyncio.sleep(0.1)

        assert (await client.answer()).endswith(b"1000")


async def test_a_body_that_nobody_wants_is_not_taken_for_ever() -> None:
    async with served(LIMITS) as connect:
        client = await connect()
        await client.send(b"POST /refuse HTTP/1.1\r\nContent-Length: 100000000\r\n\r\n")
        assert status_of(await client.answer()) == 401
        sent = 0
        while sent < 50_000_000 and not client.writer.is_closing():
            await client.send(b"x" * 100_000)
            sent += 100_000
            await asyncio.sleep(0)

        assert sent < 50_000_000


async def test_what_stands_between_the_parts_of_a_body_counts() -> None:
    async with served(replace(LIMITS, max_body_bytes=10_000)) as connect:
        client = await connect()
        await client.send(b"POST /read HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1;" + b"x" * 100_000)

        assert status_of(await client.rest()) in (413, 0)


async def test_who_does_not_take_an_answer_is_cut_off() -> None:
    async with served(replace(LIMITS, answer_seconds=0.3)) as connect:
        client = await connect()
        await client.send(b"GET /long HTTP/1.1\r\n\r\n")
        await asyncio.sleep(1.5)

        assert len(await client.rest()) < 20_000_000


async def test_requests_that_do_not_wait_for_answers_are_few() -> None:
    async with served(LIMITS) as connect:
        client = await connect()
        await client.send(GET * 20)
        for _ in range(20):
            assert (await client.answer()).endswith(b"hello")
        await client.send(GET * 10_000)

        assert (await client.rest()).count(b"hello") < 100


async def test_an_address_has_so_many_connections_and_gets_a_place_back() -> None:
    async with served(replace(LIMITS, connections_per_address=3)) as connect:
        first = [await connect() for _ in range(3)]
        assert [await client.is_open() for client in first] == [True] * 3
        assert status_of(await (await connect()).rest()) in (429, 0)

        first[0].writer.close()
        async with asyncio.timeout(PATIENCE):
            while not await (await connect()).is_open():
                await asyncio.sleep(0.05)


async def test_a_trusted_proxy_has_as_many_as_it_needs() -> None:
    limits = replace(LIMITS, connections_per_address=3, trusted_proxies=("127.0.0.0/8", "::1"))
    async with served(limits) as connect:
        clients = [await connect() for _ in range(10)]

        assert [await client.is_open() for client in clients] == [True] * 10


async def test_a_new_connection_takes_the_place_of_one_that_only_waits() -> None:
    async with served(replace(LIMITS, connections_per_address=0, max_connections=5)) as connect:
        slow = [await connect() for _ in range(5)]
        for client in slow:
            await client.send(b"GET /hello HTTP/1.1\r\nx: ")

        assert await (await connect()).is_open()
        assert await slow[0].rest() == b""


async def test_while_500_slow_clients_hang_on_others_are_answered() -> None:
    async with served(replace(LIMITS, connections_per_address=0)) as connect:
        for number in range(500):
            client = await connect()
            await client.send(
                (b"GET /hello HTTP/1.1\r\nx: ", b"POST /read HTTP/1.1\r\nContent-Length: 9\r\n\r\n", b"")[number % 3]
            )
        other = await connect()

        assert all([await other.is_open() for _ in range(50)])


async def test_nothing_that_anybody_may_send_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR):
        async with served(LIMITS) as connect:
            for sent in (
                b"nonsense\r\n\r\n",
                GET.replace(b"\r\n\r\n", b"\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n"),
            ):
                client = await connect()
                await client.send(sent)
                assert status_of(await client.answer()) in (200, 400)

    assert caplog.records == []


@pytest.mark.parametrize(
    ("address", "group"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("", ""),
    ],
)
def test_of_ipv6_a_network_counts_as_one_address(address: str, group: str) -> None:
    assert address_group(address) == group
