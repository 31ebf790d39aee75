"""One driver per process and the statements it may run."""

# The driver declares its configuration as **Unknown.
# pyright: reportUnknownMemberType=false

import asyncio
import secrets
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine, Generator, Mapping
from contextlib import asynccontextmanager, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, LiteralString, Self, TypeVar, cast

from neo4j import (
    AsyncDriver,
    AsyncGraphDatabase,
    AsyncManagedTransaction,
    AsyncResult,
    AsyncSession,
    NotificationDisabledClassification,
    NotificationMinimumSeverity,
)
from neo4j import exceptions as driver_errors

from app import __version__
from app.domain import clock
from app.domain.errors import SetupError, UnavailableError, UnreachableError
from app.graph.catalogue import LANGUAGE, Statement, load_catalogue
from app.graph.holds import Holds
from app.graph.keeper import Keeper, Unattended
from app.graph.retries import retrying
from app.graph.tracing import statement_span
from app.graph.troubles import FOREIGN, Troubles
from app.graph.turns import Turns

USER_AGENT = f"plural/{__version__} {secrets.token_hex(4)}"
"""What the server is told of this process."""
_WRITERS = 4
"""Tenants that write at once; each commit waits for the disk, and the database's own work is what they share."""

KEEP_PLAN = f"{LANGUAGE} replan=skip"
PLAN_ANEW = f"{LANGUAGE} replan=force"
"""Both are about the same plan of the server: what one makes the other finds."""
PATIENT_SECONDS = 120.0
"""How long a statement may take where nobody waits for an answer."""
CLOCK_SECONDS = 10.0
"""How long this machine is trusted to know how much time has passed."""
ASK_SECONDS = 5.0
"""How long the server may take for the smallest of questions."""

Row = dict[str, Any]
Result = TypeVar("Result")
_replanning = ContextVar("replanning", default=False)


async def _rows(result: AsyncResult) -> list[Row]:
    keys = result.keys()
    values: list[tuple[Any, ...]] = [tuple(record) async for record in result]
    return [dict(zip(keys, row, strict=True)) for row in values]


@dataclass(frozen=True, slots=True)
class Address:
    """Where a database is, and who may ask it."""

    uri: str
    user: str
    password: str = field(repr=False)
    name: str = "neo4j"

    @property
    def auth(self) -> tuple[str, str] | None:
        """What a driver wants; ``None`` of a server that asks for nothing."""
        return (self.user, self.password) if self.password else None


class Transaction:
    """One open write transaction; runs statements of the catalogue by name."""

    def __init__(self, transaction: AsyncManagedTransaction, catalogue: Mapping[str, Statement]) -> None:
        self._transaction = transaction
        self._catalogue = catalogue

    async def run(self, name: str, /, **params: object) -> list[Row]:
        """Run one statement; its rows in its own order."""
        statement = self._catalogue[name]
        with statement_span(name):
            return await _rows(await self._transaction.run(statement.text, statement.arguments(params)))


class Database:
    """Runs statements of the catalogue by name; no driver type escapes.

    Raises ``UnavailableError`` when the server is away or slower than the time limit; the driver has retried what could
    be retried by then, and where nobody waits for an answer (``patience``) so have we.
    """

    def __init__(self, driver: AsyncDriver, address: Address, timeout_seconds: float) -> None:
        self._driver = driver
        self.address = address
        """For a client that brings a connection of its own (``app/jobs/gds_client.py``)."""
        self._name = address.name
        self.timeout_seconds: float = timeout_seconds
        self._is_patient = False
        self._clock_read_at = float("-inf")
        self.keeper: Keeper = Unattended()
        """Looks after the server; whoever started one puts it here."""
        self.keep_plans = False
        """Whether ``read_steadily`` uses old plans; only where somebody has them made anew (``replanning``)."""
        self._catalogue: Mapping[str, Statement] = load_catalogue()
        self._troubles = Troubles(driver, address.name, self._catalogue["status/read_database_status"])
        look = self._catalogue["hold/read_holds"]
        self.holds = Holds(lambda: self._within_time(self._read(look, {}), ASK_SECONDS))
        """Whether a backup holds writing back; asked before each transaction."""
        # Two writers deadlock on popular products and gain nothing (measured), so a tenant has one at a time.
        self._turns = Turns(_WRITERS)

    @property
    def name(self) -> str:
        """Name of the database on its server."""
        return self._name

    def statement(self, name: str) -> Statement:
        """One of the catalogue, for a client that sends it by itself."""
        return self._catalogue[name]

    @classmethod
    async def connect(
        cls,
        uri: str,
        user: str = "",
        password: str = "",
        name: str = "neo4j",
        *,
        pool_size: int = 50,
        timeout_seconds: float = 10.0,
    ) -> Self:
        """Open the driver and ask the server once; ``SetupError`` says what to mend when it does not answer."""
        address = Address(uri, user, password, name)
        driver = AsyncGraphDatabase.driver(
            uri,
            auth=address.auth,
            user_agent=USER_AGENT,
            max_connection_pool_size=pool_size,
            connection_acquisition_timeout=min(5.0, timeout_seconds),
            liveness_check_timeout=60.0,
            max_transaction_retry_time=timeout_seconds,
            # A deadlock with another process is over in milliseconds; two that wait alike meet again.
            initial_retry_delay=0.05,
            retry_delay_multiplier=1.5,
            retry_delay_jitter_factor=0.5,
            notifications_min_severity=NotificationMinimumSeverity.WARNING,
            # A young graph has not seen every property yet; that is no fault of a statement.
            notifications_disabled_classifications=[NotificationDisabledClassification.UNRECOGNIZED],
        )
        try:
            await driver.verify_connectivity()
        except driver_errors.AuthError as error:
            await driver.close()
            raise SetupError(
                "Neo4j refused the user or password: check NEO4J_USER and NEO4J_PASSWORD, or for the embedded server "
                "the file neo4j/password in PLURAL_HOME."
            ) from error
        except (driver_errors.DriverError, driver_errors.Neo4jError, ValueError, OSError) as error:
            await driver.close()
            raise UnreachableError(f"No Neo4j answers at NEO4J_URI ({type(error).__name__}); is it started?") from error
        return cls(driver, address, timeout_seconds)

    async def close(self) -> None:
        """Give the connections back."""
        await self._driver.close()

    @contextmanager
    def patience(self, seconds: float = PATIENT_SECONDS) -> Generator[None]:
        """Inside the block, wait for every statement so long, unless the time limit is longer anyway.

        What fails and passes by itself (app/graph/retries.py) is tried again within bounds, a lost connection included:
        what is written here may be written twice. For jobs and commands; who is asked over HTTP says so and is
        asked again.
        """
        limit, was_patient = self.timeout_seconds, self._is_patient
        self.timeout_seconds, self._is_patient = max(limit, seconds), True
        self.holds.waits = True
        try:
            yield
        finally:
            self.timeout_seconds, self._is_patient = limit, was_patient
            self.holds.waits = was_patient

    async def read(self, name: str, /, **params: object) -> list[Row]:
        """Run one read statement as an auto-commit query, pipelined in one round trip; rows in its own order."""

        async def once() -> list[Row]:
            self.keeper.check_up()
            return await self._within_time(self._read(self._catalogue[name], params))

        return await (retrying(lost_too=True)(once) if self._is_patient else once())

    async def read_steadily(self, name: str, /, **params: object) -> list[Row]:
        """Read as ``read`` does, with ``keep_plans`` by the plan that is there, however old.

        A new one can take seconds, and the server makes it within a request as soon as the graph has grown. Inside
        ``replanning`` it is made anew, for all.
        """
        self.keeper.check_up()
        statement, replan = self._catalogue[name], _replanning.get()
        if not (self.keep_plans or replan):
            return await self.read(name, **params)
        text = (PLAN_ANEW if replan else KEEP_PLAN) + statement.text.removeprefix(LANGUAGE)
        return await self._within_time(self._read(replace(statement, text=text), params))

    @contextmanager
    def replanning(self) -> Generator[None]:
        """Inside the block, in this task only, ``read_steadily`` has its statements planned anew."""
        token = _replanning.set(True)
        try:
            yield
        finally:
            _replanning.reset(token)

    async def now(self) -> datetime:
        """The present (app.domain.clock), once the server's clock was asked in the last ``CLOCK_SECONDS``."""
        if time.monotonic() - self._clock_read_at > CLOCK_SECONDS:
            asked_at = time.monotonic()
            (row,) = await self.read("consents/read_clock")
            clock.agree(datetime.fromtimestamp((row["now_ms"] + 1) / 1000, UTC), asked_at)  # it cuts off less than 1 ms
            self._clock_read_at = time.monotonic()
        return clock.now()

    async def ask(self) -> None:
        """Read what is always there, past the keeper, who asks so; ``UnavailableError`` says what is wrong."""
        await self._within_time(self._read(self._catalogue["status/ask"], {"tenant": ""}), ASK_SECONDS)

    async def last_commit(self) -> str:
        """What the server calls its last commit; the same as long as nobody writes (status/ask.cypher).

        Its number, which it keeps to itself in the community edition, is in the bookmark of whatever is read.
        """

        async def look() -> str:
            async with self._session("READ") as session:
                statement = self._catalogue["status/ask"]
                await _rows(await session.run(statement.text, statement.arguments({"tenant": ""})))
                return " ".join(sorted((await session.last_bookmarks()).raw_values))

        return await self._within_time(look())

    async def write(self, name: str, /, **params: object) -> list[Row]:
        """Run one statement in a write transaction of its own; returns after the commit is on disk."""

        async def work(transaction: Transaction) -> list[Row]:
            return await transaction.run(name, **params)

        return await self.transact(work, tenant=str(params.get("tenant", "")))

    async def transact(
        self,
        work: Callable[[Transaction], Awaitable[Result]],
        *,
        tenant: str = "",
        timeout_seconds: float | None = None,
    ) -> Result:
        """Run ``work`` in one write transaction, again when the server says that a retry may help (deadlock).

        All that it wrote is on disk when this returns, or nothing is. A tenant has one at a time; what names none is
        taken for a tenant of its own. ``NoRoomError`` before anything was tried when the disk is nearly full.
        """

        async def in_driver(transaction: AsyncManagedTransaction) -> Result:
            await self.holds.check(tenant)  # each time, and after the turn: a hold may have begun meanwhile
            return await work(Transaction(transaction, self._catalogue))

        async def in_session() -> Result:
            async with self._turns.take(tenant), self._session("WRITE") as session:
                return await session.execute_write(in_driver)

        async def once() -> Result:
            self.keeper.check_up()
            self.keeper.check_room()
            return await self._within_time(in_session(), timeout_seconds)

        return await self.holds.write(tenant, retrying(lost_too=True).wraps(once) if self._is_patient else once)

    async def run_long(self, name: str, /, **params: object) -> list[Row]:
        """Run a job's statement as an auto-commit query without a time limit (GDS, ``IN TRANSACTIONS``).

        Tried again, within bounds, after a failure that passes by itself (app/graph/retries.py): a deadlock with those
        who write meanwhile, and a lost connection where the statement may be run twice; then ``UnavailableError``.
        """
        self.keeper.check_room()
        statement = self._catalogue[name]
        tenant = str(params.get("tenant", "")) if statement.writes else None
        return await self._to_the_end(statement.text, statement.arguments(params), tenant, again=statement.repeatable)

    async def stream(self, name: str, /, size: int, **params: object) -> AsyncGenerator[list[Row]]:
        """Yield what one read statement finds as it comes, ``size`` rows at a time, without a time limit.

        Memory holds a few pages, here and on the server, however much there is.
        """
        self.keeper.check_up()
        statement = self._catalogue[name]
        # Of a cluster's members the one that is written to has read everything.
        session = self._driver.session(database=self._name, default_access_mode="WRITE", fetch_size=size)
        async with self.naming(), session:
            result = await session.run(statement.text, statement.arguments(params))
            keys = result.keys()
            while records := await result.fetch(size):
                yield [dict(zip(keys, cast("tuple[Any, ...]", record), strict=True)) for record in records]

    async def run_schema(self, text: LiteralString) -> None:
        """Run one statement of a migration, which may be begun anew; the only text that is not of the catalogue."""
        await self._to_the_end(text, {}, "", again=True)

    async def _to_the_end(
        self, text: LiteralString, arguments: dict[str, object], tenant: str | None, *, again: bool
    ) -> list[Row]:
        """Run an auto-commit query, again where that helps; one that writes names its tenant."""

        async def work() -> list[Row]:
            if tenant is not None:
                await self.holds.check(tenant)
            async with self._session("WRITE") as session:
                return await _rows(await session.run(text, arguments))

        async def tried() -> list[Row]:
            async with self.naming():
                return await retrying(lost_too=again)(work)

        return await tried() if tenant is None else await self.holds.write(tenant, tried)

    def _session(self, access_mode: str) -> AsyncSession:
        return self._driver.session(database=self._name, default_access_mode=access_mode)

    async def _read(self, statement: Statement, params: Mapping[str, object]) -> list[Row]:
        with statement_span(statement.name):
            async with self._session("READ") as session:
                return await _rows(await session.run(statement.text, statement.arguments(params)))

    async def _within_time(self, work: Coroutine[Any, Any, Result], seconds: float | None = None) -> Result:
        async with self.naming(), asyncio.timeout(seconds or self.timeout_seconds):
            return await work

    @asynccontextmanager
    async def naming(self) -> AsyncGenerator[None]:
        """Turn what a driver raises for the server's fault into an error that names it (app/graph/troubles.py)."""
        try:
            yield
        except FOREIGN as error:
            named = await self._troubles.explain(error)
            if named is None:
                raise
            if isinstance(named, UnavailableError):
                named = self.keeper.note_trouble(named)
            raise named from error
