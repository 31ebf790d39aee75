"""The locked jars: which files the server is made of, down to the byte."""

import hashlib
from dataclasses import dataclass
from functools import cached_property
from importlib.resources import files

GDS_GROUP = "org.neo4j.gds"


@dataclass(frozen=True, order=True)
class Jar:
    """One file of the server: Maven coordinates, hex SHA-256 and size in bytes."""

    group: str
    artifact: str
    version: str
    classifier: str
    sha256: str
    size: int

    @classmethod
    def parse(cls, line: str) -> "Jar":
        """Read ``group:artifact:version[:classifier] sha256 size``; ``ValueError`` for anything else."""
        coordinates, sha256, size = line.split()
        group, artifact, version, *classifier = coordinates.split(":")
        return cls(group, artifact, version, "".join(classifier), sha256, int(size))

    def __str__(self) -> str:
        """Write the line that ``parse`` reads."""
        parts = [self.group, self.artifact, self.version, self.classifier]
        return f"{':'.join(part for part in parts if part)} {self.sha256} {self.size}"

    @property
    def file_name(self) -> str:
        """Name of the file, e.g. ``neo4j-2026.01.4.jar``; unique within the lock."""
        return "-".join(part for part in (self.artifact, self.version, self.classifier) if part) + ".jar"

    @property
    def folder(self) -> str:
        """Where Neo4j looks for it: procedures are found in ``plugins``, all else is ``lib``."""
        return "plugins" if self.group == GDS_GROUP else "lib"

    @property
    def maven_path(self) -> str:
        """Path below a Maven repository's address."""
        return f"{self.group.replace('.', '/')}/{self.artifact}/{self.version}/{self.file_name}"


@dataclass(frozen=True)
class JarLock:
    """All jars of one server, sorted."""

    jars: tuple[Jar, ...]

    @classmethod
    def parse(cls, text: str) -> "JarLock":
        """Read a lock file; lines that start with ``#`` are for people."""
        lines = (line for line in text.splitlines() if line and not line.startswith("#"))
        return cls(tuple(sorted(Jar.parse(line) for line in lines)))

    @classmethod
    def load(cls) -> "JarLock":
        """Read the lock that ships with Plural."""
        return cls.parse(files("app.embedded").joinpath("jars.lock").read_text(encoding="utf-8"))

    def __str__(self) -> str:
        """Write the lock file."""
        header = [
            "# The jars of the embedded server: group:artifact:version[:classifier] sha256 bytes.",
            "# Written by `python -m app.embedded.lock_jars` from pom.xml; not by hand.",
            f"# neo4j {self.neo4j_version}",
            f"# browser {self.browser_version}",
            f"# gds {self.gds_version}",
        ]
        return "\n".join([*header, *map(str, self.jars)]) + "\n"

    @property
    def size(self) -> int:
        """All jars together, in bytes."""
        return sum(jar.size for jar in self.jars)

    @cached_property
    def name(self) -> str:
        """A folder name that is another one for every other set of jars."""
        digest = hashlib.sha256("\n".join(map(str, self.jars)).encode()).hexdigest()
        return f"neo4j-{self.neo4j_version}-gds-{self.gds_version}-{digest[:8]}"

    @property
    def neo4j_version(self) -> str:
        """Version of the server, e.g. ``2026.01.4``."""
        return self._version_of("org.neo4j", "neo4j")

    @property
    def browser_version(self) -> str:
        """Version of Neo4j Browser."""
        return self._version_of("org.neo4j.client", "neo4j-browser")

    @property
    def gds_version(self) -> str:
        """Version of the Graph Data Science library."""
        return self._version_of(GDS_GROUP, "proc-common")

    def _version_of(self, group: str, artifact: str) -> str:
        return next((jar.version for jar in self.jars if (jar.group, jar.artifact) == (group, artifact)), "none")
