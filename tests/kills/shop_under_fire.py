"""Clients that keep a ledger of what they were told, and the ways in which the ground is taken away under them."""

# The driver declares its configuration as **Unknown.
# pyright: reportUnknownMemberType=false

import random
import re
import signal
import socket
import subprocess
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
import neo4j
import psutil

from app.embedded import find_running
from tests.embedded.test_supervision import PLURAL, Service

TENANT = "shop"
PEOPLE = [f"i{place}" for place in range(12)]
PRODUCTS = [f"p{place}" for place in range(20)]
WRITERS = 4
BATCH = 5
HISTORY = 1_200
"""Events of somebody who is erased, so that it takes more than one batch."""
SILENCE_SECONDS = 3
SETTINGS = {
    "PLURAL_RATE_LIMIT_PER_MINUTE": "0",
    "PLURAL_REFRESH_SILENCE_SECONDS": f"{SILENCE_SECONDS}",
    "JAVA_TOOL_OPTIONS": "-XX:TieredStopAtLevel=1",  # a start takes half the processor time
}
PATIENCE_SECONDS = 300.0
BUSY = "is served by process"
"""What a service says that finds another process in its folder."""
_LOST = (httpx2.TransportError, httpx2.InvalidURL, OSError)

Event = dict[str, Any]


@dataclass
class Ledger:
    """What clients sent and what they were told, by event id; only its own thread writes an entry."""

    sent: dict[str, Event] = field(default_factory=dict[str, Event])
    acknowledged: set[str] = field(default_factory=set[str])
    erased: set[str] = field(default_factory=set[str])
    """Identities whose erasure was answered with a receipt."""
    asked: set[str] = field(default_factory=set[str])
    """Identities whose erasure was asked for, whatever became of the answer."""


class UnderFire:
    """One shop, its clients, its service and the ledger."""

    def __init__(self, home: Path, seed: str) -> None:
        self.home = home
        self.dice = random.Random(seed)
        self.ledger = Ledger()
        with socket.create_server(("127.0.0.1", 0)) as free:  # one that stays, as an operator's does
            bolt_port = free.getsockname()[1]
        self._settings = {**SETTINGS, "PLURAL_BOLT_PORT": str(bolt_port)}
        self.service = Service(home, **self._settings)
        self.key = ""
        self._driver: neo4j.Driver | None = None
        self._numbers = 0
        self._stop = threading.Event()
        self._threads: list[threading.Thread] = []

    def open(self) -> None:
        """Make a key and let everybody consent and shop a little."""
        self.service.wait_for(200, "GET", "/healthz")
        made = self.service.run("keys", "create", "--tenant", TENANT, "--scope", "ingest,recommend,admin")
        found = re.search(r"\b[a-z]+_[A-Za-z0-9_-]{20,}", made.stdout)
        assert found, made.stdout + made.stderr
        self.key = found[0]
        rows = [{"id": one, "title": one} for one in PRODUCTS]
        self.ask(200, "PUT", "/v1/products", {"products": rows})
        for one in PEOPLE:
            self.consents(one)
        self.send(self.events(one, 1) for one in PEOPLE)

    def close(self) -> None:
        """End what runs."""
        self.cease()
        if self._driver is not None:
            self._driver.close()
        self.service.process.kill()
        self.service.process.wait(60)

    def ask(self, status: int, method: str, path: str, body: object = None) -> Any:
        return self.service.wait_for(status, method, path, body, self.key).json()

    def consents(self, identity_id: str) -> None:
        for purpose in ("personalise_content", "model_training"):
            path = f"/v1/identities/{identity_id}/consents/{purpose}"
            self.ask(200, "PUT", path, {"status": "granted", "at": "2026-01-01T00:00:00Z"})

    def events(self, identity_id: str, number: int) -> list[Event]:
        """New purchases of one product each."""
        made: list[Event] = []
        for _ in range(number):
            self._numbers += 1
            line = {"product_id": self.dice.choice(PRODUCTS), "quantity": 1}
            made.append(
                {
                    "event_id": f"e{self._numbers}",
                    "type": "purchase",
                    "identity_id": identity_id,
                    "at": f"2026-0{self.dice.randint(1, 9)}-{self.dice.randint(10, 28)}T10:00:00Z",
                    "lines": [line],
                }
            )
        return made

    def send(self, batches: Any) -> None:
        """Send batches until each is acknowledged."""
        for batch in batches:
            self._note(batch)
            answer = self.ask(200, "POST", "/v1/events", {"events": batch})
            assert answer["errors"] == [], answer
            assert answer["accepted"] + answer["duplicates"] + answer["erased"] == len(batch), answer
            self.ledger.acknowledged |= {event["event_id"] for event in batch}

    def begin(self) -> None:
        """Let writers write, each what it has not been told is on disk just once."""
        self._stop.clear()
        for number in range(WRITERS):
            batches = [[self.events(self.dice.choice(PEOPLE), 1)[0] for _ in range(BATCH)] for _ in range(200)]
            self._threads.append(threading.Thread(target=self._write, args=(batches,), name=f"writer {number}"))
        for thread in self._threads:
            thread.start()

    def begin_erasing(self, identity_id: str) -> None:
        """Ask for an erasure beside everything else."""
        self.ledger.asked.add(identity_id)
        thread = threading.Thread(target=self._erase, args=(identity_id,), name="eraser")
        self._threads.append(thread)
        thread.start()

    def cease(self) -> None:
        """Wait until nobody sends any more."""
        self._stop.set()
        for thread in self._threads:
            thread.join(PATIENCE_SECONDS)
            assert not thread.is_alive(), thread.name
        self._threads.clear()

    def refresh(self) -> subprocess.Popen[str]:
        """Begin a refresh as somebody at a prompt would."""
        return subprocess.Popen(
            [PLURAL, "refresh", "--tenant", TENANT],
            env=self.service.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def kill(self, kind: str, refresh: subprocess.Popen[str]) -> None:
        """Kill one of the processes, or all, without a word."""
        if kind in ("java", "all"):
            with suppress(psutil.NoSuchProcess):
                psutil.Process(self._java_pid()).send_signal(signal.SIGKILL)
        if kind in ("refresh", "all"):
            refresh.kill()
        if kind in ("api", "erasure", "all"):
            self.service.process.kill()
            self.service.process.wait(60)

    def stand_up(self) -> None:
        """Start what was killed, again and again as the system's own supervisor would, until it answers."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while self.service.process.poll() is not None:
            assert time.monotonic() < deadline, self.service.log.read_text()[-3000:]
            self.service = Service(self.home, **self._settings)
            self._wait_until_it_answers()
        self.ask(200, "POST", "/v1/recommendations", {})

    def _wait_until_it_answers(self) -> None:
        """Return too when it ended because a refresh, which found no service, works on the folder by itself."""
        while self.service.process.poll() is None:
            with suppress(httpx2.TransportError):
                if self.service.ask("GET", "/healthz").status_code == 200:
                    return
            time.sleep(0.2)
        said = self.service.log.read_text()
        assert BUSY in said, said[-3000:]
        time.sleep(1)

    def query(self, text: Any, **params: object) -> list[dict[str, Any]]:
        """Look into the graph past the service."""
        if self._driver is None:
            running = find_running(self.home / "neo4j")
            assert running is not None
            self._driver = neo4j.GraphDatabase.driver(running.bolt_uri, auth=(running.user, running.password))
        rows = self._driver.execute_query(text, {"tenant": TENANT, **params}, database_="neo4j").records
        return [row.data() for row in rows]

    def wait_until_erased(self) -> None:
        """Wait until no accepted erasure is left undone; nobody asks for it again."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        text = "MATCH (e:Erasure {tenant: $tenant}) WHERE e.erased_at IS NULL RETURN count(e) AS left"
        while self.query(text)[0]["left"]:
            assert time.monotonic() < deadline, self.service.log.read_text()[-3000:]
            time.sleep(0.5)

    def _java_pid(self) -> int:
        running = find_running(self.home / "neo4j")
        assert running is not None
        return running.pid

    def _note(self, batch: list[Event]) -> None:
        self.ledger.sent |= {event["event_id"]: event for event in batch}

    def _write(self, batches: list[list[Event]]) -> None:
        for batch in batches:
            if self._stop.is_set():
                return
            self._note(batch)
            time.sleep(0.01 if self._is_told(batch) else 0.2)

    def _is_told(self, batch: list[Event]) -> bool:
        """Send once; whether it is acknowledged. What is not is sent again at the end of the round."""
        try:
            answer = self.service.ask("POST", "/v1/events", {"events": batch}, self.key)
        except _LOST:
            return False
        if answer.status_code == 200:
            self.ledger.acknowledged |= {event["event_id"] for event in batch}
            return True
        assert answer.status_code == 503, answer.text
        assert answer.json()["detail"]
        return False

    def _erase(self, identity_id: str) -> None:
        with suppress(*_LOST):
            answer = self.service.ask("DELETE", f"/v1/identities/{identity_id}", None, self.key)
            if answer.status_code == 200:
                self.ledger.erased.add(identity_id)
