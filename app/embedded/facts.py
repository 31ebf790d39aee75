"""What `plural doctor` tells about the embedded server."""

from dataclasses import dataclass
from pathlib import Path

from app.embedded.config import has_database
from app.embedded.folder import DataFolder, RunningServer
from app.embedded.jars import Jar, JarLock
from app.embedded.store import JarStore


@dataclass(frozen=True)
class Facts:
    """State of the jars and of the server of one folder; gathering it changes nothing."""

    lock: JarLock
    jar_folder: Path
    missing_jars: tuple[Jar, ...]
    has_database: bool
    running: RunningServer | None


def gather_facts(home: Path, cache: Path) -> Facts:
    """Look at the jars below ``cache`` and at the server of ``home``. ``find_java`` tells of Java."""
    store = JarStore(cache, JarLock.load())
    return Facts(store.lock, store.folder, tuple(store.missing()), has_database(home), DataFolder(home).running())
