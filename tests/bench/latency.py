"""How fast recommendations are, beside what nothing can be faster than; refresh time and memory.

Real processes on a throw-away Neo4j with the demo's data: `plural serve` (one worker), the floors, and a load
generator, all on one machine. First asks find nothing kept of the identity (they go to a service that keeps no
histories); another shelf finds its history, and later asks the very answer.
"""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlsplit

import psutil
from neo4j import GraphDatabase
from pydantic import SecretStr

from app.domain.progress import Progress
from app.embedded import EmbeddedServer, throwaway_server
from app.jobs.refresh import RunReport, refresh
from app.opening import open_database
from app.settings import Settings
from seed.load import load_seed
from tests.bench.client import Job

TENANT = "demo"
CLIENTS = (1, 8, 32)
ROUNDS = 12
"""Asks nobody has asked before, an identity and a measurement."""

PATIENCE_SECONDS = 60
"""How much longer than asked for the load generator may take."""

Environment = Mapping[str, str]
Figures = dict[str, Any]

PLURAL = (sys.executable, "-c", "from app.cli.main import main; main()")


def measure(households: int, seconds: float, warm_up_seconds: float, progress: Progress) -> Figures:
    """Measure latency, refresh time and memory; keys ``latency``, ``share_of_return_one``, ``refresh``, ``memory``."""
    with TemporaryDirectory(prefix="plural-bench-") as home, throwaway_server(progress=progress) as server:
        settings = settings_for(server, home)
        runs = asyncio.run(_prepare(settings, households, progress))
        environment = plural_environment(server, home)
        token = make_key(environment, TENANT, "recommend")
        with (
            run_process([*PLURAL, "serve"], environment) as (api, api_address),
            run_process([*PLURAL, "serve"], {**environment, "PLURAL_READER_CACHE_MB": "0"}) as (_, cold_address),
            run_process([sys.executable, "-m", "tests.bench.floor", "serve"], environment) as (_, floor_address),
        ):
            asker = Asker(environment, api_address, cold_address, floor_address, token, _identities(server), seconds)
            with progress.step("Warming up"):
                asker.warm_up(warm_up_seconds)
            latency = _measure_all(asker, progress)
            memory = {"database_mb": _resident_mb(server.running.pid), "api_mb": _resident_mb(api.pid)}
    return {
        "households": households,
        "latency": latency,
        "share_of_return_one": _shares(latency),
        "refresh": {"first_seconds": runs[0].seconds, "next_seconds": runs[1].seconds, **asdict(runs[1])},
        "memory": memory,
    }


class Asker:
    """Sends one kind of question from so many clients, and returns what came of it."""

    def __init__(
        self,
        environment: Environment,
        api_address: str,
        cold_address: str,
        floor_address: str,
        token: str,
        identities: Sequence[str],
        seconds: float,
    ) -> None:
        self._environment = environment
        self._api = api_address
        self._cold = cold_address
        self._floor = floor_address
        self._headers = {"X-API-Key": token}
        self._identities = identities
        self._seconds = seconds
        self._asked = 0

    def warm_up(self, seconds: float) -> None:
        """Java compiles what is used; the first minute says nothing."""
        kept, self._seconds = self._seconds, seconds / 4
        for ask in (
            self.first_asks,
            self.other_shelves,
            self.later_asks,
            self.return_one_by_route,
            self.return_one_by_driver,
        ):
            ask(8)
        self._seconds = kept

    def empty_route(self, clients: int) -> Figures:
        """A bare HTTP route that does nothing."""
        return self._load(self._floor, clients, "/empty")

    def return_one_by_driver(self, clients: int) -> Figures:
        """`RETURN 1`, no HTTP."""
        command = [sys.executable, "-m", "tests.bench.floor", "driver", str(clients), str(self._seconds)]
        run = subprocess.run(command, env=dict(self._environment), check=True, capture_output=True)
        return _figures(json.loads(run.stdout))

    def return_one_by_route(self, clients: int) -> Figures:
        """`RETURN 1` behind a bare HTTP route."""
        return self._load(self._floor, clients, "/one")

    def first_asks(self, clients: int) -> Figures:
        """Questions that were never asked before, of identities of which nothing is kept."""
        return self._load(self._cold, clients, "/v1/recommendations", self._new_bodies(), again=False)

    def other_shelves(self, clients: int) -> Figures:
        """Questions that were never asked before, of identities that asked others."""
        return self._load(self._api, clients, "/v1/recommendations", self._new_bodies(), again=False)

    def later_asks(self, clients: int) -> Figures:
        """The same rankings again, with nothing changed since."""
        bodies = self._bodies(placement="later")
        self._load(self._api, clients, "/v1/recommendations", bodies, again=False, seconds=60)
        return self._load(self._api, clients, "/v1/recommendations", bodies)

    def _new_bodies(self) -> list[str]:
        bodies: list[str] = []
        for _ in range(ROUNDS):
            self._asked += 1
            bodies += self._bodies(placement=f"first-{self._asked}")
        return bodies

    def _bodies(self, placement: str) -> list[str]:
        return [json.dumps({"identity_id": id_, "placement": placement}) for id_ in self._identities]

    def _load(
        self,
        address: str,
        clients: int,
        path: str,
        bodies: list[str] | None = None,
        *,
        again: bool = True,
        seconds: float | None = None,
    ) -> Figures:
        to = urlsplit(address)
        assert to.hostname is not None
        assert to.port is not None
        job = Job(
            host=to.hostname,
            port=to.port,
            clients=clients,
            method="POST" if bodies else "GET",
            path=path,
            headers=self._headers if bodies else {},
            bodies=bodies or [""],
            seconds=seconds or self._seconds,
            again=again,
        )
        command = [sys.executable, "-m", "tests.bench.client"]
        run = subprocess.run(
            command,
            input=json.dumps(asdict(job)).encode(),
            check=True,
            stdout=subprocess.PIPE,
            timeout=job.seconds + PATIENCE_SECONDS,
        )
        result = json.loads(run.stdout)
        if result["failed"]:
            raise RuntimeError(f"{result['failed']} of {len(result['milliseconds'])} answers of {path} were not 200")
        return _figures(result)


def _measure_all(asker: Asker, progress: Progress) -> list[Figures]:
    """Every kind of question at every number of clients; the kinds take turns, so that all meet the same machine."""
    kinds = {
        "empty route": asker.empty_route,
        "RETURN 1, driver": asker.return_one_by_driver,
        "RETURN 1, route": asker.return_one_by_route,
        "recommendations, first ask": asker.first_asks,
        "recommendations, another shelf": asker.other_shelves,
        "recommendations, later asks": asker.later_asks,
    }
    rows: list[Figures] = []
    with progress.step("Measuring latency", len(CLIENTS) * len(kinds), "measurements") as step:
        for clients in CLIENTS:
            for what, ask in kinds.items():
                rows.append({"what": what, "clients": clients, **ask(clients)})
                step.advance()
    return rows


def _shares(latency: Sequence[Figures]) -> list[Figures]:
    """The rate of recommendations in units of the rate of `RETURN 1`, by number of clients."""
    rate = {(row["what"], row["clients"]): row["rate"] for row in latency}
    return [
        {
            "clients": clients,
            "asks": asks,
            "floor": floor,
            "share": round(rate[what, clients] / rate[floor, clients], 2),
        }
        for clients in CLIENTS
        for asks, what in (
            ("first", "recommendations, first ask"),
            ("another shelf", "recommendations, another shelf"),
            ("later", "recommendations, later asks"),
        )
        for floor in ("RETURN 1, driver", "RETURN 1, route")
    ]


def _figures(result: Mapping[str, Any]) -> Figures:
    milliseconds: list[float] = result["milliseconds"]
    quantiles = {
        f"p{percent}_ms": round(milliseconds[min(len(milliseconds) - 1, len(milliseconds) * percent // 100)], 2)
        for percent in (50, 95, 99)
    }
    generator = result.get("generator_cpu_ms")
    return {
        **quantiles,
        "rate": round(len(milliseconds) / result["seconds"]),
        "answers": len(milliseconds),
        "generator_cpu_ms": None if generator is None else round(generator, 3),
    }


async def _prepare(settings: Settings, households: int, progress: Progress) -> tuple[RunReport, RunReport]:
    """Load the demo's data and refresh twice: from nothing, and beside an old run."""
    async with open_database(settings, progress) as db:
        await load_seed(db, settings, tenant=TENANT, households=households, progress=progress)
        return (
            await refresh(db, settings, TENANT, progress=progress),
            await refresh(db, settings, TENANT, progress=progress),
        )


def settings_for(server: EmbeddedServer, home: str) -> Settings:
    """For work in this process on a throw-away server."""
    return Settings.load(
        home=home,
        neo4j_uri=server.bolt_uri,
        neo4j_user=server.user,
        neo4j_password=SecretStr(server.password),
        query_timeout_seconds=300,
    )


def plural_environment(server: EmbeddedServer, home: str) -> Environment:
    """For a `plural` process that uses a throw-away server."""
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith(("PLURAL_", "NEO4J_"))},
        "NEO4J_URI": server.bolt_uri,
        "NEO4J_USER": server.user,
        "NEO4J_PASSWORD": server.password,
        "PLURAL_HOME": home,
        "PLURAL_PORT": "0",
        "PLURAL_RATE_LIMIT_PER_MINUTE": "0",
    }


def make_key(environment: Environment, tenant: str, scopes: str) -> str:
    """A new key's token; ``scopes`` are comma separated."""
    command = [*PLURAL, "keys", "create", "--tenant", tenant, "--scope", scopes, "--json"]
    made = subprocess.run(command, env=dict(environment), check=True, capture_output=True)
    return json.loads(made.stdout)["token"]


def _identities(server: EmbeddedServer) -> list[str]:
    """Everybody of the demo, in an order that says nothing of how much they bought."""
    read = "MATCH (i:Identity {tenant: $tenant}) RETURN i.id AS id ORDER BY reverse(i.id)"
    auth = (server.user, server.password)
    # The driver declares its configuration as **Unknown.
    with GraphDatabase.driver(server.bolt_uri, auth=auth) as driver:  # pyright: ignore[reportUnknownMemberType]
        return [record["id"] for record in driver.execute_query(read, tenant=TENANT).records]


@contextmanager
def run_process(command: Sequence[str], environment: Environment) -> Generator[tuple[subprocess.Popen[str], str]]:
    """Run a server; the process, and the address that it prints."""
    with subprocess.Popen(
        command, env=dict(environment), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        try:
            yield process, _address(process)
        finally:
            process.terminate()


def _address(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    for line in process.stdout:
        for word in line.split():
            if word.startswith("http://"):
                return word
    raise RuntimeError(f"{process.args} ended before it said where it listens")


def _resident_mb(pid: int) -> int:
    return round(psutil.Process(pid).memory_info().rss / 2**20)
