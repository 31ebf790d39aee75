"""What `plural doctor` tells about the embedded server."""

from dataclasses import dataclass
from pathlib import Path

import psutil

from app.embedded.folder import DataFolder, RunningServer
from app.embedded.jars import Jar, JarLock
from app.embedded.store import JarStore


@dataclass(frozen=True)
class Facts:
    """State of the jars and of the server of one folder; gathering it changes nothing."""

    lock: JarLock
    jar_folder: Path
    missing_jars: tuple[Jar, ...]
    running: RunningServer | None
    resident_bytes: int | None


def gather_facts(home: Path, cache: Path) -> Facts:
    """Look at the jars below ``cache`` and at the server of ``home``. ``find_java`` tells of Java."""
    store = JarStore(cache, JarLock.load())
    running = DataFolder(home).running()
    resident_bytes = psutil.Process(running.pid).memory_info().rss if running else None
    return Facts(store.lock, store.folder, tuple(store.missing()), running, resident_bytes)
