from collections.abc import AsyncGenerator, Mapping
from datetime import UTC, datetime

import pytest
import pytest_asyncio

from app import opening as wiring
from app.domain.errors import (
    BusyError,
    DatabaseGoneError,
    NoRoomError,
    SetupError,
    UnavailableError,
    UnreachableError,
)
from app.domain.keys import ApiKey, StoredKey
from app.graph import retries
from app.graph.audit import AuditTrail
from app.graph.catalogue import Statement
from app.graph.database import Database, Row
from app.graph.keeper import Unattended
from app.graph.keys import KeyGraph
from app.graph.status import WarmUpGraph
from app.opening import open_database
from app.settings import Settings
from tests.conftest import Neo4jServer
from tests.graph.shop import HASHER, Shop


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


async def test_plans_are_kept_only_where_somebody_makes_them_anew(
    hasty: Database, tenant: str, monkeypatch: pytest.MonkeyPatch
):
    sent: list[str] = []
    read = Database._read  # pyright: ignore[reportPrivateUsage]

    async def noted(self: Database, statement: Statement, params: Mapping[str, object]) -> list[Row]:
        sent.append(statement.text.splitlines()[0])
        return await read(self, statement, params)

    monkeypatch.setattr(Database, "_read", noted)
    with hasty.patience(60):
        await hasty.read_steadily("status/list_readers", tenant=tenant, limit=3)
        hasty.keep_plans = True
        await hasty.read_steadily("status/list_readers", tenant=tenant, limit=3)
        with hasty.replanning():
            await hasty.read_steadily("status/list_readers", tenant=tenant, limit=3)

    assert sent == ["CYPHER 25", "CYPHER 25 replan=skip", "CYPHER 25 replan=force"]


async def test_a_service_finds_whom_to_ask_itself_for(db: Database, tenant: str):
    shop, graph = Shop(db, tenant), WarmUpGraph(db)
    await shop.offers("pan", "pot")
    await shop.buys("tom", "pan")
    await shop.grants("tom")
    assert await graph.some_readers(tenant, 5) == []
    assert tenant not in await graph.active_runs()
    assert graph.server_starts() == 0

    run = await shop.refreshes()
    assert await graph.some_readers(tenant, 5) == ["tom"]
    assert (await graph.active_runs())[tenant] == run.run


class Full(Unattended):
    """The keeper of a disk without room."""

    def check_room(self) -> None:
        raise NoRoomError("full")


class Down(Unattended):
    """The keeper of a server that is being started again."""

    def check_up(self) -> None:
        raise DatabaseGoneError("down")


async def test_the_keeper_is_asked_before_anything_is_sent(hasty: Database):
    hasty.timeout_seconds = 60
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


class Restarting(Unattended):
    """The keeper of a server that is up again when it was asked a few times."""

    def __init__(self) -> None:
        self.asked = 0

    def check_up(self) -> None:
        self.asked += 1
        if self.asked <= 3:
            raise DatabaseGoneError("down")


async def test_who_has_patience_tries_again_what_passes_by_itself(
    hasty: Database, tenant: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(retries, "LONGEST_PAUSE_SECONDS", 0.0)
    hasty.timeout_seconds = 60

    for asking in (hasty.read, hasty.write):
        hasty.keeper = Restarting()
        with hasty.patience():
            await asking("migrate/read_migrations", tenant=tenant)
        assert hasty.keeper.asked == 4
        hasty.keeper = Restarting()
        with pytest.raises(DatabaseGoneError):
            await asking("migrate/read_migrations", tenant=tenant)
        assert hasty.keeper.asked == 1


async def test_a_key_whose_making_was_not_answered_is_made_once(db: Database, tenant: str):
    """A commit may be on disk though its answer was lost; then it is made again."""
    keys = KeyGraph(db, AuditTrail(HASHER))
    key = ApiKey(tenant=tenant, id="0123456789ab", scopes=("ingest",), label=None, created_at=datetime.now(UTC))

    for _ in range(2):
        await keys.add_key(StoredKey(key, "digest"), "cli")

    assert [one.id for one in await keys.list_keys(tenant)] == [key.id]
    acts = await Shop(db, tenant).query("MATCH (a:AuditEntry {tenant: $tenant}) RETURN count(a) AS n")
    assert acts[0]["n"] == 1


@pytest.mark.usefixtures("command_line")
async def test_a_server_may_be_slower_before_it_serves_than_afterwards(monkeypatch: pytest.MonkeyPatch):
    limits: list[float] = []

    async def note(opened: Database) -> None:
        limits.append(opened.timeout_seconds)

    monkeypatch.setattr(wiring, "check_server", note)
    settings = Settings.load(query_timeout_seconds=30, start_timeout_seconds=90)

    async with open_database(settings, patient=False) as opened:
        await note(opened)
    async with open_database(settings) as opened:
        await note(opened)

    assert limits == [90, 30, 90, 120]
