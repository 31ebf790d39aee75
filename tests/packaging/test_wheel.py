import sys
from pathlib import Path
from zipfile import ZipFile

import pytest

from tests.conftest import HASH_KEY, Neo4jServer
from tests.packaging.conftest import ROOT, Environment

PACKAGES = ("app", "cypher", "seed")


@pytest.fixture
def wheel(tmp_path: Path, environment: Environment) -> Path:
    """What the build backend makes of the checkout."""
    place = tmp_path / "dist"
    environment.run(
        sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(place), cwd=ROOT
    )
    return next(place.glob("plural-*.whl"))


def test_the_wheel_holds_every_file_and_works_outside_the_checkout(
    wheel: Path, environment: Environment, neo4j_server: Neo4jServer
):
    assert packed_files(wheel) == checked_out_files()

    environment.run(environment.python, "-m", "pip", "install", "--no-deps", "--no-index", str(wheel))

    environment.check_plural()
    token = environment.run("plural", "keys", "create", "--tenant", "wheel", variables=named(neo4j_server))
    assert token.startswith("plural_wheel_")


def packed_files(wheel: Path) -> set[str]:
    with ZipFile(wheel) as archive:
        return {name for name in archive.namelist() if not name.split("/")[0].endswith(".dist-info")}


def checked_out_files() -> set[str]:
    files = (path for package in PACKAGES for path in (ROOT / package).rglob("*") if path.is_file())
    return {path.relative_to(ROOT).as_posix() for path in files if path.parent.name != "__pycache__"}


def named(server: Neo4jServer) -> dict[str, str]:
    password = {"NEO4J_USER": server.user, "NEO4J_PASSWORD": server.password} if server.user and server.password else {}
    # The key that other tests of the run have used on this server: with any other it would be refused.
    ours = {"PLURAL_QUERY_TIMEOUT_SECONDS": "60", "PLURAL_HASH_KEY": HASH_KEY}
    return {"NEO4J_URI": server.bolt_uri, **ours, **password}
