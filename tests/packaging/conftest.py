"""A fresh environment that holds what Plural needs, and not Plural itself."""

import os
import subprocess
import sys
import sysconfig
import venv
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import distribution
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
READ_EVERYTHING = """
from app.embedded.jars import JarLock
from app.graph.catalogue import load_catalogue
from app.graph.migrations import load_migrations
from seed.story import story_product_ids

print(len(load_catalogue()), "statements", len(load_migrations()), "migrations", len(JarLock.load().jars), "jars")
print(len(story_product_ids()), "products of the story")
"""


@dataclass(frozen=True)
class Environment:
    """A virtual environment, and an empty folder outside the checkout where its programs run."""

    programs: Path
    folder: Path

    @property
    def python(self) -> str:
        return str(self.programs / "python")

    def run(self, *command: str, cwd: Path | None = None, variables: Mapping[str, str] = {}) -> str:
        """What a program prints; the test fails when the program does."""
        ours = ("PLURAL_", "NEO4J_", "PYTHON")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
        path = f"{self.programs}{os.pathsep}{os.environ['PATH']}"
        environment = {**kept, "PATH": path, "PLURAL_HOME": str(self.folder / "home"), **variables}
        done = subprocess.run(
            command, cwd=cwd or self.folder, env=environment, capture_output=True, text=True, check=False, timeout=300
        )
        assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def check_plural(self) -> None:
        """Plural works here without the checkout, and reads everything that it reads there."""
        place = self.run(self.python, "-c", "import app; print(app.__file__)")
        assert Path(place).is_relative_to(self.programs.parent)
        assert "Recommends to identities" in self.run("plural", "--help")
        there = self.run(sys.executable, "-c", READ_EVERYTHING, cwd=ROOT)
        assert self.run(self.python, "-c", READ_EVERYTHING) == there


@pytest.fixture
def environment(tmp_path: Path) -> Environment:
    """Links to the installed packages spare the minutes that installing them again would take."""
    place, links, folder = tmp_path / "venv", tmp_path / "packages", tmp_path / "elsewhere"
    venv.create(place, symlinks=True)
    links.mkdir()
    folder.mkdir()
    ours = {file.parts[0] for file in distribution("plural").files or ()}
    for installed in {Path(sysconfig.get_path("purelib")), Path(sysconfig.get_path("platlib"))}:
        for package in installed.iterdir():
            if package.name not in ours:
                (links / package.name).symlink_to(package)
    site_packages = next(place.glob("lib/python*/site-packages"))
    (site_packages / "packages.pth").write_text(f"{links}\n")
    return Environment(place / "bin", folder)
