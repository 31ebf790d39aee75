"""Which database is opened, and which is refused."""

from pathlib import Path
from typing import Any

import pytest

import app.opening as wiring
from app.domain.errors import SetupError
from app.embedded import RunningServer
from app.embedded.errors import FolderBusyError
from app.embedded.jars import JarLock
from app.graph.database import Database
from app.graph.status import SERVER_MAJOR, check_server
from app.opening import open_database
from app.settings import Settings
from tests.conftest import Neo4jServer


class Answers:
    """A server that says of itself what it is told to say."""

    def __init__(self, version: str, gds: str | None) -> None:
        self._version, self._gds = version, gds

    async def read(self, name: str, /, **_: object) -> list[dict[str, str]]:
        if name == "status/read_server_version":
            return [{"version": self._version}]
        return [{"version": self._gds, "name": "gds.version"}] if self._gds else []


async def test_our_server_is_accepted(db: Database) -> None:
    await check_server(db)


@pytest.mark.parametrize(
    ("version", "gds", "sentence"),
    [
        ("5.26.1", "2.13.9", r"Neo4j 5\.26\.1.*2026\.x"),
        ("2025.12.1", "2.24.0", "2026"),
        ("2026.01.4", None, "Graph Data"),
    ],
)
async def test_another_server_is_refused_in_one_sentence(version: str, gds: str | None, sentence: str) -> None:
    with pytest.raises(SetupError, match=sentence):
        await check_server(Answers(version, gds))  # pyright: ignore[reportArgumentType]


def test_the_version_that_is_demanded_is_the_one_that_is_embedded() -> None:
    assert JarLock.load().neo4j_version.split(".")[0] == SERVER_MAJOR


async def test_a_command_uses_the_server_that_runs_for_its_folder(
    neo4j_server: Neo4jServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    home = tmp_path / "neo4j"
    home.mkdir()
    (home / "password").write_text(neo4j_server.password or "")
    port = int(neo4j_server.bolt_uri.rsplit(":", 1)[1])
    asked: list[Path] = []

    def find(place: Path) -> RunningServer:
        asked.append(place)
        return RunningServer(home, owner_pid=1, pid=1, bolt_port=port, http_port=0)

    monkeypatch.setattr(wiring, "find_running", find)
    settings = Settings.load(home=tmp_path, neo4j_uri=None, query_timeout_seconds=60)

    async with open_database(settings) as db:
        await check_server(db)
    assert asked == [home]


async def test_a_service_wants_the_folder_for_itself(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    class Busy:
        def __init__(self, home: Path, **_: Any) -> None:
            self.home = home

        def start(self) -> None:
            raise FolderBusyError(f"{self.home} is served by another process.")

    def find(home: Path) -> RunningServer:
        return RunningServer(home, owner_pid=1, pid=1, bolt_port=1, http_port=1)

    monkeypatch.setattr(wiring, "EmbeddedServer", Busy)
    monkeypatch.setattr(wiring, "find_running", find)

    with pytest.raises(SetupError, match="served by another"):
        async with open_database(Settings.load(home=tmp_path, neo4j_uri=None), share=False):
            pass
