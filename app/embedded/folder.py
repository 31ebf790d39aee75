"""The data folder: one owner at a time, and what a killed owner left behind is cleared away."""

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil
from filelock import FileLock, Timeout

from app.embedded.config import LOOPBACK, MAIN_CLASS, home_argument
from app.embedded.disk import explained, make_folder
from app.embedded.errors import FolderBusyError
from app.embedded.password import USER, password_file, read_password

STOP_SECONDS = 30.0


@dataclass(frozen=True)
class RunningServer:
    """A server that some process on this machine owns; anybody who may read its folder can connect."""

    home: Path
    owner_pid: int
    pid: int
    bolt_port: int
    http_port: int

    @property
    def bolt_uri(self) -> str:
        """Where drivers connect, as ``user`` with ``password``."""
        return f"bolt://{LOOPBACK}:{self.bolt_port}"

    @property
    def user(self) -> str:
        """The one user."""
        return USER

    @property
    def password(self) -> str:
        """The user's password; ``FolderError`` when this process may not read it."""
        return read_password(self.home)

    @property
    def password_file(self) -> Path:
        """Where the password is kept."""
        return password_file(self.home)

    @property
    def resident_bytes(self) -> int:
        """Memory that it holds now; 0 when it has ended."""
        try:
            return psutil.Process(self.pid).memory_info().rss
        except psutil.NoSuchProcess:
            return 0

    @property
    def http_uri(self) -> str:
        """Root of the HTTP port."""
        return f"http://{LOOPBACK}:{self.http_port}"

    @property
    def browser_uri(self) -> str:
        """Where Neo4j Browser is."""
        return f"{self.http_uri}/browser/"


class DataFolder:
    """Lock and notes of one folder. The lock is the operating system's: it goes when its owner goes."""

    def __init__(self, home: Path) -> None:
        self.home = home.expanduser().resolve()
        self._lock = FileLock(self.home / "owner.lock", timeout=0, thread_local=False, fallback_to_soft=False)
        self._note = self.home / "server.json"

    def take(self) -> None:
        """Become the owner and stop a server whose owner was killed; ``FolderBusyError`` names another owner."""
        make_folder(self.home, "the embedded database", "PLURAL_HOME")
        with explained(self.home):
            try:
                self._lock.acquire()
            except Timeout:
                raise FolderBusyError(
                    f"{self.home} is served by process {self._owner() or 'unknown'} already: "
                    "stop that one first, or name another folder with PLURAL_HOME."
                ) from None
            self.note(RunningServer(self.home, os.getpid(), 0, 0, 0))
            for orphan in find_servers(self.home):
                stop_process(orphan)

    def note(self, server: RunningServer) -> None:
        """Write down what runs here, for other processes to find."""
        draft = self._note.with_suffix(".new")
        facts = asdict(server)
        del facts["home"]  # whoever reads the note knows
        draft.write_text(json.dumps(facts), encoding="utf-8")
        draft.replace(self._note)

    def release(self) -> None:
        """Let others have the folder; harmless when it is not ours."""
        if self._lock.is_locked:
            self._note.unlink(missing_ok=True)
            self._lock.release()

    def running(self) -> RunningServer | None:
        """Return what runs here, whoever owns it; ``None`` when nothing does or it is not yet up."""
        server = self._read()
        if server is None or not server.bolt_port:
            return None
        return server if server.pid in [process.pid for process in find_servers(self.home)] else None

    def is_owned(self) -> bool:
        """Say whether the process of the last note is there."""
        try:
            return psutil.Process(self._owner() or 0).status() != psutil.STATUS_ZOMBIE
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            return False

    def _owner(self) -> int | None:
        server = self._read()
        return server.owner_pid if server else None

    def _read(self) -> RunningServer | None:
        try:
            return RunningServer(self.home, **json.loads(self._note.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):  # none, or half a note of somebody killed while writing
            return None


def find_servers(home: Path) -> list[psutil.Process]:
    """Processes whose command line says that they serve ``home``; no file is trusted for it."""
    wanted = {MAIN_CLASS, home_argument(home)}
    processes = psutil.process_iter(["cmdline"])
    return [process for process in processes if wanted <= set(process.info["cmdline"] or ())]


def stop_process(process: psutil.Process, patience_seconds: float = STOP_SECONDS) -> None:
    """Ask a process to end, then make it; returns when it is gone."""
    try:
        process.terminate()
        try:
            process.wait(patience_seconds)
        except psutil.TimeoutExpired:
            process.kill()
            process.wait(patience_seconds)
    except psutil.NoSuchProcess:
        pass
