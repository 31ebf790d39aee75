"""How fast events get in over HTTP, one a request and in batches, and beside another checkout in the same run.

Measures, never asserts: `plural serve` as a process of its own on a throw-away Neo4j each, a made-up shop whose
catalogue is known, and a load generator on the same machine. With `--beside CHECKOUT` (which has its packages in
`.venv`) the two take turns, so that both meet the same machine; only the ratio says something then.
`python -m tests.bench.events` prints a table.
"""

import argparse
import json
import random
import subprocess
import sys
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlsplit

from rich.console import Console
from rich.table import Table

from app.embedded import throwaway_server
from tests.bench.client import Job
from tests.bench.latency import plural_environment, run_process

TENANT = "bench"
PRODUCTS = 5_000
VISITORS = 2_000
ROUNDS = 3
"""Of which the median is told."""

# What visitors of a shop do, and how often.
TYPES = {"view": 70, "cart": 15, "wish": 5, "uncart": 4, "share": 1, "purchase": 5}
PATIENCE_SECONDS = 60
Environment = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Shape:
    """How events come: so many a request, from so many connections; and how many requests a second are prepared."""

    events: int
    clients: int
    most_requests: int

    def __str__(self) -> str:
        return f"{self.events:,} a request, {self.clients} {'connection' if self.clients == 1 else 'connections'}"


SHAPES = (Shape(1, 1, 1_000), Shape(1, 8, 2_500), Shape(100, 4, 200), Shape(1_000, 4, 30))


@dataclass(frozen=True, slots=True)
class Program:
    """One `plural` that takes events."""

    name: str
    address: str
    token: str
    environment: Environment
    """Of its processes; it names the database."""

    def take(self, shape: Shape, bodies: list[str], seconds: float) -> dict[str, float]:
        """Post for so long; ``events_per_second``, and a request's ``p50_ms`` and ``p99_ms``."""
        to = urlsplit(self.address)
        assert to.hostname is not None
        assert to.port is not None
        headers = {"X-API-Key": self.token}
        job = Job(to.hostname, to.port, shape.clients, "POST", "/v1/events", headers, bodies, seconds, again=False)
        command = [sys.executable, "-m", "tests.bench.client"]
        run = subprocess.run(
            command,
            input=json.dumps(asdict(job)).encode(),
            check=True,
            stdout=subprocess.PIPE,
            timeout=seconds + PATIENCE_SECONDS,
        )
        result = json.loads(run.stdout)
        times: list[float] = result["milliseconds"]
        if result["failed"]:
            raise RuntimeError(f"{result['failed']} of {len(times)} requests to {self.name} were not answered 200")
        return {
            "events_per_second": len(times) * shape.events / result["seconds"],
            "p50_ms": times[len(times) // 2],
            "p99_ms": times[int(len(times) * 0.99)],
        }


def measure(seconds: float, warm_up_seconds: float, beside: Path | None = None) -> list[dict[str, Any]]:
    """One row a shape: ``what``, and by program ``events_per_second``, ``p50_ms``, ``p99_ms``; ``ratio`` of the rates.

    Figures are medians of ``ROUNDS``.
    """
    bodies = Bodies()
    with ExitStack() as stack:
        programs = [stack.enter_context(serving("this", Path(sys.executable).with_name("plural")))]
        if beside is not None:
            programs.append(stack.enter_context(serving("other", beside / ".venv" / "bin" / "plural")))
        for shape in SHAPES:
            for program in programs:
                program.take(shape, bodies.make(shape, warm_up_seconds / len(SHAPES)), warm_up_seconds / len(SHAPES))
        return [_row(shape, programs, bodies, seconds) for shape in SHAPES]


def _row(shape: Shape, programs: Sequence[Program], bodies: "Bodies", seconds: float) -> dict[str, Any]:
    measured: dict[str, list[dict[str, float]]] = {program.name: [] for program in programs}
    for _ in range(ROUNDS):
        for program in programs:
            measured[program.name].append(program.take(shape, bodies.make(shape, seconds), seconds))
    row: dict[str, Any] = {"what": str(shape)}
    for name, rounds in measured.items():
        row[name] = {figure: round(median(one[figure] for one in rounds), 1) for figure in rounds[0]}
    if "other" in row:
        row["ratio"] = round(row["this"]["events_per_second"] / row["other"]["events_per_second"], 2)
    return row


@contextmanager
def serving(name: str, plural: Path) -> Generator[Program]:
    """Run one `plural` on a database of its own, with the shop's catalogue."""
    with TemporaryDirectory(prefix="plural-bench-") as home, throwaway_server() as server:
        environment = plural_environment(server, home)
        products = Path(home) / "products.jsonl"
        rows = ({"id": f"product-{number}", "title": f"Product {number}"} for number in range(PRODUCTS))
        products.write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")
        _run([str(plural), "load", "products", str(products), "--tenant", TENANT], environment)
        made = _run([str(plural), "keys", "create", "--tenant", TENANT, "--scope", "ingest", "--json"], environment)
        with run_process([str(plural), "serve"], environment) as (_, address):
            yield Program(name, address, json.loads(made)["token"], environment)


def _run(command: Sequence[str], environment: Environment) -> bytes:
    return subprocess.run(command, env=dict(environment), check=True, stdout=subprocess.PIPE).stdout


class Bodies:
    """Requests of a made-up shop; no event twice."""

    def __init__(self) -> None:
        self._dice = random.Random(7)
        self._numbers = count()
        self._start = datetime.now(UTC) - timedelta(days=1)

    def make(self, shape: Shape, seconds: float) -> list[str]:
        """As many as anybody may take in so many seconds."""
        return [
            json.dumps({"events": list(self.events(shape.events))})
            for _ in range(max(shape.clients, round(shape.most_requests * seconds)))
        ]

    def events(self, number: int) -> Iterator[dict[str, Any]]:
        """Of many visitors, about many products, few of them very popular."""
        for type_ in self._dice.choices(list(TYPES), list(TYPES.values()), k=number):
            place = next(self._numbers)
            yield {
                "event_id": f"event-{place}",
                "type": type_,
                "identity_id": f"visitor-{self._dice.randrange(VISITORS)}",
                "at": (self._start + timedelta(milliseconds=place)).isoformat(),
                "session_id": f"s{self._dice.randrange(3_000)}",
                "currency": "EUR",
                "lines": [self._line() for _ in range(3 if type_ == "purchase" else 1)],
            }

    def _line(self) -> dict[str, Any]:
        price = self._dice.randrange(100, 5_000) / 100
        product = min(PRODUCTS - 1, int(self._dice.paretovariate(0.7)))
        return {"product_id": f"product-{product}", "price_paid": price, "list_price": round(price * 1.2, 2)}


def table_of(rows: Sequence[Mapping[str, Any]]) -> Table:
    """Lay the figures out for people."""
    table = Table("how", "events/s", "p50 ms", "p99 ms", title="Events over HTTP", title_justify="left")
    is_beside = any("other" in row for row in rows)
    for heading in ("other's events/s", "its p99 ms", "ratio") if is_beside else ():
        table.add_column(heading, justify="right")
    for row in rows:
        this, other = row["this"], row.get("other")
        cells = [row["what"], *(f"{this[name]:,.0f}" for name in ("events_per_second", "p50_ms", "p99_ms"))]
        if other is not None:
            cells += [f"{other['events_per_second']:,.0f}", f"{other['p99_ms']:,.0f}", f"{row['ratio']:.2f}"]
        table.add_row(*cells)
    return table


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.events", description=__doc__)
    parser.add_argument("--seconds", type=float, default=5, help="a measurement; 5 unless given")
    parser.add_argument("--warm-up", type=float, default=40, help="seconds before the first; 40 unless given")
    parser.add_argument("--beside", type=Path, metavar="CHECKOUT", help="another checkout, with its packages in .venv")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    arguments = parser.parse_args()
    rows = measure(arguments.seconds, arguments.warm_up, arguments.beside)
    if arguments.json:
        sys.stdout.write(f"{json.dumps(rows)}\n")
    else:
        Console().print(table_of(rows))


if __name__ == "__main__":
    main()
