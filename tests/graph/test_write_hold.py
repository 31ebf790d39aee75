"""Writing is held back while a backup reads: who writes waits or is refused, who reads goes on, a dead one passes."""

import asyncio
from collections.abc import AsyncGenerator

import pytest
import pytest_asyncio

from app.domain.errors import BusyError, ConflictError, HeldError, SetupError
from app.graph import write_hold
from app.graph.database import Database
from app.graph.write_hold import WriteHold, has_unfinished_restore, refuse_other_users, refuse_unfinished_restore
from tests.conftest import Neo4jServer
from tests.graph.shop import Shop


@pytest_asyncio.fixture
async def holder(neo4j_server: Neo4jServer, db: Database) -> AsyncGenerator[Database]:
    """Another process; whatever it leaves behind is removed."""
    user, password = neo4j_server.auth or ("", "")
    database = await Database.connect(neo4j_server.bolt_uri, user, password, timeout_seconds=60)
    yield database
    await database.close()
    db.holds.is_mine = True
    for row in await db.read("hold/read_holds"):
        await Shop(db, row["tenant"]).query("MATCH (h:Hold {tenant: $tenant}) DELETE h")
    db.holds.is_mine = False
    await asyncio.sleep(1.1)  # until nobody believes in it any more


async def test_who_writes_is_refused_and_who_reads_is_answered(shop: Shop, holder: Database) -> None:
    await shop.offers("pan")
    async with WriteHold(holder, "backup") as hold:
        await hold.settle()
        with pytest.raises(HeldError, match="send it again"):
            await shop.offers("pot")
        with pytest.raises(HeldError):  # a job's statement too
            await shop.db.run_long("refresh/clear_scores", tenant=shop.tenant)
        assert await shop.db.read("migrate/read_migrations", tenant="_schema")
        assert await shop.db.run_long("migrate/read_migrations", tenant="_schema")
        await hold.prove()

    await asyncio.sleep(1.1)
    await shop.offers("pot")


async def test_a_command_waits(shop: Shop, holder: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shop.db.holds, "waits", True)
    async with WriteHold(holder, "backup") as hold:
        await hold.settle()
        waiting: list[asyncio.Task[object]] = [
            asyncio.create_task(shop.offers("pot")),
            asyncio.create_task(shop.refreshes()),
        ]
        await asyncio.sleep(1.5)
        assert not any(task.done() for task in waiting)
        await hold.prove()

    await asyncio.gather(*waiting)


async def test_of_one_shop_the_others_write(shop: Shop, holder: Database) -> None:
    async with WriteHold(holder, "backup", shop.tenant) as hold:
        await hold.settle()
        with pytest.raises(HeldError):
            await shop.offers("pot")
        await Shop(shop.db, f"{shop.tenant}-other").offers("pot")


async def test_a_backup_that_was_killed_lets_go_by_itself(
    shop: Shop, holder: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(write_hold, "LEASE_SECONDS", 2.5)
    await WriteHold(holder, "backup").__aenter__()
    dead = [task for task in asyncio.all_tasks() if task.get_name() == "hold on writes"]
    assert [task.cancel() for task in dead] == [True]
    await asyncio.sleep(1.1)
    with pytest.raises(HeldError):
        await shop.offers("pot")

    await asyncio.sleep(2.6)
    await shop.offers("pot")
    async with WriteHold(holder, "backup"):  # and the next one takes it
        pass


async def test_a_hold_is_renewed_as_long_as_it_is_wanted(
    shop: Shop, holder: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(write_hold, "LEASE_SECONDS", 2.5)
    monkeypatch.setattr(write_hold, "_RENEW_SECONDS", 0.3)
    async with WriteHold(holder, "backup") as hold:
        await hold.settle()
        await asyncio.sleep(3)
        with pytest.raises(HeldError):
            await shop.offers("pot")
        await hold.prove()


async def test_two_backups_at_a_time_are_refused(shop: Shop, holder: Database) -> None:
    async with WriteHold(holder, "backup"):
        with pytest.raises(ConflictError, match="under way"):
            async with WriteHold(shop.db, "backup"):
                pass
        assert not shop.db.holds.is_mine


async def test_whoever_writes_past_the_hold_is_noticed(shop: Shop, holder: Database) -> None:
    async with WriteHold(holder, "backup") as hold:
        await hold.settle()
        await hold.prove()
        await shop.query("CREATE (:Odd {tenant: $tenant, id: 'past'})")
        with pytest.raises(BusyError, match="Somebody wrote"):
            await hold.prove()


async def test_a_transaction_that_began_before_is_waited_for(shop: Shop, holder: Database) -> None:
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def write() -> None:
        async with shop.db._session("WRITE") as session:  # pyright: ignore[reportPrivateUsage]
            transaction = await session.begin_transaction()
            await (await transaction.run("CREATE (:Odd {tenant: $tenant})", {"tenant": shop.tenant})).consume()
            begun.set()
            await go_on.wait()
            await transaction.commit()

    writing = asyncio.create_task(write())
    await begun.wait()
    async with WriteHold(holder, "backup") as hold:
        settling = asyncio.create_task(hold.settle())
        await asyncio.sleep(2.5)
        assert not settling.done()
        go_on.set()
        await asyncio.gather(settling, writing)
        await hold.prove()


async def test_a_restore_that_was_broken_off_stays_marked(shop: Shop, holder: Database) -> None:
    with pytest.raises(ValueError, match="broken off"):
        async with WriteHold(holder, "restore"):
            raise ValueError("broken off")

    assert await has_unfinished_restore(shop.db)
    with pytest.raises(SetupError, match="plural restore FILE"):
        await refuse_unfinished_restore(shop.db)


async def test_a_load_that_was_broken_off_stays_marked_whoever_else_comes(shop: Shop, holder: Database) -> None:
    with pytest.raises(ValueError, match="broken off"):
        async with WriteHold(holder, "load", shop.tenant):
            raise ValueError("broken off")
    await shop.query("MATCH (h:Hold {tenant: $tenant}) SET h.until = datetime.realtime() - duration('PT1S')")

    for another in (WriteHold(holder, "backup", shop.tenant), WriteHold(holder, "backup")):
        with pytest.raises(ConflictError, match="plural load dump FILE"):
            await another.__aenter__()
    with pytest.raises(HeldError, match="being loaded"):
        await shop.offers("pan")
    async with WriteHold(holder, "load", shop.tenant) as hold:
        assert hold.is_after_broken_load
    await asyncio.sleep(1.1)
    await shop.offers("pan")


async def test_a_load_that_was_undone_leaves_no_mark(shop: Shop, holder: Database) -> None:
    async def take_back() -> None:
        async with WriteHold(holder, "load", shop.tenant) as hold:
            assert not hold.is_after_broken_load
            hold.undone()
            raise ValueError("taken back")

    with pytest.raises(ValueError, match="taken back"):
        await take_back()
    await asyncio.sleep(1.1)
    await shop.offers("pan")


async def test_another_process_on_the_server_is_found(holder: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    await refuse_other_users(holder)
    monkeypatch.setattr(write_hold, "USER_AGENT", "plural/another")

    with pytest.raises(ConflictError, match=r"from 127\.0\.0\.1:\d+"):
        await refuse_other_users(holder)
