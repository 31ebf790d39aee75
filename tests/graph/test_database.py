from collections.abc import AsyncGenerator

import pytest
import pytest_asyncio

from app import main as wiring
from app.domain.errors import UnavailableError
from app.graph.database import Database
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
