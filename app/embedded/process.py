"""The server's Java process, its log, and the watchdog that ends it when its owner is gone."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil

from app.embedded import watchdog
from app.embedded.errors import DiskFullError, EmbeddedError, PortInUseError, StartError

READY = "INFO  Started."
POLL_SECONDS = 0.1
LOG_LINES_SHOWN = 15
LOG_BYTES = 10_000_000
"""What the log holds before it is begun anew; the one before is kept beside it."""
KILL_SECONDS = 30.0


class ServerProcess:
    """One run of the server, in ``home``; with ``throwaway`` the watchdog removes ``home`` too."""

    def __init__(self, command: list[str], home: Path, log: Path, *, throwaway: bool) -> None:
        self._home = home
        self._log = log
        if log.exists():
            log.replace(self._previous_log)
        with log.open("ab") as output:  # to the end, wherever that is: see rotate_log
            self._java = subprocess.Popen(  # noqa: S603 (our own words)
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=home,
                start_new_session=True,  # Ctrl-C is for the owner, who then stops the server in good order
            )
        self._watchdog = self._start_watchdog([str(home)] if throwaway else [])

    @property
    def pid(self) -> int:
        """Number of the Java process."""
        return self._java.pid

    @property
    def watchdog_pid(self) -> int:
        """Number of the watchdog."""
        return self._watchdog.pid

    @property
    def has_ended(self) -> bool:
        """Whether it ended, by itself or by somebody else's hand."""
        return self._java.poll() is not None

    def wait_until_ready(self, timeout_seconds: float) -> None:
        """Return when it answers; raise what went wrong when it ends or takes longer than ``timeout_seconds``."""
        deadline = time.monotonic() + timeout_seconds
        while READY not in self._read_log():
            if self.has_ended:
                raise self._explain(f"Neo4j ended while it was starting (exit code {self._java.returncode})")
            if time.monotonic() > deadline:
                raise self._explain(
                    f"Neo4j did not start within {timeout_seconds:g} s (PLURAL_START_TIMEOUT_SECONDS gives it longer)"
                )
            time.sleep(POLL_SECONDS)

    def rotate_log(self, most_bytes: int = LOG_BYTES) -> None:
        """Begin the log anew once it is large. It stays the file that Java has open; a line may be lost meanwhile."""
        if self._log.stat().st_size > most_bytes:
            shutil.copyfile(self._log, self._previous_log)
            os.truncate(self._log, 0)

    def explain_end(self) -> EmbeddedError:
        """Return why it is no more, with the last lines of its log."""
        return self._explain(f"Neo4j ended (exit code {self._java.returncode})")

    def stop(self, patience_seconds: float) -> None:
        """Ask it to end, kill it after ``patience_seconds`` (0: at once), and let the watchdog go."""
        self._java.send_signal(signal.SIGTERM if patience_seconds else signal.SIGKILL)
        try:
            self._java.wait(patience_seconds or KILL_SECONDS)
        except subprocess.TimeoutExpired:
            self._java.kill()
            self._java.wait()
        self._watchdog.communicate(b"\n")

    def _start_watchdog(self, remove: list[str]) -> subprocess.Popen[bytes]:
        created = repr(psutil.Process(self.pid).create_time())
        return subprocess.Popen(  # noqa: S603 (our own words)
            [sys.executable, "-I", watchdog.__file__, str(self.pid), created, *remove],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    @property
    def _previous_log(self) -> Path:
        return self._log.with_name(f"previous-{self._log.name}")

    def _explain(self, what: str) -> EmbeddedError:
        text = self._read_log()
        if "No space left on device" in text:
            return DiskFullError(f"The disk of {self._home} is full: free some room and start again.")
        if "Address already in use" in text:
            return PortInUseError("A port was taken while Neo4j was starting: start again, or name other ports.")
        lines = "\n".join(text.splitlines()[-LOG_LINES_SHOWN:])
        return StartError(f"{what}; the last lines of {self._log}:\n{lines}")

    def _read_log(self) -> str:
        return self._log.read_text(encoding="utf-8", errors="replace")
