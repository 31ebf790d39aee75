"""Promise 14: what was accepted is on disk once, whatever broke on the way; what was not says why.

Here the database breaks under one writer, at every place where it can; tests/kills kills real processes.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import replace
from typing import Literal, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.errors import BusyError, DatabaseGoneError, PluralError
from app.domain.models import IngestReport, Interaction
from app.graph.database import Database, Result, Transaction
from app.graph.event_writer import EventWriter
from app.graph.tombstones import Tombstones
from tests.graph.shop import HASHER
from tests.promises.examples import rebuilt
from tests.promises.world import Act, World, histories

Fault = Literal["none", "refused", "broken off", "unheard", "killed"]
FAULTS: tuple[Fault, ...] = ("none", "refused", "broken off", "unheard", "killed")


class Breaking:
    """A database that breaks as it is told, once a transaction, and then works."""

    def __init__(self, db: Database, faults: Iterable[Fault]) -> None:
        self._db = db
        self._faults = iter(faults)
        self.killed = asyncio.Event()

    async def transact(self, work: Callable[[Transaction], Awaitable[Result]], *, tenant: str = "") -> Result:
        async def broken_off(transaction: Transaction) -> Result:
            await work(transaction)
            raise DatabaseGoneError("The database does not answer; try again.")

        match next(self._faults, "none"):
            case "refused":
                raise BusyError("The database is too busy; try again.")
            case "broken off":
                return await self._db.transact(broken_off, tenant=tenant)
            case "unheard":
                await self._db.transact(work, tenant=tenant)
                raise DatabaseGoneError("The database does not answer; try again.")
            case "killed":
                await self._db.transact(work, tenant=tenant)
                self.killed.set()
                return await asyncio.Future()
            case _:
                return await self._db.transact(work, tenant=tenant)


async def post(world: World, db: Breaking, batches: list[list[Interaction]]) -> list[IngestReport | PluralError | None]:
    """What every caller hears when all post at once: a report, an error, or nothing, as the process was killed."""
    rules = world.settings.evidence_rules
    writer = EventWriter(cast("Database", db), Tombstones(HASHER), rules, commit_lines=8)
    heard: list[IngestReport | PluralError | None] = [None] * len(batches)

    async def call(place: int) -> None:
        try:
            heard[place] = await writer.append(world.tenant, batches[place])
        except PluralError as error:
            heard[place] = error

    calls = asyncio.gather(*(call(place) for place in range(len(batches))))
    killed = asyncio.create_task(db.killed.wait())
    await asyncio.wait((calls, killed), return_when=asyncio.FIRST_COMPLETED)
    tasks = (calls, killed, *writer._writing.values())  # pyright: ignore[reportPrivateUsage]
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    return heard


async def on_disk(world: World, identity_id: str) -> dict[str, int]:
    rows = await world.query(
        "MATCH (:Identity {tenant: $tenant, id: $id})-[:DID]->(x:Interaction) RETURN x.id AS id, count(*) AS times",
        id=identity_id,
    )
    return {row["id"]: row["times"] for row in rows}


@rebuilt
@given(st.lists(histories, min_size=1, max_size=4), st.lists(st.sampled_from(FAULTS), max_size=6))
async def test_what_was_acknowledged_is_there_once_and_a_replay_adds_the_rest(
    world: World, history: list[list[Act]], faults: list[Fault]
) -> None:
    person, twin = world.name("person"), world.name("twin")
    batches = [world.events(person, acts) for acts in history]
    sent = {event.id for batch in batches for event in batch}

    heard = await post(world, Breaking(world.db, faults), batches)

    found = await on_disk(world, person)
    for batch, answer in zip(batches, heard, strict=True):
        if isinstance(answer, IngestReport):
            assert {event.id for event in batch} <= found.keys()
        elif answer is not None:
            assert str(answer)
    assert set(found.values()) <= {1}

    again = await post(world, Breaking(world.db, ()), batches)

    assert all(isinstance(answer, IngestReport) for answer in again)
    assert await on_disk(world, person) == dict.fromkeys(sent, 1)
    await world.saw(*(replace(e, id=f"{twin}-{e.id}", identity_id=twin) for batch in batches for e in batch))
    mine, wanted = await world.likes(person), await world.likes(twin)
    assert mine.keys() == wanted.keys()
    for product, like in wanted.items():
        assert mine[product]["count"] == like["count"]
        assert mine[product]["weight"] == pytest.approx(like["weight"])
