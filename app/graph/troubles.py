"""Turns what the driver raises into an error of ours that says what is wrong: gone, broken, full or only busy."""

# The driver declares its configuration as **Unknown.
# pyright: reportUnknownMemberType=false

import asyncio
import time

from neo4j import AsyncDriver
from neo4j import exceptions as driver_errors

from app.domain.errors import (
    BusyError,
    DatabaseBrokenError,
    DatabaseGoneError,
    NoRoomError,
    PluralError,
    SetupError,
    SlowError,
    UnavailableError,
)
from app.graph.catalogue import Statement

LOOK_SECONDS = 2.0
"""How long the server may take to say how its database is."""
LOOK_LASTS_SECONDS = 1.0
"""How long what it said is believed, so that a hundred requests that fail together ask once."""
SYSTEM = "system"
"""The server's own database, which tells of the others while they are away."""

FOREIGN = (driver_errors.DriverError, driver_errors.Neo4jError, OSError)
"""What the driver raises; ``TimeoutError`` is an ``OSError``."""

_GONE = (driver_errors.ServiceUnavailable, driver_errors.SessionExpired, OSError)
_NO_ROOM = ("No space left on device", "Disk quota exceeded", "running out of disk space")
_PANIC = "needs to be restarted"
_IN_TRANSACTION = "Neo.DatabaseError.Transaction."
_OUT_OF_MEMORY = "OutOfMemoryError"
TOO_LITTLE_MEMORY = (
    "The database has too little memory for all that is asked of it: try again when it has less to do, or raise "
    "PLURAL_HEAP_MB for the embedded server, server.memory.heap.max_size of the one that NEO4J_URI names."
)
_READ_ONLY = ".ForbiddenOnReadOnlyDatabase"
_NOT_FOUND = "Neo.ClientError.Database.DatabaseNotFound"
_UP, _DOWN = "online", {"offline", "dirty", "quarantined", "unknown"}


class Troubles:
    """Explains errors of one database; asks its server where the error alone does not tell."""

    def __init__(self, driver: AsyncDriver, name: str, status: Statement) -> None:
        self._driver = driver
        self._name = name
        self._status = status
        self._turn = asyncio.Lock()
        self._seen: UnavailableError | None = None
        self._seen_at = float("-inf")

    async def explain(self, error: BaseException) -> PluralError | None:
        """Return what is wrong; ``None`` when it is nothing of the server's, but a mistake in what it was sent."""
        match error:
            case TimeoutError():
                return await self._look() or SlowError("The database took too long; try again.")
            case driver_errors.ServiceUnavailable() | driver_errors.SessionExpired() | OSError():
                return DatabaseGoneError("The database does not answer; try again.")
            case driver_errors.ConnectionPoolError():
                return await self._look() or BusyError("All connections to the database are in use; try again.")
            case driver_errors.DatabaseUnavailable():
                # Of a database that is away the server says that it may come back, also where it never will.
                return await self._look() or DatabaseGoneError("The database is being started; try again.")
            case driver_errors.Neo4jError() if (error.code or "").endswith(_READ_ONLY):
                return await self._look() or _read_only()
            case driver_errors.Neo4jError() if (error.code or "").endswith(_OUT_OF_MEMORY):
                return BusyError(TOO_LITTLE_MEMORY)
            case driver_errors.Neo4jError() if error.is_retryable():
                return BusyError("The database is too busy; try again.")
            case driver_errors.ClientError() if error.code == _NOT_FOUND:
                return SetupError("The server has no database of that name: see NEO4J_DATABASE.")
            case driver_errors.DatabaseError():
                return await self._explain_failure(error)
            case _:
                return None

    async def _explain_failure(self, error: driver_errors.DatabaseError) -> UnavailableError | None:
        text = str(error)
        if any(words in text for words in _NO_ROOM):
            return _full()
        if (found := await self._look()) is not None:
            return found
        return _broken() if _PANIC in text or (error.code or "").startswith(_IN_TRANSACTION) else None

    async def _look(self) -> UnavailableError | None:
        """Return what the server says of the database, as of a moment ago; ``None`` when it says nothing against it."""
        async with self._turn:
            if time.monotonic() - self._seen_at > LOOK_LASTS_SECONDS:
                self._seen = await self._ask()
                self._seen_at = time.monotonic()
            return self._seen

    async def _ask(self) -> UnavailableError | None:
        """Ask the server how the database is; ``None`` also when it does not say in time."""
        try:
            async with asyncio.timeout(LOOK_SECONDS), self._driver.session(database=SYSTEM) as session:
                result = await session.run(self._status.text, self._status.arguments({"name": self._name}))
                found = await result.single()
        except TimeoutError:  # an OSError too
            return None
        except _GONE:
            return DatabaseGoneError("The database does not answer; try again.")
        except (driver_errors.DriverError, driver_errors.Neo4jError):
            return None
        if found is None:
            return None
        status, message = found["status"], found["message"] or ""
        if any(words in message for words in _NO_ROOM):
            return _full()
        if message or status in _DOWN:
            return _broken()
        return None if status == _UP else DatabaseGoneError("The database is being started; try again.")


def _full() -> NoRoomError:
    return NoRoomError(
        "The database's disk is full: free some room there. What was just sent may be written or not; send it again."
    )


def _read_only() -> NoRoomError:
    return NoRoomError(
        "The database takes no writes, as it does when its disk is nearly full: free some room there and start it anew."
    )


def _broken() -> DatabaseBrokenError:
    return DatabaseBrokenError(
        "The database cannot use its store: its own log (debug.log, or the container's) says why, and a restart or "
        "a backup mends it."
    )
