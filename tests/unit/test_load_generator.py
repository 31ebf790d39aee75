"""The bench's load generator asks what it is told, and misses no answer."""

import asyncio
from collections.abc import Sequence

import uvloop

from tests.bench.client import Job, Result, run


async def ask(answers: Sequence[bytes], *, clients: int, bodies: list[str], again: bool, seconds: float = 30) -> Result:
    """Run a job against a server that gives these answers in turn, each in two pieces."""
    given = 0

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal given
        while head := await reader.readuntil(b"\r\n\r\n"):
            length = int(head.lower().split(b"content-length: ")[1].split(b"\r")[0])
            await reader.readexactly(length)
            answer = answers[given % len(answers)]
            given += 1
            writer.write(answer[:20])
            await asyncio.sleep(0)
            writer.write(answer[20:])

    async def serve_until_closed(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await serve(reader, writer)
        except asyncio.IncompleteReadError:
            writer.close()

    server = await asyncio.start_server(serve_until_closed, "127.0.0.1", 0)
    async with server:
        port: int = server.sockets[0].getsockname()[1]
        job = Job("127.0.0.1", port, clients, "POST", "/", {}, bodies, seconds, again)
        return await asyncio.to_thread(lambda: uvloop.run(run(job)))


async def test_each_body_is_asked_once_and_every_answer_counted():
    answer = b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello"

    result = await ask([answer], clients=3, bodies=["{}"] * 20, again=False)

    assert (len(result.milliseconds), result.failed) == (20, 0)
    assert result.milliseconds == sorted(result.milliseconds)


async def test_an_answer_of_another_status_is_a_failure():
    good = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
    bad = b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 2\r\n\r\nno"

    result = await ask([good, bad], clients=1, bodies=["{}"] * 10, again=False)

    assert (len(result.milliseconds), result.failed) == (10, 5)


async def test_a_timed_job_begins_its_bodies_anew_until_the_time_is_over():
    answer = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"

    result = await ask([answer], clients=2, bodies=["{}"], again=True, seconds=0.3)

    assert len(result.milliseconds) > 2
    assert 0.3 <= result.seconds < 10
