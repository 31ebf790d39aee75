"""Looks after the embedded server: asks it, starts it again when it does not answer, and at last gives up."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

from app.background import Background
from app.domain.errors import DatabaseBrokenError, DatabaseGoneError, NoRoomError, UnavailableError
from app.embedded.disk import Room
from app.embedded.errors import DiskFullError, EmbeddedError, StartError

_log = logging.getLogger("plural.database")


@dataclass(frozen=True, slots=True)
class Care:
    """How often and how long; seconds where nothing else is said."""

    restarts: int = 5
    """Starts in a row, without a steady time between them, before it is given up."""
    every: float = 2.0
    """Between two questions to the server."""
    look: float = 0.25
    """Between two looks whether its process lives."""
    silence: float = 60.0
    """A server that lives and answers nothing for so long is started again; a pause for garbage is shorter."""
    steady: float = 60.0
    """A server that answered so long has what was before forgiven."""
    start: float = 120.0
    """How long its database may take to answer once the server is up (it may have a log to replay)."""


class Supervised(Protocol):
    """The server, as far as it is looked after."""

    @property
    def has_ended(self) -> bool:
        """Whether its process is no more."""
        ...

    def restart(self) -> None:
        """Start it again where it was; blocks, raises an ``EmbeddedError``."""
        ...

    def rotate_log(self) -> None:
        """Keep its log small."""
        ...

    def explain_end(self) -> EmbeddedError:
        """Why it is no more, with the last lines of its log."""
        ...


class Supervisor(Background):
    """Runs while it is open (``async with``); implements the ``Keeper`` that the database asks.

    At the end the server is left as it is; a start that is under way ends with ``EmbeddedServer.stop``.
    ``ask`` puts a small question to the server and raises ``UnavailableError`` when it gets no answer.
    """

    name = "database supervisor"

    def __init__(self, server: Supervised, ask: Callable[[], Awaitable[None]], room: Room, care: Care) -> None:
        self._server = server
        self._ask = ask
        self._care = care
        self._room = room
        self.check_room = room.check_room
        self.failure: EmbeddedError | None = None
        self.starts = 0
        self._is_up = True
        self._starts = 0
        """Those in a row."""
        self._answered_at = self._up_since = time.monotonic()
        self._takes_no_writes = False
        self._broken = asyncio.Event()
        self._last_error: Exception | None = None

    def check_up(self) -> None:
        """Raise ``DatabaseGoneError`` while the server is being started again, or for ever once it is given up."""
        if self.failure is not None:
            raise DatabaseGoneError("The database was started again in vain; the operator must look at it.")
        if not self._is_up:
            raise DatabaseGoneError("The database is being started again; try again in a few seconds.")

    def note_trouble(self, error: UnavailableError) -> UnavailableError:
        """Hear of a statement that failed, and name why; what a restart mends is looked at at once."""
        named = self._room.name(error)
        self._takes_no_writes |= isinstance(named, NoRoomError)
        if isinstance(error, DatabaseBrokenError):
            self._broken.set()
        return named

    async def _run(self) -> None:
        try:
            while self.failure is None:
                reason = await self._wait_for_trouble()
                self._is_up = False
                _log.error("The embedded database %s; it is started again.", reason)
                await self._start_again()
        except Exception as error:  # a mistake of ours must not leave a server that nobody looks after
            _log.exception("The embedded database is no longer looked after.")
            self.failure = StartError(f"The embedded database is no longer looked after: {error}")

    async def _wait_for_trouble(self) -> str:
        """Return what is wrong, once something is that a restart mends."""
        while True:
            if await self._ended_within(self._care.every):
                return "has ended"
            self._server.rotate_log()
            if (reason := await self._examine()) is not None:
                return reason

    async def _ended_within(self, seconds: float) -> bool:
        """Wait so long, less when the process ends or a request heard that the store is broken."""
        deadline = time.monotonic() + seconds
        while not self._server.has_ended and time.monotonic() < deadline and not self._broken.is_set():
            await asyncio.sleep(self._care.look)
        return self._server.has_ended

    async def _examine(self) -> str | None:
        """Ask once; what is wrong, ``None`` when it answers or may still do so."""
        self._broken.clear()
        try:
            await self._ask()
        except (DatabaseBrokenError, NoRoomError):
            return "cannot use its store"
        except UnavailableError:
            silent = time.monotonic() - self._answered_at > self._care.silence
            return f"has not answered for {self._care.silence:g} s" if silent else None
        self._answered_at = time.monotonic()
        if self._answered_at - self._up_since > self._care.steady:
            self._starts = 0
        # A disk that was full leaves a store that is read but no longer written, whatever room there is later.
        return "takes no writes since its disk was full" if self._takes_no_writes and self._has_room() else None

    async def _start_again(self) -> None:
        """Start it until it answers; sets ``failure`` when that was tried often enough."""
        while self._starts < self._care.restarts:
            await self._wait_for_room()
            await asyncio.sleep(2.0 ** (self._starts - 1) if self._starts else 0)
            self._starts += 1
            try:
                await asyncio.to_thread(self._server.restart)
                await self._wait_for_answer()
            except DiskFullError:  # somebody else was quicker to fill it
                self._starts -= 1
                await asyncio.sleep(self._care.every)
            except (EmbeddedError, UnavailableError) as error:
                _log.error("Start %d of %d failed: %s", self._starts, self._care.restarts, error)
                self._last_error = error
            else:
                self.starts += 1
                self._is_up, self._takes_no_writes = True, False
                self._up_since = self._answered_at = time.monotonic()
                _log.warning("The embedded database answers again.")
                return
        self._give_up()

    async def _wait_for_room(self) -> None:
        """A start needs room on the disk, and is no use without."""
        if not self._has_room():
            _log.error("It is started as soon as there is room on its disk.")
        while not self._has_room():
            await asyncio.sleep(self._care.every)

    def _has_room(self) -> bool:
        try:
            self.check_room()
        except NoRoomError:
            return False
        return True

    async def _wait_for_answer(self) -> None:
        """Wait for the first answer after a start; raises what is wrong when none comes."""
        deadline = time.monotonic() + self._care.start
        while True:
            try:
                await self._ask()
            except UnavailableError:
                if self._server.has_ended or time.monotonic() > deadline:
                    raise
                await asyncio.sleep(self._care.look)
            else:
                return

    def _give_up(self) -> None:
        why = str(self._server.explain_end() if self._server.has_ended else self._last_error)
        self.failure = StartError(f"The embedded database was given up after {self._starts} starts. {why}")
        _log.critical("%s", self.failure)
