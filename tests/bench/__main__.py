"""`make bench`: everything that is measured, as tables and as JSON; nothing is asserted."""

import argparse
import asyncio
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from app.cli.progress import Bars
from tests.bench import ingest, latency, scale

TARGET_SHARE = 0.4


def main() -> None:
    """Measure and print."""
    arguments = _arguments()
    measured: dict[str, Any] = {"processors": os.cpu_count(), "load_average_before": os.getloadavg()[0]}
    progress = Bars()
    if arguments.only in (None, "latency"):
        measured |= latency.measure(arguments.households, arguments.seconds, arguments.warm_up, progress)
    if arguments.only in (None, "ingest"):
        with progress.step("Measuring how fast data gets in"):
            measured["ingest"] = asyncio.run(ingest.measure())
    if arguments.only == "scale":
        measured["scale"] = scale.measure(progress)
        measured["scale_exponent"] = scale.exponent_of(measured["scale"])
    measured["load_average_after"] = os.getloadavg()[0]
    _print(measured)
    if arguments.json:
        arguments.json.write_text(json.dumps(measured, indent=2) + "\n", encoding="utf-8")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument(
        "--only", choices=("latency", "ingest", "scale"), help="one of them; scale, half an hour, only so"
    )
    parser.add_argument("--households", type=int, default=500, help="of the demo's crowd; 500 unless given")
    parser.add_argument("--seconds", type=float, default=10, help="a measurement; 10 unless given")
    parser.add_argument("--warm-up", type=float, default=60, help="seconds of load before the first; 60 unless given")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all figures here")
    return parser.parse_args()


def _print(measured: dict[str, Any]) -> None:
    console = Console()
    if "latency" in measured:
        console.print(_latency_table(measured["latency"]))
        for share in measured["share_of_return_one"]:
            if share["clients"] == 8:
                target = f" (target {TARGET_SHARE})" if share["floor"] == "RETURN 1, driver" else ""
                console.print(f"{share['asks']} asks at 8 clients: {share['share']} of {share['floor']}{target}")
        refresh, memory = measured["refresh"], measured["memory"]
        console.print(
            f"Refresh: {refresh['first_seconds']:g} s, with an old run {refresh['next_seconds']:g} s "
            f"({refresh['products']:,} products, {refresh['similar']:,} similarities). "
            f"Memory: database {memory['database_mb']:,} MiB, API {memory['api_mb']:,} MiB."
        )
    if "ingest" in measured:
        console.print(ingest.table_of(measured["ingest"]))
    if "scale" in measured:
        console.print(scale.table_of(measured["scale"]))
    console.print(
        f"{measured['processors']} processors for everything here, load generator included; "
        f"load average {measured['load_average_before']:.1f} before, {measured['load_average_after']:.1f} after."
    )


def _latency_table(rows: Sequence[dict[str, Any]]) -> Table:
    table = Table(title="Latency, ms, and rate", title_justify="left")
    table.add_column("what", no_wrap=True)
    for name in ("clients", "p50", "p95", "p99", "answers/s", "generator CPU"):
        table.add_column(name, justify="right")
    for row in rows:
        times = (f"{row[name]:.2f}" for name in ("p50_ms", "p95_ms", "p99_ms"))
        generator = "" if row["generator_cpu_ms"] is None else f"{row['generator_cpu_ms']:.3f}"
        table.add_row(row["what"], str(row["clients"]), *times, f"{row['rate']:,}", generator)
    return table


if __name__ == "__main__":
    main()
