"""How fast Segment's own Python library gets its events in, beside our own shape in hundreds, in the same run.

Measures, never asserts time: `plural serve` as a process of its own on a throw-away Neo4j, a made-up shop, and the
published package in an environment of its own, on the same machine. The two ways take turns with the same events.
It fails when an event is not there afterwards, or twice. `python -m tests.bench.segment` prints a table.
"""

import argparse
import json
import subprocess
import sys
import venv
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from neo4j import GraphDatabase
from rich.console import Console
from rich.table import Table

from tests.bench.events import TENANT, Bodies, Program, Shape, serving

PACKAGE = "segment-analytics-python==2.4.0"
BATCH = 100
"""Events of one request: what the library sends unless it is told otherwise."""
ROUNDS = 3
"""Of which the median is told."""
PATIENCE_SECONDS = 600

EVENTS = {
    "view": "Product Viewed",
    "cart": "Product Added",
    "wish": "Product Added to Wishlist",
    "uncart": "Product Removed",
    "share": "Product Shared",
    "purchase": "Order Completed",
}
"""What Segment calls the types of the bench's events."""

SDK = """
import json, sys, time
from segment.analytics import Client
address, key, threads = sys.argv[1:]
calls = [json.loads(line) for line in sys.stdin]
failed = []
began = time.perf_counter()
sdk = Client(key, host=address, thread=int(threads), max_queue_size=len(calls), timeout=60,
             on_error=lambda error, items: failed.append((str(error), len(items))))
for user, event, properties in calls:
    sdk.track(user, event, properties)
sdk.flush()
sdk.join()
print(json.dumps({"seconds": time.perf_counter() - began, "failed": failed}))
"""


def measure(events: int, connections: Sequence[int], warm_up_seconds: float) -> list[dict[str, Any]]:
    """One row a number of connections: ``connections``, events a second of ``sdk`` and ``own``, and their ``ratio``."""
    bodies = Bodies()
    with TemporaryDirectory(prefix="plural-sdk-") as folder, serving("this", _plural()) as program:
        python = _environment(Path(folder))
        shape = Shape(BATCH, 4, 100)
        program.take(shape, bodies.make(shape, warm_up_seconds), warm_up_seconds)
        _send(python, program, list(bodies.events(events // 10)), 4)
        return [_row(python, program, bodies, events, number) for number in connections]


def _plural() -> Path:
    return Path(sys.executable).with_name("plural")


def _environment(folder: Path) -> Path:
    """Return an interpreter that has the package and nothing of ours beside it."""
    venv.create(folder, with_pip=True)
    python = folder / "bin" / "python"
    subprocess.run([python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", PACKAGE], check=True)
    return python


def _row(python: Path, program: Program, bodies: Bodies, events: int, connections: int) -> dict[str, Any]:
    rates: dict[str, list[float]] = {"sdk": [], "own": []}
    for _ in range(ROUNDS):
        rates["sdk"].append(_send(python, program, list(bodies.events(events)), connections))
        rates["own"].append(_post(program, list(bodies.events(events)), connections))
    told = {name: round(median(of_name)) for name, of_name in rates.items()}
    return {"connections": connections, **told, "ratio": round(told["sdk"] / told["own"], 2)}


def _send(python: Path, program: Program, events: Sequence[Mapping[str, Any]], threads: int) -> float:
    """Send by the library; events a second, after each was found there once."""
    calls = "".join(f"{json.dumps(_call(event))}\n" for event in events)
    command = [str(python), "-c", SDK, program.address, program.token, str(threads)]
    run = subprocess.run(command, input=calls.encode(), check=True, stdout=subprocess.PIPE, timeout=PATIENCE_SECONDS)
    told = json.loads(run.stdout)
    if told["failed"]:
        raise RuntimeError(f"The library gave up: {told['failed'][:3]}")
    kept = _kept(program, [event["event_id"] for event in events])
    if kept != {"sessions": len(events), "events": len(events)}:
        raise RuntimeError(f"Of {len(events)} events sent, {kept} are there")
    return len(events) / told["seconds"]


def _call(event: Mapping[str, Any]) -> tuple[str, str, dict[str, Any]]:
    """A visit of its own makes each event known again: the library numbers its messages itself."""
    lines = [{"product_id": line["product_id"], "price": line["price_paid"], "quantity": 1} for line in event["lines"]]
    about = {"order_id": event["event_id"], "products": lines} if event["type"] == "purchase" else lines[0]
    properties = {**about, "currency": event["currency"], "session_id": event["event_id"]}
    return event["identity_id"], EVENTS[event["type"]], properties


def _kept(program: Program, sessions: Sequence[str]) -> Mapping[str, int]:
    address = program.environment
    auth = (address["NEO4J_USER"], address["NEO4J_PASSWORD"])
    # The driver declares its configuration as **Unknown.
    with GraphDatabase.driver(address["NEO4J_URI"], auth=auth) as driver:  # pyright: ignore[reportUnknownMemberType]
        records, _, _ = driver.execute_query(
            "UNWIND $sessions AS id MATCH (x:Interaction {tenant: $tenant, session_id: id}) "
            "RETURN count(DISTINCT x.session_id) AS sessions, count(x) AS events",
            tenant=TENANT,
            sessions=list(sessions),
        )
    return dict(records[0])


def _post(program: Program, events: Sequence[dict[str, Any]], connections: int) -> float:
    """Post in our own shape, as many a request; events a second."""
    bodies = list(_own_bodies(events))
    shape = Shape(BATCH, connections, len(bodies))
    return program.take(shape, bodies, PATIENCE_SECONDS)["events_per_second"]


def _own_bodies(events: Sequence[dict[str, Any]]) -> Iterator[str]:
    for event in events:
        event["session_id"] = event["event_id"]
        if event["type"] == "purchase":
            event["order_id"] = event["event_id"]
    for start in range(0, len(events), BATCH):
        yield json.dumps({"events": events[start : start + BATCH]})


def table_of(rows: Sequence[Mapping[str, Any]]) -> Table:
    """Lay the figures out for people."""
    table = Table("connections", "library's events/s", "own in hundreds", "ratio", title_justify="left")
    table.title = f"Events of {PACKAGE} over HTTP, each there once"
    for row in rows:
        table.add_row(str(row["connections"]), f"{row['sdk']:,}", f"{row['own']:,}", f"{row['ratio']:.2f}")
    return table


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.segment", description=__doc__)
    parser.add_argument("--events", type=int, default=50_000, help="a measurement; 50,000 unless given")
    parser.add_argument("--connections", type=int, nargs="+", default=[1, 4], help="the library's threads; 1 and 4")
    parser.add_argument("--warm-up", type=float, default=40, help="seconds before the first; 40 unless given")
    arguments = parser.parse_args()
    Console().print(table_of(measure(arguments.events, arguments.connections, arguments.warm_up)))


if __name__ == "__main__":
    main()
