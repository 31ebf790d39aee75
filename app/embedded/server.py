"""Starts, watches and stops one Neo4j with GDS on this machine."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

import psutil
from platformdirs import user_cache_path

from app.embedded import watchdog
from app.embedded.config import LOOPBACK, ServerConfig, default_heap_mb
from app.embedded.disk import check_room, explained
from app.embedded.errors import DiskFullError, PortInUseError, StartError
from app.embedded.folder import STOP_SECONDS, DataFolder, RunningServer
from app.embedded.jars import JarLock
from app.embedded.java import Java, find_java
from app.embedded.store import JarStore, OnProgress, ignore_progress

READY = "Started."
POLL_SECONDS = 0.1
LOG_LINES_SHOWN = 15
ROOM_BYTES = 700_000_000  # two databases with a transaction log of 256 MB each, and something to put in


class EmbeddedServer:
    """One server for one folder, on loopback, without authentication; it ends when the process that started it does.

    Ports of 0 are chosen. ``cache`` holds the jars (default: the user's cache folder), ``heap_mb`` defaults to a
    quarter of the memory, ``on_progress`` sees the download if there is one. Usable as a context manager.
    Calls block; within an event loop use ``asyncio.to_thread``.
    """

    user: str | None = None
    password: str | None = None

    def __init__(
        self,
        home: Path,
        *,
        bolt_port: int = 0,
        http_port: int = 0,
        heap_mb: int | None = None,
        page_cache_mb: int = 512,
        cache: Path | None = None,
        maven_url: str | None = None,
        java_home: Path | None = None,
        start_timeout_seconds: float = 120.0,
        on_progress: OnProgress = ignore_progress,
        throwaway: bool = False,
    ) -> None:
        self.store = JarStore(cache or user_cache_path("plural"), JarLock.load(), maven_url)
        self._folder = DataFolder(home)
        self._ports = (bolt_port, http_port)
        self._heap_mb = heap_mb or default_heap_mb()
        self._page_cache_mb = page_cache_mb
        self._java_home = java_home
        self._start_timeout_seconds = start_timeout_seconds
        self._on_progress = on_progress
        self._throwaway = throwaway
        self._process: subprocess.Popen[bytes] | None = None
        self._watchdog: subprocess.Popen[bytes] | None = None
        self._running: RunningServer | None = None

    @property
    def bolt_uri(self) -> str:
        """Where drivers connect, without authentication; only while it runs."""
        return self.running.bolt_uri

    @property
    def http_uri(self) -> str:
        """Root of the HTTP port; only while it runs."""
        return self.running.http_uri

    @property
    def running(self) -> RunningServer:
        """Ports and pids; ``RuntimeError`` when it was not started."""
        if self._running is None:
            raise RuntimeError("the embedded server was not started")
        return self._running

    @property
    def log(self) -> Path:
        """What the server printed since its start."""
        return self._folder.home / "logs" / "console.log"

    def start(self) -> Self:
        """Take the folder, complete the jars, start the server and wait until it answers.

        Takes over what a killed process left behind. Raises an ``EmbeddedError``; nothing is left running then.
        """
        java = find_java(self._java_home)
        self._folder.take()
        try:
            self.store.complete(self._on_progress)
            self._launch(java)
            self._wait_until_ready()
        except BaseException:
            self.stop(patience_seconds=0)
            raise
        return self

    def stop(self, patience_seconds: float = STOP_SECONDS) -> None:
        """Stop the server (hard, after ``patience_seconds``) and let the folder go; harmless when not running."""
        if self._process is not None:
            self._end(self._process, 0 if self._throwaway else patience_seconds)
        if self._watchdog is not None:
            self._watchdog.communicate(b"\n")
        self._process = self._watchdog = self._running = None
        self._folder.release()

    def trouble(self) -> str | None:
        """What is wrong with the running server, as one sentence that says what to do; ``None`` when all is well."""
        if self._process is None or self._process.poll() is not None:
            return f"The database is not running: start again; its last words are in {self.log}."
        try:
            check_room(self._folder.home, ROOM_BYTES // 10, "PLURAL_HOME")
        except DiskFullError as error:
            return str(error)
        return None

    def __enter__(self) -> Self:
        """Start it."""
        return self.start()

    def __exit__(self, *_: object) -> None:
        """Stop it."""
        self.stop()

    def _launch(self, java: Java) -> None:
        home = self._folder.home
        bolt_port, http_port = choose_ports(*self._ports)
        config = ServerConfig(home, bolt_port, http_port, self._heap_mb, self._page_cache_mb)
        with explained(home):
            check_room(home, ROOM_BYTES if not (home / "data").exists() else ROOM_BYTES // 10, "PLURAL_HOME")
            for name in ("conf", "logs", "import", "run"):
                (home / name).mkdir(exist_ok=True)
            (config.conf_folder / "neo4j.conf").write_text(config.neo4j_conf(self.store.folder), encoding="utf-8")
            if self.log.exists():
                self.log.replace(self.log.with_name("console.previous.log"))
            with self.log.open("wb") as log:
                self._process = subprocess.Popen(  # noqa: S603 (our own words)
                    config.command(java, self.store.folder),
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    cwd=home,
                    start_new_session=True,  # Ctrl-C is for the owner, who then stops the server in good order
                )
            self._watchdog = self._start_watchdog(self._process.pid)
            self._running = RunningServer(os.getpid(), self._process.pid, bolt_port, http_port)

    def _start_watchdog(self, pid: int) -> subprocess.Popen[bytes]:
        arguments = [str(pid), repr(psutil.Process(pid).create_time())]
        if self._throwaway:
            arguments.append(str(self._folder.home))
        return subprocess.Popen(  # noqa: S603 (our own words)
            [sys.executable, "-I", watchdog.__file__, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def _wait_until_ready(self) -> None:
        assert self._process is not None  # noqa: S101 (launched just before)
        deadline = time.monotonic() + self._start_timeout_seconds
        while READY not in self._read_log():
            if (code := self._process.poll()) is not None:
                raise self._explain(f"Neo4j ended while it was starting (exit code {code})")
            if time.monotonic() > deadline:
                limit = f"{self._start_timeout_seconds:g} s"
                raise self._explain(
                    f"Neo4j did not start within {limit}: raise PLURAL_START_TIMEOUT_SECONDS if it needs longer"
                )
            time.sleep(POLL_SECONDS)
        self._folder.note(self.running)

    def _explain(self, what: str) -> StartError | DiskFullError | PortInUseError:
        text = self._read_log()
        if "No space left on device" in text:
            return DiskFullError(f"The disk of {self._folder.home} is full: free some room and start again.")
        if "Address already in use" in text:
            return PortInUseError("A port was taken while Neo4j was starting: start again, or name other ports.")
        lines = "\n".join(text.splitlines()[-LOG_LINES_SHOWN:])
        return StartError(f"{what}; the last lines of {self.log}:\n{lines}")

    def _read_log(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace")

    @staticmethod
    def _end(process: subprocess.Popen[bytes], patience_seconds: float) -> None:
        process.send_signal(signal.SIGTERM if patience_seconds else signal.SIGKILL)
        try:
            process.wait(patience_seconds or STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@contextmanager
def throwaway_server(**options: Any) -> Generator[EmbeddedServer]:
    """Run a server in a temporary folder that is removed afterwards; ``options`` as for ``EmbeddedServer``."""
    home = Path(tempfile.mkdtemp(prefix="plural-"))
    try:
        with EmbeddedServer(home, throwaway=True, **options) as server:
            yield server
    finally:
        shutil.rmtree(home, ignore_errors=True)


def find_running(home: Path) -> RunningServer | None:
    """Return the server that serves ``home`` now, whichever process owns it; ``None`` when none is up."""
    return DataFolder(home).running()


def choose_ports(bolt_port: int, http_port: int) -> tuple[int, int]:
    """Check the ports named and choose those that are 0; ``PortInUseError`` names the setting to change."""
    with _bound(bolt_port, "PLURAL_BOLT_PORT") as bolt, _bound(http_port, "PLURAL_BROWSER_PORT") as http:
        return bolt, http


@contextmanager
def _bound(port: int, setting: str) -> Generator[int]:
    """Hold ``port`` (0: a free one) for a moment, so that two choices differ."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # a port is free although it rests from a use
        try:
            probe.bind((LOOPBACK, port))
        except OSError as error:
            raise PortInUseError(
                f"Port {port} is in use by another program: stop that, or name another port with {setting}."
            ) from error
        yield probe.getsockname()[1]
