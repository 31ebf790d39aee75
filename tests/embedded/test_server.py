"""The real server, few times started: a start costs about ten seconds."""

import json
import os
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import LiteralString, NamedTuple, TypedDict

import httpx2
import psutil
import pytest
from neo4j import GraphDatabase
from neo4j.exceptions import AuthError
from platformdirs import user_cache_path

from app.embedded import EmbeddedServer, RunningServer, find_running
from app.embedded.errors import DiskFullError, FolderBusyError, FolderError, PortInUseError, StartError
from app.embedded.facts import gather_facts
from app.embedded.folder import DataFolder
from app.embedded.jars import JarLock
from app.embedded.process import ServerProcess

OWNER = """
import json, sys, time
from pathlib import Path
from typing import LiteralString, NamedTuple, TypedDict
from app.embedded import EmbeddedServer
server = EmbeddedServer(Path(sys.argv[1]), **json.loads(sys.argv[2])).start()
time.sleep(600)
"""


class Small(TypedDict):
    heap_mb: int
    page_cache_mb: int


SMALL: Small = {"heap_mb": 1024, "page_cache_mb": 64}


@contextmanager
def another_process(home: Path, *, throwaway: bool) -> Generator[subprocess.Popen[bytes]]:
    """Another program that starts a server for ``home`` and then waits for its end."""
    options = json.dumps({**SMALL, "throwaway": throwaway})
    with subprocess.Popen([sys.executable, "-c", OWNER, str(home), options]) as owner:
        try:
            yield owner
        finally:
            owner.kill()


class Served(NamedTuple):
    home: Path
    owner: subprocess.Popen[bytes]
    running: RunningServer


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Generator[Served]:
    """One server of another process, as ``make demo`` runs one; the last test kills that process."""
    home = tmp_path_factory.mktemp("home")
    with another_process(home, throwaway=False) as owner:
        yield Served(home, owner, wait_until_up(home))


def ask(server: RunningServer, query: LiteralString, password: str | None = None) -> object:
    """The single value that a query returns."""
    auth = (server.user, server.password if password is None else password)
    with GraphDatabase.driver(server.bolt_uri, auth=auth) as driver:  # pyright: ignore[reportUnknownMemberType] (its options are)
        return driver.execute_query(query, database_="neo4j").records[0][0]


def wait_for_java(owner: subprocess.Popen[bytes]) -> tuple[psutil.Process, psutil.Process]:
    """The Java process and the watchdog of ``owner``, as soon as both are there."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        children = psutil.Process(owner.pid).children()
        if len(children) == 2:
            java, watchdog = sorted(children, key=lambda child: child.pid)
            return java, watchdog
        time.sleep(0.05)
    pytest.fail("the owner started no server")


def wait_until_up(home: Path) -> RunningServer:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        if running := find_running(home):
            return running
        time.sleep(0.1)
    pytest.fail("the server did not come up")


def wait_for_trouble(server: EmbeddedServer) -> str:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        if trouble := server.trouble():
            return trouble
        time.sleep(0.05)
    pytest.fail("the server is well")


def test_it_is_neo4j_with_gds_speaking_cypher_25(served: Served):
    lock, server = JarLock.load(), served.running

    assert ask(server, "RETURN gds.version()") == lock.gds_version
    assert ask(server, "CALL dbms.components() YIELD versions RETURN versions[0]") == lock.neo4j_version
    assert ask(server, "WHEN true THEN RETURN 'only Cypher 25 knows WHEN' AS answer")


def test_the_browser_is_served_and_pages_cannot_query_by_http(served: Served):
    http_uri = served.running.http_uri
    page = httpx2.get(served.running.browser_uri)

    assert (page.status_code, "<title>Neo4j Browser</title>" in page.text) == (200, True)
    assert httpx2.post(f"{http_uri}/db/neo4j/tx/commit", json={"statements": []}).status_code == 404
    assert httpx2.post(f"{http_uri}/db/neo4j/query/v2", json={"statement": "RETURN 1"}).status_code == 404


def test_it_listens_on_loopback_only(served: Served):
    connections = psutil.Process(served.running.pid).net_connections("tcp")
    listening = {connection.laddr[:2] for connection in connections if connection.status == psutil.CONN_LISTEN}

    assert {port for _, port in listening} == {served.running.bolt_port, served.running.http_port}
    assert {address.removeprefix("::ffff:") for address, _ in listening} == {"127.0.0.1"}


@pytest.mark.parametrize("password", ["", "neo4j", "no-password-of-ours"])
def test_without_the_password_nobody_gets_in_and_nobody_can_lock_its_owner_out(served: Served, password: str):
    for _ in range(4):
        with pytest.raises(AuthError):
            ask(served.running, "RETURN 1", password)

    assert ask(served.running, "RETURN 1") == 1


def test_the_password_is_kept_for_the_folders_owner_only_and_in_one_place(served: Served):
    kept = served.running.password_file

    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert len(served.running.password) == 32
    assert served.running.password not in repr(served.running)
    assert served.running.password not in " ".join(psutil.Process(served.running.pid).cmdline())
    assert served.running.password not in (served.home / "server.json").read_text()


def test_a_second_start_on_one_folder_names_the_owner(served: Served):
    with pytest.raises(FolderBusyError, match=rf"is served by process {served.owner.pid} already: .*PLURAL_HOME"):
        EmbeddedServer(served.home, **SMALL).start()

    assert find_running(served.home) == served.running


def test_what_gds_does_is_logged_once_and_what_the_server_says_too(served: Served):
    ask(served.running, "UNWIND range(1, 50) AS n CREATE (:Dot)-[:NEXT]->(:Dot) RETURN count(*)")
    ask(served.running, "CALL gds.graph.project('dots', 'Dot', 'NEXT') YIELD nodeCount RETURN nodeCount")
    ask(served.running, "CALL gds.pageRank.stream('dots') YIELD nodeId RETURN count(*)")
    logs = served.home / "logs"

    def told(words: str) -> list[str]:
        return [file.name for file in sorted(logs.glob("*.log")) if words in file.read_text(errors="replace")]

    assert told("PageRank :: Start") == ["debug.log"]
    assert told("INFO  Started.") == ["console.log"]


def test_the_log_begins_anew_when_it_is_large_and_keeps_the_one_before(tmp_path: Path):
    log = tmp_path / "console.log"
    process = ServerProcess(
        ["sh", "-c", "echo first; while [ -s console.log ]; do sleep 0.05; done; echo second; sleep 60"],
        tmp_path,
        log,
        throwaway=False,
    )
    try:
        wait_until_it_holds(log, "first")
        process.rotate_log(10_000)
        assert log.read_text() == "first\n"
        process.rotate_log(3)
        assert (tmp_path / "previous-console.log").read_text().startswith("first\n")
        wait_until_it_holds(log, "second")
        assert "first" not in log.read_text()
        assert "\0" not in log.read_text()
    finally:
        process.stop(0)


def wait_until_it_holds(log: Path, words: str) -> None:
    deadline = time.monotonic() + 60
    while words not in log.read_text():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_a_folder_that_nobody_serves_has_no_server(tmp_path: Path):
    assert find_running(tmp_path) is None


def test_doctor_gets_its_facts(served: Served):
    facts = gather_facts(served.home, user_cache_path("plural"))

    assert facts.missing_jars == ()
    assert facts.running == served.running
    assert facts.has_database
    assert 200e6 < served.running.resident_bytes < 4e9


def test_a_port_in_use_is_named_in_one_sentence(tmp_path: Path):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]

        with pytest.raises(PortInUseError, match=rf"Port {port} is in use by .*PLURAL_BOLT_PORT"):
            EmbeddedServer(tmp_path, bolt_port=port, **SMALL).start()
        with pytest.raises(PortInUseError, match=rf"Port {port} is in use by .*PLURAL_BROWSER_PORT"):
            EmbeddedServer(tmp_path, http_port=port, **SMALL).start()


def test_a_folder_that_cannot_be_written_is_named_in_one_sentence(tmp_path: Path):
    (tmp_path / "file").touch()

    with pytest.raises(FolderError, match=r"file/home, cannot be written \(Not a directory\): .*PLURAL_HOME"):
        EmbeddedServer(tmp_path / "file" / "home", **SMALL).start()


def test_a_full_disk_is_told_before_the_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("app.embedded.server.NEW_FOLDER_BYTES", 10**18)

    with pytest.raises(DiskFullError, match=r"MB left and .* MB are needed: .*PLURAL_HOME"):
        EmbeddedServer(tmp_path, **SMALL).start()


def test_a_start_that_takes_too_long_shows_the_logs_last_lines(tmp_path: Path):
    java_home, home = tmp_path / "java", tmp_path / "home"
    (java_home / "bin").mkdir(parents=True)
    (java_home / "release").write_text('JAVA_VERSION="25.0.1"')
    (java_home / "bin" / "java").write_text("#!/bin/sh\nseq -f 'line %g' 20\nexec sleep 60\n")
    (java_home / "bin" / "java").chmod(0o755)

    with pytest.raises(StartError, match=r"did not start within 1 s .*PLURAL_START_TIMEOUT_SECONDS") as error:
        EmbeddedServer(home, java_home=java_home, start_timeout_seconds=1).start()

    assert str(error.value).splitlines()[1:] == [f"line {number}" for number in range(6, 21)]
    EmbeddedServer(home).stop()  # a stop too many does no harm
    DataFolder(home).take()  # and the folder is free again


def test_a_server_that_ends_while_starting_shows_what_it_said(tmp_path: Path):
    with pytest.raises(StartError, match=r"exit code 1\)(.|\n)*larger value than the maximum heap"):
        EmbeddedServer(tmp_path, heap_mb=1).start()


def test_a_throwaway_goes_with_its_killed_owner(tmp_path: Path):
    home = tmp_path / "home"
    with another_process(home, throwaway=True) as owner:
        java, watchdog = wait_for_java(owner)

        owner.kill()

        psutil.wait_procs([java, watchdog], 30)
        assert not java.is_running()
        assert not home.exists()


def test_what_was_committed_survives_a_kill_of_the_owner_and_a_kill_of_the_server(served: Served):
    ask(served.running, "UNWIND range(1, 1000) AS n CREATE (:Number {n: n}) RETURN count(*)")
    java, watchdog = wait_for_java(served.owner)
    watchdog.kill()  # so that the server is left over, as when all of ours are killed
    served.owner.kill()
    served.owner.wait()
    assert java.is_running()

    with EmbeddedServer(served.home, **SMALL) as server:
        assert not java.is_running()
        assert ask(server.running, "MATCH (n:Number) RETURN count(n)") == 1000

        ask(server.running, "CREATE (:Number {n: 1001}) RETURN 1")
        assert server.trouble() is None
        os.kill(server.running.pid, signal.SIGKILL)
        assert "The database is not running: start again" in wait_for_trouble(server)
        server.stop()
        server.start()

        assert ask(server.running, "MATCH (n:Number) RETURN count(n)") == 1001
