"""The user's cache of jars: complete, checked, shared by all instances, fetched once."""

import hashlib
from collections.abc import Generator, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from app.domain.progress import Progress, Silent, Step
from app.embedded.disk import check_room, explained, make_folder
from app.embedded.download import Download
from app.embedded.jars import Jar, JarLock

SPARE_BYTES = 50_000_000


class JarStore:
    """The jars of one lock below ``cache``, in the folders where Neo4j expects them."""

    def __init__(self, cache: Path, lock: JarLock, maven_url: str | None = None) -> None:
        self.lock = lock
        self.folder = cache / "jars" / lock.name
        self._maven_url = maven_url

    def path(self, jar: Jar) -> Path:
        """Where a jar is kept."""
        return self.folder / jar.folder / jar.file_name

    def missing(self) -> list[Jar]:
        """Jars that are not there, or not as locked; largest first, ``[]`` when complete. Reads every byte."""
        with ThreadPoolExecutor(4) as threads:
            sound = list(threads.map(self._is_sound, self.lock.jars))
        absent = [jar for jar, is_sound in zip(self.lock.jars, sound, strict=True) if not is_sound]
        return sorted(absent, key=lambda jar: -jar.size)

    def complete(self, progress: Progress | None = None) -> None:
        """Fetch what is missing; of two processes that do so at once, the second waits for the first.

        Whole files survive an interruption. Raises ``DownloadError``, ``ChecksumError`` or ``FolderError``.
        """
        if not self.missing():
            return
        make_folder(self.folder, "the downloaded jars", "PLURAL_CACHE")
        name = f"Fetching Neo4j {self.lock.neo4j_version} with GDS"
        shown = (progress or Silent()).step(name, self.lock.size, "bytes")
        with explained(self.folder), shown as step, self._turn(step):
            missing = self.missing()
            check_room(self.folder, _size(missing) + SPARE_BYTES, "PLURAL_CACHE")
            fetches = {jar: self.path(jar) for jar in missing}
            Download(fetches, self._maven_url or public_maven_url(), step).run()

    def _is_sound(self, jar: Jar) -> bool:
        try:
            with self.path(jar).open("rb") as file:
                return hashlib.file_digest(file, "sha256").hexdigest() == jar.sha256
        except OSError:
            return False

    @contextmanager
    def _turn(self, step: Step) -> Generator[None]:
        """Keep other processes out; while one is in, show how far it is. ``step`` ends at what is there."""
        lock = FileLock(self.folder / ".lock", timeout=0.5, fallback_to_soft=False)
        shown_bytes = 0
        while True:
            there = _size([jar for jar in self.lock.jars if self.path(jar).exists()])
            step.advance(there - shown_bytes)
            shown_bytes = there
            try:
                with lock:
                    yield
                    return
            except Timeout:
                pass


def _size(jars: Iterable[Jar]) -> int:
    return sum(jar.size for jar in jars)


def public_maven_url() -> str:
    """Address of the public Maven repository, as the Maven client for Python knows it."""
    from jgo.constants import MAVEN_CENTRAL_URL

    return MAVEN_CENTRAL_URL
