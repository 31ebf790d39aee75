"""`make soak`: mixed clients for half an hour with two refreshes inside; errors and the slope of memory are told.

Runs `plural serve` on a folder of its own with the demo's seed, waits for /readyz, then 8 clients ask, write events,
look at identities and set consents. Exit code 1 when anything was not 2xx; the slope is told and not judged.
"""

import argparse
import asyncio
import json
import os
import random
import re
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import linear_regression, quantiles

import httpx2
import psutil

PLURAL = str(Path(sys.executable).parent / "plural")
CAST = ("tom-personal", "debbie-personal", "aaron-work", "aaron-personal", "dora-deals", "nora-refuses")
SETTLING_SHARE = 0.2
"""Of the time, before memory is looked at: caches fill."""
EVERY_SECONDS = 5.0


class Soak:
    """One service and what was seen of it."""

    def __init__(self, service: "Service") -> None:
        self._address, self._key, self._environment = service.address, service.key, service.environment
        self._process = psutil.Process(service.pid)
        self.answers: Counter[int] = Counter()
        self.milliseconds: list[float] = []
        self.memory: list[tuple[float, float]] = []
        self.refreshes: list[int] = []

    async def run(self, clients: int, seconds: float) -> None:
        """Load it for so long."""
        stop_at = time.monotonic() + seconds
        tasks = [self._client(number, stop_at) for number in range(clients)]
        refreshes = [self._refresh(seconds * share) for share in (1 / 3, 2 / 3)]
        await asyncio.gather(*tasks, self._watch(stop_at), *refreshes)

    async def _client(self, number: int, stop_at: float) -> None:
        draw = random.Random(number)
        async with httpx2.AsyncClient(base_url=self._address, headers={"X-API-Key": self._key}, timeout=60) as client:
            count = 0
            while time.monotonic() < stop_at:
                count += 1
                method, path, body = _question(draw, f"{number}-{count}")
                began = time.perf_counter()
                try:
                    status = (await client.request(method, path, json=body)).status_code
                except httpx2.TransportError:
                    status = 0
                self.milliseconds.append((time.perf_counter() - began) * 1000)
                self.answers[status] += 1

    async def _watch(self, stop_at: float) -> None:
        began = time.monotonic()
        while (now := time.monotonic()) < stop_at:
            self.memory.append(((now - began) / 60, self._process.memory_info().rss / 1e6))
            await asyncio.sleep(EVERY_SECONDS)

    async def _refresh(self, after_seconds: float) -> None:
        await asyncio.sleep(after_seconds)
        words = (PLURAL, "refresh", "--tenant", "demo")
        process = await asyncio.create_subprocess_exec(
            *words, env=self._environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        self.refreshes.append(await process.wait())

    def figures(self, seconds: float) -> dict[str, object]:
        """What was seen; MB a minute from where the caches should be full."""
        settled = [one for one in self.memory if one[0] * 60 > SETTLING_SHARE * seconds]
        slope = linear_regression(*zip(*settled, strict=True)).slope if len(settled) > 1 else float("nan")
        return {
            "requests": sum(self.answers.values()),
            "not_2xx": {str(status): n for status, n in self.answers.items() if not 200 <= status < 300},
            "p99_ms": round(quantiles(self.milliseconds, n=100)[-1], 1),
            "memory_mb": [round(self.memory[0][1]), round(self.memory[-1][1])],
            "memory_slope_mb_per_minute": round(slope, 2),
            "refresh_exit_codes": self.refreshes,
            "load_average": os.getloadavg()[0],
        }


def _question(draw: random.Random, name: str) -> tuple[str, str, object]:
    identity = draw.choice(CAST)
    kind = draw.random()
    if kind < 0.6:
        return "POST", "/v1/recommendations", {"identity_id": identity, "explain": draw.random() < 0.2}
    if kind < 0.9:
        at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        event = {"event_id": f"soak-{name}", "type": "view", "identity_id": f"soak-{draw.randrange(2000)}", "at": at}
        return "POST", "/v1/events", {"events": [{**event, "lines": [{"product_id": f"soak-{draw.randrange(500)}"}]}]}
    if kind < 0.97:
        return "GET", f"/v1/identities/{identity}", None
    return "PUT", f"/v1/identities/soak-{draw.randrange(2000)}/consents/personalise_content", {"status": "granted"}


def main(words: Sequence[str] | None = None) -> None:
    """Run it and print the figures as JSON."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--households", type=int, default=500)
    given = parser.parse_args(words)
    with tempfile.TemporaryDirectory(prefix="plural-soak-", ignore_cleanup_errors=True) as folder:
        figures = _soak(Path(folder), given.minutes * 60, given.clients, given.households)
    sys.stdout.write(json.dumps(figures, indent=2) + "\n")
    sys.exit(bool(figures["not_2xx"]))


def _soak(home: Path, seconds: float, clients: int, households: int) -> dict[str, object]:
    with demo_service(home, households) as service:
        soak = Soak(service)
        asyncio.run(soak.run(clients, seconds))
        return soak.figures(seconds)


@dataclass(frozen=True, slots=True)
class Service:
    """`plural serve` with the demo's data, warm."""

    address: str
    key: str
    pid: int
    environment: dict[str, str]


@contextmanager
def demo_service(home: Path, households: int) -> Generator[Service]:
    """Serve the demo from the empty folder ``home`` while this is open."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PLURAL_", "NEO4J_"))}
    places = {"PLURAL_HOME": str(home), "PLURAL_PORT": str(port), "PLURAL_BOLT_PORT": "0", "PLURAL_BROWSER_PORT": "0"}
    environment = {**kept, **places, "PLURAL_LOG_LEVEL": "WARNING"}
    address = f"http://127.0.0.1:{port}"
    with (home / "serve.log").open("wb") as log:
        service = subprocess.Popen([PLURAL, "serve"], env=environment, stdout=log, stderr=log)
    try:
        _wait_for(f"{address}/healthz", service)
        subprocess.run([PLURAL, "seed", "--refresh", "--households", str(households)], env=environment, check=True)
        made = subprocess.run(
            [PLURAL, "keys", "create", "--tenant", "demo", "--scope", "ingest,recommend,admin"],
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        )
        _wait_for(f"{address}/readyz", service)
        yield Service(address, re.split(r"\s", made.stdout)[0], service.pid, environment)
    finally:
        service.terminate()
        service.wait(120)


def _wait_for(address: str, service: "subprocess.Popen[bytes]") -> None:
    while service.poll() is None:
        try:
            if httpx2.get(address, timeout=10).status_code == 200:
                return
        except httpx2.TransportError:
            pass
        time.sleep(0.5)
    sys.exit("the service ended before it was ready")


if __name__ == "__main__":
    main()
