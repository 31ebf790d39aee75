"""The store of a stopped server as one file, and back into another folder, by Neo4j's own tool."""

from pathlib import Path
from typing import LiteralString

import pytest
from neo4j import GraphDatabase
from platformdirs import user_cache_path

from app.embedded import EmbeddedServer
from app.embedded.dump import StoppedServer
from app.embedded.errors import DumpError, FolderBusyError, FolderError
from tests.embedded.test_server import SMALL

CACHE = user_cache_path("plural")


def ask(server: EmbeddedServer, text: LiteralString) -> list[object]:
    auth = (server.user, server.password)
    with GraphDatabase.driver(server.bolt_uri, auth=auth) as driver:  # pyright: ignore[reportUnknownMemberType] (its options are)
        records, _, _ = driver.execute_query(text)
        return [record.values()[0] for record in records]


def test_a_store_is_dumped_and_loaded_into_another_folder(tmp_path: Path) -> None:
    first, second, file = tmp_path / "first", tmp_path / "second", tmp_path / "store.dump"
    with EmbeddedServer(first, start_timeout_seconds=400, **SMALL) as server:
        ask(server, "CREATE (:Tea {name: 'Assam', at: datetime('2026-11-30T02:00:00Z')})")
        with pytest.raises(FolderBusyError, match="is served by process"):
            StoppedServer(first, cache=CACHE).dump(file)

    StoppedServer(first, cache=CACHE).dump(file)
    with pytest.raises(FolderError, match="already"):
        StoppedServer(first, cache=CACHE).load(file)
    StoppedServer(second, cache=CACHE).load(file)

    with EmbeddedServer(second, start_timeout_seconds=400, **SMALL) as server:
        assert ask(server, "MATCH (tea:Tea) RETURN tea.name + ' ' + toString(tea.at)") == ["Assam 2026-11-30T02:00:00Z"]
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["store.dump"]


def test_a_folder_without_a_store_and_a_file_that_is_no_dump_are_told(tmp_path: Path) -> None:
    with pytest.raises(FolderError, match="no database"):
        StoppedServer(tmp_path / "home", cache=CACHE).dump(tmp_path / "file")
    (tmp_path / "file").write_bytes(b"no dump")
    with pytest.raises(DumpError, match="could not load the database"):
        StoppedServer(tmp_path / "home", cache=CACHE).load(tmp_path / "file")
