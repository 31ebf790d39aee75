"""The user's cache of jars: complete, checked, shared by all instances, fetched once."""

import hashlib
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from app.embedded.disk import check_room, explained, make_folder
from app.embedded.download import Download, Progress
from app.embedded.jars import Jar, JarLock

SPARE_BYTES = 50_000_000

OnProgress = Callable[[Progress], None]


def ignore_progress(_: Progress) -> None:
    """Show nothing."""


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

    def complete(self, on_progress: OnProgress = ignore_progress) -> None:
        """Fetch what is missing; of two processes that do so at once, the second waits for the first.

        Whole files survive an interruption. Raises ``DownloadError``, ``ChecksumError`` or ``FolderError``.
        """
        if not self.missing():
            return
        make_folder(self.folder, "the downloaded jars", "PLURAL_CACHE")
        with explained(self.folder), self._turn(on_progress):
            missing = self.missing()
            check_room(self.folder, sum(jar.size for jar in missing) + SPARE_BYTES, "PLURAL_CACHE")
            fetches = {jar: self.path(jar) for jar in missing}
            there = self._progress_without(missing)
            Download(fetches, there, self._maven_url or public_maven_url(), on_progress).run()

    def _is_sound(self, jar: Jar) -> bool:
        try:
            with self.path(jar).open("rb") as file:
                return hashlib.file_digest(file, "sha256").hexdigest() == jar.sha256
        except OSError:
            return False

    def _progress_without(self, missing: list[Jar]) -> Progress:
        """What is there when ``missing`` is not."""
        return Progress(
            files=len(self.lock.jars) - len(missing),
            files_total=len(self.lock.jars),
            bytes=self.lock.size - sum(jar.size for jar in missing),
            bytes_total=self.lock.size,
        )

    @contextmanager
    def _turn(self, on_progress: OnProgress) -> Generator[None]:
        """Wait until no other process downloads, showing how far that one is, and keep others out meanwhile."""
        lock = FileLock(self.folder / ".lock", timeout=0.5, fallback_to_soft=False)
        while True:
            try:
                with lock:
                    yield
                    return
            except Timeout:
                on_progress(self._progress_without([jar for jar in self.lock.jars if not self.path(jar).exists()]))


def public_maven_url() -> str:
    """Address of the public Maven repository, as the Maven client for Python knows it."""
    from jgo.constants import MAVEN_CENTRAL_URL

    return MAVEN_CENTRAL_URL
