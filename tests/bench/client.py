"""The load generator: a process of its own with a client lean enough not to be what is measured.

`python -m tests.bench.client` reads one job as JSON from its standard input and prints one result as JSON. Raw
HTTP/1.1 over kept connections: a request is bytes made beforehand, an answer is looked at for its status and length.
"""

import asyncio
import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from itertools import cycle
from time import perf_counter, process_time
from typing import cast

import uvloop


@dataclass(frozen=True, slots=True)
class Job:
    """What to ask."""

    host: str
    port: int
    clients: int
    method: str
    path: str
    headers: dict[str, str]
    bodies: list[str]
    """Asked in turn by whichever client is free."""
    seconds: float
    """Stop after so long."""
    again: bool
    """Begin anew when all bodies were asked; else stop then."""


@dataclass(frozen=True, slots=True)
class Result:
    """What was answered."""

    milliseconds: list[float]
    """Of each answer, ascending."""
    seconds: float
    failed: int
    """Answers of another status than 200."""
    generator_cpu_ms: float
    """Processor time that this process spent on one request."""


class Connection(asyncio.Protocol):
    """One kept connection with one request under way at a time; the next is sent as soon as an answer is whole."""

    def __init__(self, requests: Iterator[bytes], stop_at: float, on_end: Callable[[], None]) -> None:
        self._requests = requests
        self._stop_at = stop_at
        self._on_end = on_end
        self._received = bytearray()
        self._length: int | None = None
        self._sent_at = 0.0
        self.milliseconds: list[float] = []
        self.failed = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        # uvloop's transports do all that an asyncio.Transport does, without being one.
        self._transport = cast("asyncio.Transport", transport)
        self._send()

    def data_received(self, data: bytes) -> None:
        """Gather one answer: a head that tells the length, and so many bytes."""
        self._received += data
        if self._length is None:
            end = self._received.find(b"\r\n\r\n")
            if end < 0:
                return
            self._length = end + 4 + _content_length(self._received[:end])
        if len(self._received) >= self._length:
            self._answered()

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell whoever waits."""
        self._on_end()

    def _answered(self) -> None:
        self.milliseconds.append((perf_counter() - self._sent_at) * 1000)
        self.failed += not self._received.startswith(b"HTTP/1.1 200 ")
        self._received.clear()
        self._length = None
        self._send()

    def _send(self) -> None:
        request = next(self._requests, None)
        if request is None or perf_counter() >= self._stop_at:
            self._transport.close()
            return
        self._sent_at = perf_counter()
        self._transport.write(request)


def _content_length(head: bytearray) -> int:
    start = head.lower().find(b"content-length:")
    if start < 0:
        return 0
    return int(head[start + 15 :].split(b"\r", 1)[0])


async def run(job: Job) -> Result:
    """Ask with all clients at once."""
    prepared = [_request(job, body) for body in job.bodies]
    requests = cycle(prepared) if job.again else iter(prepared)
    stop_at = perf_counter() + job.seconds
    loop = asyncio.get_running_loop()
    ended = [loop.create_future() for _ in range(job.clients)]
    cpu, started = process_time(), perf_counter()
    connections: list[Connection] = []
    for end in ended:
        _, connection = await loop.create_connection(
            lambda end=end: Connection(requests, stop_at, lambda: end.set_result(None)), job.host, job.port
        )
        connections.append(connection)
    await asyncio.gather(*ended)
    seconds = perf_counter() - started
    milliseconds = sorted(one for connection in connections for one in connection.milliseconds)
    return Result(
        milliseconds=milliseconds,
        seconds=seconds,
        failed=sum(connection.failed for connection in connections),
        generator_cpu_ms=(process_time() - cpu) * 1000 / max(1, len(milliseconds)),
    )


def _request(job: Job, body: str) -> bytes:
    payload = body.encode()
    head = {"Host": f"{job.host}:{job.port}", **job.headers}
    if payload:
        head |= {"Content-Type": "application/json", "Content-Length": str(len(payload))}
    lines = [f"{job.method} {job.path} HTTP/1.1", *(f"{name}: {value}" for name, value in head.items()), "", ""]
    return "\r\n".join(lines).encode() + payload


def main() -> None:
    """Do the job on standard input."""
    job = Job(**json.load(sys.stdin))
    sys.stdout.write(json.dumps(asdict(uvloop.run(run(job)))))


if __name__ == "__main__":
    main()
