"""Graph Data Science (GDS) by its own client: graphs of numbers in the server, and what is computed on them."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from itertools import count
from typing import TYPE_CHECKING, TypeVar

from neo4j import Driver
from neo4j import exceptions as driver_errors

from app.domain.errors import DatabaseGoneError, PluralError, SetupError
from app.graph.retries import retrying
from app.graph.status import GDS_MISSING
from app.graph.troubles import FOREIGN
from app.jobs.run import Run
from app.taste.values import Edges

if TYPE_CHECKING:
    from graphdatascience import GraphDataScience
    from graphdatascience.graph import Graph
    from pandas import DataFrame

STOP_SECONDS = 15.0
"""How long the end of a call that was told to stop is waited for; GDS itself looks every 10 s whether it was."""

Algorithm = Callable[["GraphDataScience", "Graph"], "DataFrame"]
"""Calls one algorithm of the client on a projected graph."""
Found = TypeVar("Found")
_TOO_LARGE = ("exceeds available memory", "exceeds current free memory")
"""GDS' words for an algorithm that it refuses to begin."""
_numbers = count(1)
_log = logging.getLogger("plural.graph_science")


class Projection:
    """A graph of the nodes 0 to ``nodes`` - 1 in GDS: projected when first asked, and anew where the server lost it."""

    def __init__(self, run: Run, edges: Edges, nodes: int, *, directed: bool = False) -> None:
        self.edges = edges
        self.nodes = nodes
        self._run = run
        self._undirected = [] if directed else ["*"]
        self._name = f"{_prefix(run)}{run.id}/{next(_numbers)}"
        self._driver: Driver | None = None
        self._gds: GraphDataScience | None = None
        self._graph: Graph | None = None
        self._is_used = self._is_stopped = False

    async def compute(self, algorithm: Algorithm) -> "DataFrame":
        """Return what ``algorithm`` finds, which runs in a thread; tried again after what passes by itself.

        Raises ``SetupError`` where GDS is missing or has too little memory, and ``UnavailableError`` where the database
        is away for too long.
        """
        self._is_used = True

        def work() -> "DataFrame":
            try:
                return self._compute(algorithm)
            except Exception as error:
                self._forget()
                raise _as_lost(error) from error

        async with _explained(self._run):
            return await retrying(lost_too=True)(_in_thread, work, self._stop)

    async def drop(self) -> None:
        """Give the graph's memory back; where that fails the tenant's next refresh does (``drop_all``)."""

        def work() -> None:
            try:
                self._client().graph.drop(self._name, fail_if_missing=False)
            finally:
                self._forget()

        try:
            if self._is_used:
                await _in_thread(work, self._forget)
        except (*FOREIGN, PluralError) as error:  # never in place of what ended the block
            _log.info("a projection was not dropped: %s", type(error).__name__)

    def _compute(self, algorithm: Algorithm) -> "DataFrame":
        gds = self._client()
        if self._graph is None:
            self._graph = self._project(gds)
        if self._is_stopped:
            raise DatabaseGoneError("The refresh was stopped.")
        return algorithm(gds, self._graph)

    def _client(self) -> "GraphDataScience":
        if self._gds is None:
            self._driver, self._gds = _connect(self._run)
        return self._gds

    def _project(self, gds: "GraphDataScience") -> "Graph":
        gds.graph.drop(self._name, fail_if_missing=False)  # of an attempt whose answer was lost
        statement = self._run.db.statement("refresh/project_edges")
        given = {
            "graph": self._name,
            "ends": [self.edges.source.tolist(), self.edges.target.tolist()],
            "weights": self.edges.weight.tolist(),
            "undirected": self._undirected,
        }
        return gds.graph.project.cypher(statement.text, **statement.arguments(given)).graph

    def _stop(self) -> None:
        """End what is under way, but a projection, which is soon at its end and could else outlive being dropped."""
        self._is_stopped = True
        if self._graph is not None:
            self._forget()

    def _forget(self) -> None:
        """Close the connection, which ends a call that waits for it; the next one makes its own."""
        driver, self._driver, self._gds, self._graph = self._driver, None, None, None
        if driver is not None:
            driver.close()


@asynccontextmanager
async def projected(run: Run, edges: Edges, nodes: int, *, directed: bool = False) -> AsyncGenerator[Projection]:
    """Hold a graph in GDS as long as the block lasts, however it ends; weights are above 0.

    Of an undirected one each pair is there once. One block for all that is asked of a graph, so that it is projected
    once. GDS keeps some 10 MB of every Leiden call until its progress retention ends (5 s, ``app/embedded/config.py``).
    """
    graph = Projection(run, edges, nodes, directed=directed)
    try:
        yield graph
    finally:
        await graph.drop()


async def drop_all(run: Run) -> None:
    """Drop what earlier refreshes of the tenant left in GDS, killed ones say."""

    def work() -> None:
        driver, gds = _connect(run)
        with driver:
            for graph in gds.graph.list():
                if graph.graph_name.startswith(_prefix(run)):
                    gds.graph.drop(graph.graph_name, fail_if_missing=False)

    async with _explained(run):
        await retrying(lost_too=True)(_in_thread, work, lambda: None)


def _prefix(run: Run) -> str:
    return f"plural/{run.tenant}/"


def _connect(run: Run) -> "tuple[Driver, GraphDataScience]":
    from app.jobs.gds_client import connect  # it takes .6 s to import, and only a refresh needs it

    return connect(run.db.address)


async def _in_thread(work: Callable[[], Found], stop: Callable[[], None]) -> Found:
    """Run ``work`` beside the event loop; when cancelled, ``stop`` it and wait for its end."""
    working = asyncio.ensure_future(asyncio.to_thread(work))
    try:
        return await asyncio.shield(working)
    except asyncio.CancelledError:
        working.add_done_callback(lambda ended: ended.cancelled() or ended.exception())  # nobody else looks
        stop()
        await asyncio.wait([working], timeout=STOP_SECONDS)
        raise


def _as_lost(error: Exception) -> Exception:
    """Tell what another projection mends, since the server was started anew, from the rest."""
    from app.jobs.gds_client import cause_of

    cause = cause_of(error)
    if isinstance(cause, driver_errors.ClientError) and "does not exist on database" in str(cause):
        return DatabaseGoneError("The database lost what was being computed; try again.")
    return cause


@asynccontextmanager
async def _explained(run: Run) -> AsyncGenerator[None]:
    """Turn what the driver raises into errors that say what to do."""
    async with run.db.naming():
        try:
            yield
        except driver_errors.Neo4jError as error:
            if (named := _name(error)) is None:
                raise
            raise named from error


def _name(error: driver_errors.Neo4jError) -> SetupError | None:
    text, code = str(error), error.code or ""
    if any(words in text for words in _TOO_LARGE) or code.endswith("OutOfMemoryError"):
        return SetupError(
            "The database has too little memory for what a refresh computes in it: raise PLURAL_HEAP_MB for the "
            "embedded server, or server.memory.heap.max_size of the one that NEO4J_URI names."
        )
    return SetupError(GDS_MISSING) if code.endswith("ProcedureNotFound") else None
