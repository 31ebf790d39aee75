"""How long until the next answer once Java is gone: `kill -9` of the embedded server's process, again and again.

Runs `plural serve` on a folder of its own with the demo's data and asks for a recommendation without a pause; after
each kill the time until the first 200. `python -m tests.bench.restart` prints the times, seconds, as JSON.
"""

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median

import httpx2
import psutil

from app.embedded import find_running
from tests.bench.soak import Service, demo_service

PAUSE_SECONDS = 65.0
"""Between two kills: a server that was up for a minute has its earlier starts forgiven."""
LOOK_SECONDS = 0.1
LONGEST_SECONDS = 300.0
"""After so long nobody looks any more: whoever kills five times in a minute is left with a service that gave up."""


def _seconds_to_the_next_answer(service: Service, home: Path) -> float:
    running = find_running(home / "neo4j")
    assert running is not None
    psutil.Process(running.pid).kill()
    began = time.monotonic()
    while not _answers(service):
        if time.monotonic() - began > LONGEST_SECONDS:
            raise SystemExit(f"no answer for {LONGEST_SECONDS:.0f} s: see serve.log in {home}")
        time.sleep(LOOK_SECONDS)
    return time.monotonic() - began


def _answers(service: Service) -> bool:
    headers = {"X-API-Key": service.key}
    # An event first: what only the cache knows is no answer of a database that is back.
    at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    event = {"event_id": f"restart-{time.time_ns()}", "type": "view", "identity_id": "tom-personal", "at": at}
    bodies = {
        "/v1/events": {"events": [{**event, "lines": [{"product_id": "restart"}]}]},
        "/v1/recommendations": {"identity_id": "tom-personal"},
    }
    try:
        return all(
            httpx2.post(f"{service.address}{path}", json=body, headers=headers, timeout=60).status_code == 200
            for path, body in bodies.items()
        )
    except httpx2.TransportError:
        return False


def main(words: Sequence[str] | None = None) -> None:
    """Run it and print the figures as JSON."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.restart", description=__doc__)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--households", type=int, default=500)
    parser.add_argument("--pause", type=float, default=PAUSE_SECONDS)
    given = parser.parse_args(words)
    times: list[float] = []
    with tempfile.TemporaryDirectory(prefix="plural-restart-", ignore_cleanup_errors=True) as folder:
        home = Path(folder)
        with demo_service(home, given.households) as service:
            while not _answers(service):
                time.sleep(LOOK_SECONDS)
            for _ in range(given.kills):
                times.append(round(_seconds_to_the_next_answer(service, home), 1))
                sys.stderr.write(f"{times[-1]} s, load {os.getloadavg()[0]:.1f}\n")
                time.sleep(given.pause)
    figures = {"kills": len(times), "median": median(times), "longest": max(times), "seconds": times}
    sys.stdout.write(json.dumps(figures) + "\n")


if __name__ == "__main__":
    main()
