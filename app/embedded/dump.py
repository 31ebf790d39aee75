"""A stopped server's store as one file, by Neo4j's own tool out of the jars that are there anyway."""

import os
import subprocess
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from app.domain.progress import Progress, Silent
from app.embedded.config import JVM_FLAGS, JVM_FLAGS_FROM_25, ServerConfig, has_database
from app.embedded.disk import explained
from app.embedded.errors import DumpError, FolderError
from app.embedded.folder import DataFolder
from app.embedded.jars import JarLock
from app.embedded.java import find_java
from app.embedded.password import prepare_password
from app.embedded.store import JarStore

_TOOL = "org.neo4j.cli.AdminTool"
_DATABASE = "neo4j"
_HEAP_MB = 512
_LINES_SHOWN = 5


class StoppedServer:
    """The server of one folder while it does not run; nobody else can start it meanwhile.

    ``cache`` holds the jars. Calls block. Each raises ``FolderBusyError`` while the folder is served, and ``DumpError``
    with the tool's last lines when it fails.
    """

    def __init__(
        self,
        home: Path,
        *,
        cache: Path,
        maven_url: str | None = None,
        java_home: Path | None = None,
        page_cache_mb: int = 512,
        progress: Progress | None = None,
    ) -> None:
        self._folder = DataFolder(home)
        self._store = JarStore(cache, JarLock.load(), maven_url)
        self._java_home = java_home
        self._page_cache_mb = page_cache_mb
        self._progress = progress or Silent()

    @property
    def neo4j_version(self) -> str:
        """Version of the server, which a dump belongs to."""
        return self._store.lock.neo4j_version

    def dump(self, file: Path) -> None:
        """Write the store to a file that does not exist yet; ``FolderError`` where there is no store."""
        with self._taken():
            if not has_database(self._folder.home):
                raise FolderError(f"There is no database in {self._folder.home} yet.")
            with tempfile.TemporaryDirectory(dir=file.parent) as folder, self._progress.step("Dumping the database"):
                self._run("dump", f"--to-path={folder}")
                (Path(folder) / f"{_DATABASE}.dump").replace(file)

    def load(self, file: Path) -> None:
        """Make the store out of a dump, in a folder that has none; ``FolderError`` where there is one."""
        with self._taken():
            if has_database(self._folder.home):
                raise FolderError(f"There is a database in {self._folder.home} already.")
            prepare_password(self._folder.home)
            with tempfile.TemporaryDirectory(dir=file.parent) as folder, self._progress.step("Loading the database"):
                os.link(file, Path(folder) / f"{_DATABASE}.dump")
                self._run("load", f"--from-path={folder}")

    @contextmanager
    def _taken(self) -> Generator[None]:
        self._folder.take()
        try:
            with explained(self._folder.home):
                self._store.complete(self._progress)
                yield
        finally:
            self._folder.release()

    def _run(self, command: str, option: str) -> None:
        java, jars, home = find_java(self._java_home), self._store.folder, self._folder.home
        config = ServerConfig(home, 0, 0, _HEAP_MB, self._page_cache_mb)
        config.write(jars)
        class_path = f"{jars / 'plugins'}/*{os.pathsep}{jars / 'lib'}/*"
        flags = [*JVM_FLAGS, *(JVM_FLAGS_FROM_25 if java.major >= 25 else ())]
        program = [str(java.program), f"-Xmx{_HEAP_MB}m", *flags, "-cp", class_path, _TOOL]
        done = subprocess.run(  # noqa: S603 (our own words)
            [*program, "database", command, _DATABASE, option],
            env={**os.environ, "NEO4J_HOME": str(home), "NEO4J_CONF": str(config.conf_folder)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
            check=False,
        )
        if done.returncode:
            lines = "\n".join(done.stdout.strip().splitlines()[-_LINES_SHOWN:])
            raise DumpError(f"Neo4j's tool could not {command} the database; its last lines:\n{lines}")
