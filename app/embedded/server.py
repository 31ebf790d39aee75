"""The embedded server as the rest of the house sees it: start, stop, where it is."""

import os
import shutil
import tempfile
import threading
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

from platformdirs import user_cache_path

from app.domain.progress import Progress, Silent
from app.embedded.config import ServerConfig, default_heap_mb, has_database
from app.embedded.disk import check_room, explained
from app.embedded.errors import DiskFullError, EmbeddedError, StartError
from app.embedded.folder import STOP_SECONDS, DataFolder, RunningServer
from app.embedded.jars import JarLock
from app.embedded.java import Java, find_java
from app.embedded.password import prepare_password
from app.embedded.ports import choose_ports
from app.embedded.process import ServerProcess
from app.embedded.store import JarStore

NEW_FOLDER_BYTES = 700_000_000  # two databases with a transaction log of 256 MB each, and something to put in
LEAST_BYTES = 100_000_000


class EmbeddedServer:
    """One server for one folder, on loopback, with a password. Keep the object: the server ends with it.

    It also ends with the process that started it, however that ends. Ports of 0 are chosen; ``cache`` holds the jars
    (default: the user's cache folder); ``heap_mb`` defaults to a quarter of the memory; ``progress`` shows the
    download, if there is one, and the start; a ``throwaway`` is killed when stopped, not saved, but has a password like
    any other: a web page must not get at it either, and one way is simpler than two. Usable as a context manager. Calls
    block: in an event loop use ``asyncio.to_thread``.
    """

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
        progress: Progress | None = None,
        throwaway: bool = False,
    ) -> None:
        self.store = JarStore(cache or user_cache_path("plural"), JarLock.load(), maven_url)
        self._folder = DataFolder(home)
        self._ports = (bolt_port, http_port)
        self._memory_mb = (heap_mb or default_heap_mb(), page_cache_mb)
        self._java_home = java_home
        self._start_timeout_seconds = start_timeout_seconds
        self._progress = progress or Silent()
        self._throwaway = throwaway
        self._process: ServerProcess | None = None
        self._running: RunningServer | None = None
        self._stopping = False
        self._turn = threading.Lock()
        """Whoever starts or stops the process holds it: both may be called by different threads."""

    @property
    def running(self) -> RunningServer:
        """Ports and pids; ``RuntimeError`` when it was not started."""
        if self._running is None:
            raise RuntimeError("the embedded server was not started")
        return self._running

    @property
    def bolt_uri(self) -> str:
        """Where drivers connect, as ``user`` with ``password``; only while it runs."""
        return self.running.bolt_uri

    @property
    def user(self) -> str:
        """The one user; only while it runs."""
        return self.running.user

    @property
    def password(self) -> str:
        """The user's password, kept in the folder; only while it runs."""
        return self.running.password

    @property
    def http_uri(self) -> str:
        """Root of the HTTP port; only while it runs."""
        return self.running.http_uri

    @property
    def has_ended(self) -> bool:
        """Whether the process is no more, though nobody here stopped it."""
        return self._process is None or self._process.has_ended

    @property
    def log(self) -> Path:
        """What the server printed since its start."""
        return self._folder.home / "logs" / "console.log"

    def start(self) -> Self:
        """Take the folder, complete the jars, start the server and wait until it answers.

        Takes over what a killed process left behind. Raises an ``EmbeddedError``; nothing is left running then.
        """
        java = find_java(self._java_home)
        self._stopping = False
        self._folder.take()
        try:
            self.store.complete(self._progress)
            with self._progress.step(f"Starting Neo4j {self.store.lock.neo4j_version}"):
                self._start_process(java, self._ports)
        except BaseException:
            self.stop(patience_seconds=0)
            raise
        return self

    def restart(self) -> None:
        """Start the server anew on the ports it had, in the folder that stays ours; what is left of it is killed.

        Blocks until it answers, and ends at once when ``stop`` is called by another thread. Raises an
        ``EmbeddedError``; nothing is left running then, and the next call is as good as the first.
        """
        running = self.running
        java = find_java(self._java_home)
        self._end_process(0)
        try:
            self._start_process(java, (running.bolt_port, running.http_port))
        except BaseException:
            self._end_process(0)
            raise

    def stop(self, patience_seconds: float = STOP_SECONDS) -> None:
        """Stop the server (hard, after ``patience_seconds``) and let the folder go; harmless when not running."""
        self._stopping = True
        self._end_process(0 if self._throwaway else patience_seconds)
        self._running = None
        self._folder.release()

    def rotate_log(self) -> None:
        """Keep the log from growing for ever; to be called now and then while the server runs."""
        with self._turn:
            if self._process is not None:
                self._process.rotate_log()

    def explain_end(self) -> EmbeddedError:
        """Return why the process is no more, with the last lines of its log."""
        if self._process is None:
            return StartError(f"Neo4j is not running; what it last said is in {self.log}.")
        return self._process.explain_end()

    def trouble(self) -> str | None:
        """What is wrong with the running server, as one sentence that says what to do; ``None`` when all is well."""
        if self._process is None or self._process.has_ended:
            return f"The database is not running: start again; its last words are in {self.log}."
        try:
            check_room(self._folder.home, LEAST_BYTES, "PLURAL_HOME")
        except DiskFullError as error:
            return str(error)
        return None

    def __enter__(self) -> Self:
        """Start it."""
        return self.start()

    def __exit__(self, *_: object) -> None:
        """Stop it."""
        self.stop()

    def _start_process(self, java: Java, ports: tuple[int, int]) -> None:
        home = self._folder.home
        config = ServerConfig(home, *choose_ports(*ports), *self._memory_mb)
        with explained(home), self._turn:
            if self._stopping:
                raise StartError("Neo4j was stopped while it was starting.")
            check_room(home, LEAST_BYTES if has_database(home) else NEW_FOLDER_BYTES, "PLURAL_HOME")
            prepare_password(home)
            config.write(self.store.folder)
            command = config.command(java, self.store.folder)
            process = self._process = ServerProcess(command, home, self.log, throwaway=self._throwaway)
        process.wait_until_ready(self._start_timeout_seconds)
        self._running = RunningServer(home, os.getpid(), process.pid, config.bolt_port, config.http_port)
        self._folder.note(self._running)

    def _end_process(self, patience_seconds: float) -> None:
        with self._turn:
            if self._process is not None:
                self._process.stop(patience_seconds)
            self._process = None


@contextmanager
def throwaway_server(folder: Path | None = None, **options: Any) -> Generator[EmbeddedServer]:
    """Run a server in a folder that is removed afterwards; ``options`` as for ``EmbeddedServer``.

    It lies in ``folder``, or where the system keeps temporary files.
    """
    home = Path(tempfile.mkdtemp(prefix="plural-", dir=folder))
    try:
        with EmbeddedServer(home, throwaway=True, **options) as server:
            yield server
    finally:
        shutil.rmtree(home, ignore_errors=True)


def find_running(home: Path) -> RunningServer | None:
    """Return the server that serves ``home`` now, whichever process owns it; ``None`` when none is up."""
    return DataFolder(home).running()


def is_owned(home: Path) -> bool:
    """Say whether the process lives that serves ``home``, or last did; its server may be down meanwhile."""
    return DataFolder(home).is_owned()
