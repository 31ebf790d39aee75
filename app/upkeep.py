"""Who looks after the database's server: of an embedded one whoever started it, of a named one nobody here."""

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from app.domain.errors import BusyError, DatabaseGoneError, UnavailableError
from app.embedded import Care, EmbeddedServer, Room, Supervisor, is_owned
from app.graph.database import Database
from app.graph.keeper import Unattended
from app.settings import Settings

_PAUSE_SECONDS = 0.25
OWNER_GONE = (
    "The process that ran the embedded database has ended, and the database with it: start `plural serve` again, or "
    "nothing, and then this command."
)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a server is, and what of it is on this machine."""

    uri: str
    user: str
    password: str = field(repr=False)
    home: Path | None = None
    """Folder of an embedded one."""
    started: EmbeddedServer | None = None
    """The embedded one that this process started."""


class Guest(Unattended):
    """The keeper of an embedded server that another process looks after: sees its disk, and whether it is no more."""

    def __init__(self, room: Room, home: Path) -> None:
        self.check_room = room.check_room
        self._home = home

    def note_trouble(self, error: UnavailableError) -> UnavailableError:
        """Say who has gone where the server has gone with its owner; another is never started in its place."""
        gone = isinstance(error, DatabaseGoneError) and not is_owned(self._home)
        return DatabaseGoneError(OWNER_GONE) if gone else error


@asynccontextmanager
async def looked_after(db: Database, place: Place, settings: Settings) -> AsyncGenerator[None]:
    """Give the database its keeper for as long as the block lasts."""
    if place.home is None:
        yield
        return
    room = Room(place.home, settings.least_free_mb * 1_000_000)
    if place.started is None:
        db.keeper = Guest(room, place.home)
        yield
        return
    care = Care(restarts=settings.database_restarts, start=settings.start_timeout_seconds)
    async with Supervisor(place.started, db.ask, room, care) as supervisor:
        db.keeper = supervisor
        yield


async def wait_for_answer(db: Database, timeout_seconds: float) -> None:
    """Wait until the database answers: one that was killed replays its log before it does.

    Raises what is wrong when it does not in time, and at once when waiting is no use.
    """
    deadline = time.monotonic() + timeout_seconds
    while True:
        try:
            await db.ask()
        except (DatabaseGoneError, BusyError):
            if time.monotonic() > deadline:
                raise
            await asyncio.sleep(_PAUSE_SECONDS)
        else:
            return
