"""The real server and the whole service: Java killed, the disk filled to the brim, the store broken."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import psutil
import pytest

from app.embedded import find_running
from tests.embedded.test_server import wait_until_up

PLURAL = str(Path(sys.executable).parent / "plural")
ROUNDS = 2
PATIENCE_SECONDS = 180.0
"""Never a measure: a machine that is busy with other tests takes its time."""
DISK_BYTES = 900_000_000


def environment_of(home: Path, **variables: str) -> dict[str, str]:
    """What a command of a folder of its own is told: nothing of this run's but what is given."""
    ours = ("PLURAL_", "NEO4J_")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    settings = {
        "PLURAL_HOME": str(home),
        "PLURAL_BOLT_PORT": "0",
        "PLURAL_BROWSER_PORT": "0",
        "PLURAL_HEAP_MB": "1024",
        "PLURAL_PAGE_CACHE_MB": "64",
        "PLURAL_WARM_UP_SECONDS": "0",
        "PLURAL_QUERY_TIMEOUT_SECONDS": "60",
        **variables,
    }
    return {**environment, **settings}


def run(environment: dict[str, str], *words: str) -> subprocess.CompletedProcess[str]:
    """A command, as somebody would type it."""
    return subprocess.run([PLURAL, *words], env=environment, capture_output=True, text=True, check=False, timeout=300)


class Service:
    """`plural serve` for a folder of its own, as somebody would start it."""

    def __init__(self, home: Path, **variables: str) -> None:
        self.home = home
        self.log = home.parent / f"{home.name}.log"
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.environment = environment_of(home, PLURAL_PORT=str(self.port), **variables)
        with self.log.open("wb") as output:
            self.process = subprocess.Popen(
                [PLURAL, "serve"],
                env=self.environment,
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Another command on the same folder."""
        return run(self.environment, *words)

    @property
    def java(self) -> psutil.Process:
        running = wait_until_up(self.home / "neo4j")
        return psutil.Process(running.pid)

    def ask(self, method: str, path: str, body: object = None, key: str = "") -> httpx2.Response:
        headers = {"X-API-Key": key} if key else {}
        return httpx2.request(
            method,
            f"http://127.0.0.1:{self.port}{path}",
            json=body,
            headers=headers,
            timeout=PATIENCE_SECONDS,
            verify=False,  # no TLS here, and reading the system's certificates takes 20 ms a call
        )

    def wait_for(self, status: int, method: str, path: str, body: object = None, key: str = "") -> httpx2.Response:
        """The first answer of this status; every other must be one that says when to come again."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            try:
                answer = self.ask(method, path, body, key)
            except httpx2.TransportError:  # it is not there yet
                assert self.process.poll() is None, self.log.read_text()
                time.sleep(0.2)
                continue
            if answer.status_code == status:
                return answer
            assert answer.status_code == 503, answer.text
            assert answer.headers["Retry-After"], answer.text
            time.sleep(0.2)
        pytest.fail(f"no {status} from {path}:\n{self.log.read_text()[-3000:]}")


@contextmanager
def served(home: Path, **variables: str) -> Generator[Service]:
    service = Service(home, **variables)
    try:
        yield service
    finally:
        service.process.terminate()
        try:
            service.process.wait(60)
        except subprocess.TimeoutExpired:
            service.process.kill()


def event(number: int, text: str = "") -> dict[str, object]:
    """A batch of one event; ``text`` makes it large."""
    row = {"event_id": f"e{number}", "type": "view", "identity_id": f"tom{text}-{number}", "at": "2026-05-01T10:00:00Z"}
    return {"events": [{**row, "lines": [{"product_id": "p1"}]}]}


def make_key(service: Service) -> str:
    service.wait_for(200, "GET", "/healthz")
    made = service.run("keys", "create", "--tenant", "shop", "--scope", "ingest,recommend,admin")
    found = re.search(r"\bplural_\S+|\b[a-z]+_[A-Za-z0-9_-]{20,}", made.stdout)
    assert found, made.stdout + made.stderr
    return found[0]


@pytest.mark.long
def test_a_killed_database_comes_back_with_all_that_was_accepted(tmp_path: Path) -> None:
    with served(tmp_path / "home") as service:
        key = make_key(service)
        ports = find_running(tmp_path / "home" / "neo4j")
        for number in range(ROUNDS):
            service.wait_for(200, "POST", "/v1/events", event(number), key)
            java = service.java
            java.send_signal(signal.SIGKILL)
            java.wait(30)

            answer = service.wait_for(200, "POST", "/v1/events", event(number), key)
            assert answer.json()["duplicates"] == 1, "what was accepted before the kill is there"
            service.wait_for(200, "POST", "/v1/recommendations", {}, key)
        again = find_running(tmp_path / "home" / "neo4j")
        assert ports
        assert again
        assert (again.bolt_port, again.http_port) == (ports.bolt_port, ports.http_port)


def test_a_database_that_is_given_up_ends_the_service_with_1_and_the_logs_last_lines(tmp_path: Path) -> None:
    with served(tmp_path / "home", PLURAL_DATABASE_RESTARTS="0") as service:
        service.wait_for(200, "GET", "/healthz")
        service.java.send_signal(signal.SIGKILL)

        assert service.process.wait(PATIENCE_SECONDS) == 1
        said = service.log.read_text()
        assert "was given up after 0 starts. Neo4j ended (exit code -9); the last lines of " in said
        assert "INFO  Started." in said.partition("last lines of ")[2]


@pytest.fixture
def small_disk(tmp_path: Path) -> Generator[Path]:
    """A disk of its own that may be filled; only an administrator can have one."""
    mount = shutil.which("mount")
    if os.getuid() != 0 or not mount:
        pytest.skip("only root can mount a small disk to fill")
    disk = tmp_path / "disk"
    disk.mkdir()
    words = [mount, "-t", "tmpfs", "-o", f"size={DISK_BYTES}", "tmpfs", str(disk)]
    if subprocess.run(words, capture_output=True, check=False).returncode:
        pytest.skip("this machine lets nobody mount a small disk to fill")
    try:
        yield disk
    finally:
        subprocess.run(["umount", "--lazy", str(disk)], check=False)


def fill(disk: Path, leave: int) -> Path:
    """Take all room but ``leave`` bytes."""
    filler = disk / "filler"
    with filler.open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, shutil.disk_usage(disk).free - leave)
    return filler


@pytest.mark.long
def test_a_full_disk_is_named_and_when_there_is_room_again_all_goes_on_by_itself(small_disk: Path) -> None:
    with served(small_disk / "home") as service:
        key = make_key(service)
        service.wait_for(200, "POST", "/v1/events", event(0), key)

        filler = fill(small_disk, 50_000_000)
        refused = service.ask("POST", "/v1/events", event(1), key)
        assert (refused.status_code, refused.json()["type"]) == (503, "urn:plural:problem:disk-full")
        assert service.ask("POST", "/v1/recommendations", {}, key).status_code == 200
        assert "disk-full" not in service.ask("GET", "/healthz").text
        doctor = service.run("doctor", "--tenant", "shop")
        assert doctor.returncode == 1
        assert "!!  disk" in doctor.stdout
        assert service.run("refresh", "--tenant", "shop").returncode == 73
        filler.unlink()
        assert service.ask("POST", "/v1/events", event(1), key).json()["accepted"] == 1


@pytest.mark.long
def test_a_disk_that_others_fill_to_the_brim_stops_the_store_and_it_comes_back_with_room(small_disk: Path) -> None:
    with served(small_disk / "home", PLURAL_LEAST_FREE_MB="0") as service:
        key = make_key(service)
        filler = fill(small_disk, 500_000)
        number, answer = 0, service.ask("POST", "/v1/events", event(0), key)
        while answer.status_code == 200:
            assert answer.json()["errors"] == []
            number += 1
            answer = service.ask("POST", "/v1/events", many(number), key)
        assert (answer.status_code, answer.json()["type"]) == (503, "urn:plural:problem:disk-full"), answer.text

        filler.unlink()
        answer = service.wait_for(200, "POST", "/v1/events", many(number - 1), key)
        assert answer.json()["accepted"] == 0, "what was accepted is there"
        service.wait_for(200, "POST", "/v1/events", many(number), key)


def many(number: int) -> dict[str, object]:
    """A batch that takes about a megabyte of the transaction log."""
    return {"events": [one for at in range(500) for one in event(number * 1000 + at, "x" * 150)["events"]]}  # pyright: ignore


@pytest.mark.long
def test_a_broken_store_is_called_broken(tmp_path: Path) -> None:
    home = tmp_path / "home"
    with served(home) as service:
        make_key(service)
    store = home / "neo4j" / "data" / "databases" / "neo4j" / "neostore"
    store.write_bytes(os.urandom(store.stat().st_size))

    doctor = service.run("doctor", "--tenant", "shop")
    listed = service.run("keys", "list", "--tenant", "shop")

    assert "!!  server         cannot use its store" in doctor.stdout, doctor.stdout
    assert (listed.returncode, listed.stdout) == (74, "")
    assert "cannot use its store" in listed.stderr
    assert "busy" not in listed.stderr
