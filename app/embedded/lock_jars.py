"""Makes jars.lock anew, for a new version of Neo4j or GDS. Needs Maven; nobody else does.

Edit the versions in pom.xml, then run ``python -m app.embedded.lock_jars``.
"""

import hashlib
import re
import subprocess
import tempfile
from pathlib import Path

from app.embedded.jars import Jar, JarLock

# group:artifact:jar[:classifier]:version:scope
RESOLVED = re.compile(r"^\s+([\w.-]+):([\w.-]+):jar:(?:([\w.-]+):)?([\w.-]+):(?:compile|runtime)\b")


def resolve_jars(pom: Path) -> JarLock:
    """Let Maven fetch and choose the jars of ``pom``, then take their checksums from its local repository."""
    repository = _maven(pom, "help:evaluate", "-Dexpression=settings.localRepository", "-Doutput=")
    return lock_listing(_maven(pom, "dependency:list", "-DincludeScope=runtime", "-DoutputFile="), Path(repository))


def lock_listing(listing: str, repository: Path) -> JarLock:
    """Turn the output of ``mvn dependency:list`` into a lock; each jar must be in ``repository``."""
    matches = (RESOLVED.match(line) for line in listing.splitlines())
    found = {(match[1], match[2], match[4], match[3] or "") for match in matches if match}
    return JarLock(tuple(sorted(_lock(Jar(*coordinates, sha256="", size=0), repository) for coordinates in found)))


def _lock(jar: Jar, repository: Path) -> Jar:
    content = (repository / jar.maven_path).read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    return Jar(jar.group, jar.artifact, jar.version, jar.classifier, digest, len(content))


def _maven(pom: Path, *arguments: str) -> str:
    """What Maven writes to the file that its last argument names; its terminal output is coloured."""
    with tempfile.NamedTemporaryFile("r", encoding="utf-8") as output:
        command = ["mvn", "-q", "-B", "-f", str(pom), *arguments[:-1], arguments[-1] + output.name]
        subprocess.run(command, check=True)  # noqa: S603 (our own words)
        return output.read()


if __name__ == "__main__":
    here = Path(__file__).parent
    (here / "jars.lock").write_text(str(resolve_jars(here / "pom.xml")), encoding="utf-8")
