"""How a refresh grows with the shop: an eighth, a quarter, half and all of Complete Journey's households.

Each share is loaded beside what is there already and refreshed by `plural refresh`, a process of its own on a
throw-away Neo4j. Memory is the most that server and job held together.
"""

import asyncio
import json
import subprocess
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from tempfile import TemporaryDirectory
from time import sleep
from typing import Any

import numpy as np
import psutil
from rich.table import Table

from app.domain.progress import Progress
from app.embedded import EmbeddedServer, throwaway_server
from app.opening import open_database
from app.settings import Settings
from seed.journey import HOUSEHOLDS
from seed.load import load_seed
from tests.bench.latency import PLURAL, TENANT, Environment, plural_environment, settings_for

PARTS = (8, 4, 2, 1)
"""Of the households: an eighth first."""
LOOK_SECONDS = 0.5
"""How often memory is looked at."""

Figures = dict[str, Any]


def measure(progress: Progress) -> list[Figures]:
    """One row a size: ``households``, ``lines``, ``products``, ``similar``, ``seconds``, ``peak_mb``; ascending."""
    with TemporaryDirectory(prefix="plural-bench-") as home, throwaway_server(progress=progress) as server:
        settings = settings_for(server, home)
        environment = plural_environment(server, home)
        rows: list[Figures] = []
        for part in PARTS:
            lines = asyncio.run(_load(settings, HOUSEHOLDS // part, progress))
            with progress.step(f"Refreshing {HOUSEHOLDS // part:,} households"):
                run = _refresh(server, environment)
            kept = {name: run[name] for name in ("products", "similar", "communities", "seconds", "peak_mb")}
            rows.append({"households": HOUSEHOLDS // part, "lines": lines, **kept})
    return rows


def exponent_of(rows: list[Figures]) -> float:
    """The power of the number of lines with which the time grows: the slope of a line through the logarithms."""
    lines, seconds = (np.log([float(row[name]) for row in rows]) for name in ("lines", "seconds"))
    return round(float(np.polyfit(lines, seconds, 1)[0]), 2)


def table_of(rows: list[Figures]) -> Table:
    """What was measured, a row a size."""
    exponent = exponent_of(rows)
    table = Table(title=f"Refresh by size of the shop; time grows with lines to the power of {exponent}")
    names = ("households", "lines", "products", "similar", "communities", "seconds", "peak_mb")
    for name in names:
        table.add_column(name.replace("_mb", ", MiB"), justify="right")
    for row in rows:
        table.add_row(*(f"{row[name]:,}" for name in names))
    return table


async def _load(settings: Settings, households: int, progress: Progress) -> int:
    """Load the share; how many purchase lines are there now."""
    async with open_database(settings, progress) as db:
        await load_seed(db, settings, tenant=TENANT, households=households, progress=progress)
        counts = (await db.read("status/read_counts"))[0]["relationships"]
        return next(one["count"] for one in counts if one["type"] == "OF")


def _refresh(server: EmbeddedServer, environment: Environment) -> Figures:
    """Run `plural refresh` and watch its memory and the server's."""
    command = [*PLURAL, "refresh", "--tenant", TENANT, "--json"]
    with (
        ThreadPoolExecutor(1) as watching,
        subprocess.Popen(command, env=dict(environment), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as job,
    ):
        peak = watching.submit(_watch, job, server.running.pid)
        assert job.stdout is not None
        report: Mapping[str, Any] = json.loads(job.stdout.read())
        job.wait()
        return {**report, "peak_mb": peak.result()}


def _watch(job: "subprocess.Popen[bytes]", server_pid: int) -> int:
    """The most MiB that the job and the server held together while the job ran."""
    pair, peak = (psutil.Process(server_pid), psutil.Process(job.pid)), 0
    while job.poll() is None:
        with suppress(psutil.Error):  # the job may just have ended
            peak = max(peak, sum(one.memory_info().rss for one in pair))
        sleep(LOOK_SECONDS)
    return round(peak / 2**20)
