from collections.abc import AsyncGenerator

import pytest
import pytest_asyncio

from app import main as wiring
from app.domain.errors import (
    BusyError,
    DatabaseGoneError,
    NoRoomError,
    SetupError,
    UnavailableError,
    UnreachableError,
)
from app.graph.database import Database, Unattended
from app.main import open_database
from app.settings import Settings
from tests.conftest import Neo4jServer


@pytest_asyncio.fixture
async def hasty(neo4j_server: Neo4jServer) -> AsyncGenerator[Database]:
    """A connection that stands, and waits for no answer."""
    user, password = neo4j_server.auth or ("", "")
    database = await Database.connect(neo4j_server.bolt_uri, user, password, timeout_seconds=60)
    database.timeout_seconds = 0.0001
    yield database
    await database.close()


async def test_patience_lasts_as_long_as_its_block(hasty: Database):
    with pytest.raises(UnavailableError, match="took too long"):
        await hasty.read("status/read_server_version")

    with hasty.patience(60):
        assert await hasty.read("status/read_server_version")

    with pytest.raises(UnavailableError, match="took too long"):
        await hasty.read("status/read_server_version")


async def test_the_server_says_how_its_database_is(hasty: Database, neo4j_server: Neo4jServer):
    with hasty.patience(60):
        await hasty.ask()
    hasty.timeout_seconds = 0.0001

    with pytest.raises(BusyError, match="took too long"):  # it was looked at meanwhile, and it is well
        await hasty.read("status/read_server_version")


async def test_a_database_that_is_not_there_is_a_wrong_setting(neo4j_server: Neo4jServer):
    user, password = neo4j_server.auth or ("", "")
    nowhere = await Database.connect(neo4j_server.bolt_uri, user, password, "nowhere")
    with pytest.raises(SetupError, match="NEO4J_DATABASE"):
        await nowhere.ask()
    await nowhere.close()


async def test_a_server_that_is_gone_is_not_called_busy():
    with pytest.raises(UnreachableError, match="No Neo4j answers"):
        await Database.connect("bolt://127.0.0.1:1", timeout_seconds=2)


class Full(Unattended):
    """The keeper of a disk without room."""

    def check_room(self) -> None:
        raise NoRoomError("full")


class Down(Unattended):
    """The keeper of a server that is being started again."""

    def check_up(self) -> None:
        raise DatabaseGoneError("down")


async def test_the_keeper_is_asked_before_anything_is_sent(hasty: Database):
    with hasty.patience(60):
        hasty.keeper = Full()
        assert await hasty.read("status/read_server_version")
        for writing in (hasty.write, hasty.run_long):
            with pytest.raises(NoRoomError):
                await writing("migrate/read_migrations", tenant="t")

        hasty.keeper = Down()
        for asking in (hasty.read, hasty.write):
            with pytest.raises(DatabaseGoneError, match="down"):
                await asking("migrate/read_migrations", tenant="t")
        await hasty.ask()  # past the keeper, who asks so


@pytest.mark.usefixtures("command_line")
async def test_a_server_may_be_slower_before_it_serves_than_afterwards(monkeypatch: pytest.MonkeyPatch):
    limits: list[float] = []

    async def note(opened: Database) -> None:
        limits.append(opened.timeout_seconds)

    monkeypatch.setattr(wiring, "check_server", note)
    settings = Settings.load(query_timeout_seconds=30, start_timeout_seconds=90)

    async with open_database(settings) as opened:
        await note(opened)

    assert limits == [90, 30]
