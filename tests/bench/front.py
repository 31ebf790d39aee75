"""What others notice of slow clients, of greedy ones, and of one tenant's large batch.

Measures, never asserts: `plural serve` as a process of its own on a throw-away Neo4j, once left alone and once with
whoever hangs on or asks for too much; only the ratio says something, since all of it shares one machine.
`python -m tests.bench.front` prints a table.
"""

import argparse
import asyncio
import json
import sys
import time
from collections.abc import AsyncGenerator, Coroutine, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import asdict
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlsplit

import httpx2
from rich.console import Console
from rich.table import Table

from app.embedded import throwaway_server
from tests.bench.client import Job
from tests.bench.latency import make_key, plural_environment, run_process

SLOW_CLIENTS = 500
GREEDY_CLIENTS = 4
EVENTS, LINES = 1_000, 500
AT = "2026-05-01T10:00:00Z"
Figures = dict[str, Any]


async def measure(seconds: float, warm_up_seconds: float, events: int) -> list[Figures]:
    """Measure; one row a situation, each with what others noticed."""
    with TemporaryDirectory(prefix="plural-bench-") as home, throwaway_server() as server:
        environment = {**plural_environment(server, home), "PLURAL_CONNECTIONS_PER_ADDRESS": "0"}
        ours = make_key(environment, "calm", "recommend,ingest")
        theirs = make_key(environment, "greedy", "ingest")
        with run_process([sys.executable, "-c", "from app.cli.main import main; main()", "serve"], environment) as (
            _,
            api,
        ):
            asker = _Asker(api, ours)
            await asker.ask(warm_up_seconds)
            rows = [{"what": "left alone", **await asker.ask(seconds)}]
            async with _beside([_hang_on(api) for _ in range(SLOW_CLIENTS)]):
                rows.append({"what": f"{SLOW_CLIENTS} slow clients", **await asker.ask(seconds)})
                async with _beside([_ask_too_much(api, number) for number in range(GREEDY_CLIENTS)]):
                    rows.append({"what": f"... and {GREEDY_CLIENTS} greedy ones", **await asker.ask(seconds)})
            rows.append({"what": "left alone, events", **await asker.tell(seconds)})
            rows += [
                {"what": f"{what} of {events:,} x {LINES}", **await _beside_batch(api, theirs, events, asker)}
                for what in ("a batch", "the batch again")
            ]
    return rows


class _Asker:
    """Somebody who asks for recommendations, or tells single events, as fast as answers come."""

    def __init__(self, api: str, token: str) -> None:
        self._to = urlsplit(api)
        self._token = token
        self._told = 0

    async def ask(self, seconds: float) -> Figures:
        bodies = [json.dumps({"identity_id": f"i{number}"}) for number in range(100)]
        return await self._load("/v1/recommendations", bodies, seconds)

    async def tell(self, seconds: float) -> Figures:
        bodies = [self._event() for _ in range(20_000)]
        return await self._load("/v1/events", bodies, seconds, clients=1)

    def _event(self) -> str:
        self._told += 1
        lines = [{"product_id": f"p{self._told % 20}"}]
        event = {"event_id": f"e{self._told}", "type": "view", "identity_id": f"i{self._told % 50}", "at": AT}
        return json.dumps({"events": [{**event, "lines": lines}]})

    async def _load(self, path: str, bodies: list[str], seconds: float, clients: int = 8) -> Figures:
        job = Job(
            host=self._to.hostname or "",
            port=self._to.port or 0,
            clients=clients,
            method="POST",
            path=path,
            headers={"X-API-Key": self._token},
            bodies=bodies,
            seconds=seconds,
            again=True,
        )
        command = [sys.executable, "-m", "tests.bench.client"]
        run = await asyncio.create_subprocess_exec(
            *command, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
        )
        output, _ = await run.communicate(json.dumps(asdict(job)).encode())
        result = json.loads(output)
        return _figures(result["milliseconds"], result["failed"])


def _figures(milliseconds: Sequence[float], failed: int) -> Figures:
    last = len(milliseconds) - 1
    percentiles = {f"p{percent}_ms": round(milliseconds[last * percent // 100], 1) for percent in (50, 99)}
    return {"answers": len(milliseconds), "failed": failed, **percentiles}


@asynccontextmanager
async def _beside(work: Sequence[Coroutine[Any, Any, None]]) -> AsyncGenerator[None]:
    """Let others do what they do as long as the block lasts."""
    tasks = [asyncio.create_task(one) for one in work]
    await asyncio.sleep(2)
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _hang_on(api: str) -> None:
    """Send a byte a second of a head that never ends, on and on."""
    to = urlsplit(api)
    while True:
        with suppress(OSError):
            reader, writer = await asyncio.open_connection(to.hostname, to.port)
            writer.write(b"POST /v1/events HTTP/1.1\r\nX-Slow: ")
            while not reader.at_eof():
                writer.write(b"a")
                await writer.drain()
                await asyncio.sleep(1)
            writer.close()


async def _ask_too_much(api: str, number: int) -> None:
    """Send heads without end, bodies without a key, or keys that are none, as fast as they are taken."""
    to = urlsplit(api)
    head = b"POST /v1/events HTTP/1.1\r\nHost: plural\r\n"
    guess = f"X-API-Key: plural_calm_{number:012x}_{'0' * 64}\r\n".encode()
    kinds = (
        head + b"X: " + b"a" * 1_000_000,
        head + b"Content-Length: 16000000\r\n\r\n" + b" " * 1_000_000,
        head + guess + b"Content-Length: 2\r\n\r\n{}",
        (head + b"Content-Length: 0\r\n\r\n") * 1000,
    )
    while True:
        with suppress(OSError):
            # From an address of its own, since an address that guesses keys is shown no new one.
            reader, writer = await asyncio.open_connection(to.hostname, to.port, local_addr=("127.0.0.2", 0))
            writer.write(kinds[number % len(kinds)])
            async with asyncio.timeout(5):
                await writer.drain()
                await reader.read(65_536)
            writer.close()
        await asyncio.sleep(0)


async def _beside_batch(api: str, token: str, events: int, asker: _Asker) -> Figures:
    """Tell single events of one tenant until a batch of another is answered."""
    answer = asyncio.create_task(_post_batch(api, token, events))
    parts: list[Figures] = []
    while not answer.done():
        parts.append(await asker.tell(5))
    status, seconds = await answer
    worst = max(parts, key=lambda part: part["p99_ms"])
    failed = sum(part["failed"] for part in parts)
    answers = sum(part["answers"] for part in parts)
    p50 = sorted(part["p50_ms"] for part in parts)[len(parts) // 2]
    p99 = sorted(part["p99_ms"] for part in parts)[len(parts) // 2]
    return {
        "answers": answers,
        "failed": failed,
        "p50_ms": p50,
        "p99_ms": p99,
        "worst_p99_ms": worst["p99_ms"],
        "batch_status": status,
        "batch_seconds": seconds,
    }


async def _post_batch(api: str, token: str, events: int) -> tuple[int, float]:
    rows = [
        {
            "event_id": f"batch-{number}",
            "type": "purchase",
            "identity_id": f"buyer-{number % 100}",
            "at": AT,
            "lines": [{"product_id": f"p{(number * 7 + line) % 5_000}"} for line in range(LINES)],
        }
        for number in range(events)
    ]
    body = json.dumps({"events": rows}, separators=(",", ":")).encode()
    started = time.perf_counter()
    async with httpx2.AsyncClient(base_url=api, timeout=900) as client:
        headers = {"X-API-Key": token, "Content-Type": "application/json"}
        answer = await client.post("/v1/events", content=body, headers=headers)
    return answer.status_code, round(time.perf_counter() - started, 1)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.front", description=__doc__)
    parser.add_argument("--seconds", type=float, default=15, help="a measurement; 15 unless given")
    parser.add_argument("--warm-up", type=float, default=30, help="seconds of load before the first; 30 unless given")
    parser.add_argument("--events", type=int, default=EVENTS, help=f"of {LINES} lines each in the batch; {EVENTS:,}")
    arguments = parser.parse_args()
    rows = asyncio.run(measure(arguments.seconds, arguments.warm_up, arguments.events))
    table = Table(title="What others notice", title_justify="left")
    names = list(dict.fromkeys(name for row in rows for name in row))
    for name in names:
        table.add_column(name, justify="left" if name == "what" else "right")
    for row in rows:
        table.add_row(*(str(row.get(name, "")) for name in names))
    Console(width=160).print(table)


if __name__ == "__main__":
    main()
