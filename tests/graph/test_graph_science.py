"""Graphs of numbers in GDS: in a thread, with errors that say what to do, and nothing left behind however it ends."""

import asyncio
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from app.domain.errors import DatabaseGoneError, SetupError
from app.graph.database import Address, Database
from app.jobs import graph_science
from app.jobs.graph_science import drop_all, projected
from app.taste.values import Edges
from tests.graph.shop import Shop
from tests.graph.test_leiden import groups, run_of

if TYPE_CHECKING:
    from graphdatascience import GraphDataScience
    from graphdatascience.graph import Graph
    from pandas import DataFrame


def rank(gds: "GraphDataScience", graph: "Graph") -> "DataFrame":
    return gds.page_rank.stream(graph)


def rank_long(gds: "GraphDataScience", graph: "Graph") -> "DataFrame":
    """Takes several seconds; GDS keeps some memory for each iteration, so there must not be many more."""
    return gds.page_rank.stream(graph, max_iterations=300_000, tolerance=0.0, concurrency=1)


async def projections(shop: Shop) -> list[str]:
    rows = await shop.query("CALL gds.graph.list() YIELD graphName RETURN collect(graphName) AS names")
    return [name for name in rows[0]["names"] if shop.tenant in name]


async def eventually(condition: Callable[[], Any]) -> None:
    """Wait until it holds; far longer than it takes."""
    deadline = time.monotonic() + 60
    while not await condition():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.05)


async def test_the_event_loop_goes_on_while_gds_computes(shop: Shop) -> None:
    ticks = 0

    async def tick() -> None:
        nonlocal ticks
        while True:
            await asyncio.sleep(0)
            ticks += 1

    ticking = asyncio.create_task(tick())
    async with projected(run_of(shop), groups(1), 90) as graph:
        found = await graph.compute(rank)
    ticking.cancel()

    assert len(found) == 90
    assert ticks > 10


async def test_it_is_projected_once_for_all_that_is_asked(shop: Shop) -> None:
    async with projected(run_of(shop), groups(1), 90) as graph:
        first, again = [await graph.compute(rank) for _ in range(2)]
        held = await projections(shop)

    assert first.equals(again)
    assert len(held) == 1
    assert await projections(shop) == []


async def test_a_directed_graph_keeps_its_direction(shop: Shop) -> None:
    line = Edges(np.array([0]), np.array([1]), np.ones(1))
    for directed, ranks in ((True, 2), (False, 1)):
        async with projected(run_of(shop), line, 2, directed=directed) as graph:
            found = await graph.compute(rank)
        assert len({*np.asarray(found["score"], dtype=np.float64).tolist()}) == ranks


async def test_what_is_too_large_for_the_server_s_memory_says_which_setting_helps(shop: Shop) -> None:
    async with projected(run_of(shop), groups(1), 90) as graph:
        with pytest.raises(SetupError, match="PLURAL_HEAP_MB"):
            await graph.compute(lambda gds, held: gds.fast_rp.stream(held, embedding_dimension=500_000_000))

    assert await projections(shop) == []


async def test_a_server_without_gds_is_named(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    from graphdatascience.query_runner.neo4j_query_runner import Neo4jQueryRunner

    def missing(*_: object, **__: object) -> object:
        raise RuntimeError("Unknown function 'gds.version'")  # what the client looks for

    monkeypatch.setattr(Neo4jQueryRunner, "call_function", missing)
    async with projected(run_of(shop), groups(1), 90) as graph:
        with pytest.raises(SetupError, match="Graph Data Science"):
            await graph.compute(rank)


async def test_a_mistake_of_ours_is_no_fault_of_the_server(shop: Shop) -> None:
    async with projected(run_of(shop), groups(1), 90) as graph:
        with pytest.raises(Exception, match="dampingFactor"):
            await graph.compute(lambda gds, held: gds.page_rank.stream(held, damping_factor=7.0))

    assert await projections(shop) == []


async def test_a_graph_that_the_server_lost_is_projected_anew(shop: Shop) -> None:
    async with projected(run_of(shop), groups(1), 90) as graph:
        first = await graph.compute(rank)
        (name,) = await projections(shop)
        await shop.query("CALL gds.graph.drop($name) YIELD graphName RETURN graphName", name=name)
        again = await graph.compute(rank)

    assert first.equals(again)


async def test_whoever_is_cancelled_in_a_computation_ends_it_and_leaves_no_graph(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(graph_science, "STOP_SECONDS", 600)
    ended: list[object] = []

    async def compute() -> None:
        async with projected(run_of(shop), groups(1), 90) as graph:
            await graph.compute(lambda gds, held: ended.append(found := rank_long(gds, held)) or found)

    async def is_held() -> bool:
        return bool(await projections(shop))

    working = asyncio.create_task(compute())
    await eventually(is_held)
    working.cancel()
    with pytest.raises(asyncio.CancelledError):
        await working

    assert (await projections(shop), ended) == ([], [])

    async def has_ended() -> bool:
        rows = await shop.query("SHOW TRANSACTIONS YIELD currentQuery RETURN collect(currentQuery) AS queries")
        return not any(query.startswith("CALL gds.pageRank") for query in rows[0]["queries"])

    await eventually(has_ended)


async def test_whoever_is_cancelled_while_it_is_projected_leaves_no_graph(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The projection comes to its end, and is dropped after that; nothing is computed on it."""
    began = asyncio.Event()
    loop = asyncio.get_running_loop()
    project = graph_science.Projection._project  # pyright: ignore[reportPrivateUsage]

    def slowly(self: graph_science.Projection, gds: "GraphDataScience") -> "Graph":
        loop.call_soon_threadsafe(began.set)
        time.sleep(0.3)
        return project(self, gds)

    monkeypatch.setattr(graph_science.Projection, "_project", slowly)
    asked: list[str] = []

    async def compute() -> None:
        async with projected(run_of(shop), groups(1), 90) as graph:
            await graph.compute(lambda gds, held: asked.append("asked") or rank(gds, held))

    working = asyncio.create_task(compute())
    await began.wait()
    working.cancel()
    with pytest.raises(asyncio.CancelledError):
        await working

    assert (await projections(shop), asked) == ([], [])


async def test_what_a_killed_refresh_left_is_dropped_and_other_tenants_keep_theirs(shop: Shop, db: Database) -> None:
    stranger = Shop(db, f"{shop.tenant}-other")
    async with projected(run_of(stranger), groups(1), 90) as theirs:
        await theirs.compute(rank)
        left = graph_science.Projection(run_of(shop), groups(1), 90)
        await left.compute(rank)
        left._forget()  # pyright: ignore[reportPrivateUsage]
        assert len(await projections(shop)) == 2
        await drop_all(run_of(shop))

        assert [name.split("/")[1] for name in await projections(shop)] == [stranger.tenant]


@asynccontextmanager
async def door_to(address: Address) -> AsyncGenerator[tuple[Address, Callable[[], None]]]:
    """A port that leads to the server, and what shuts it for good."""
    host, _, port = address.uri.removeprefix("bolt://").partition(":")
    ends: list[asyncio.StreamWriter] = []

    async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        ends.append(writer)
        while some := await reader.read(65536):
            writer.write(some)

    async def pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection(host, int(port))
        await asyncio.gather(carry(reader, back), carry(there, writer), return_exceptions=True)

    server = await asyncio.start_server(pass_on, "127.0.0.1", 0)

    def shut() -> None:
        server.close()
        for writer in ends:
            writer.close()

    yield replace(address, uri=f"bolt://127.0.0.1:{server.sockets[0].getsockname()[1]}"), shut
    shut()


async def test_a_server_that_goes_is_named_when_it_was_looked_for_often_enough(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The client by itself would look for it for ten minutes."""
    monkeypatch.setattr("app.graph.retries.ATTEMPTS", 2)
    real = shop.db.address
    async with door_to(real) as (address, shut), projected(run_of(shop), groups(1), 90) as graph:
        shop.db.address = address
        try:
            assert len(await graph.compute(rank)) == 90
            shut()
            with pytest.raises(DatabaseGoneError):
                await graph.compute(rank)
        finally:
            shop.db.address = real

    assert await projections(shop) == []
