"""Use case: a shop's taste is learned anew when it is asked for, or every so often, beside the answers."""

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Literal, Protocol

from app.background import Background
from app.domain import clock
from app.domain.errors import ConflictError, PluralError
from app.domain.refreshes import RefreshFailure, RefreshStatus

Outcome = Literal["done", "refused", "failed"]
"""Refused: there were too few to learn from, or another one was under way."""

LOOK_SECONDS = 30.0
BROKE_OFF = "It broke off: the service's log says why. The run before is active still."
_log = logging.getLogger("plural.refreshes")


class RefreshStore(Protocol):
    """Where runs are."""

    async def read(self, tenant: str) -> RefreshStatus:
        """What the graph knows: the active run, and one that is being derived, by whom ever."""
        ...

    async def list_due(self, since: datetime) -> list[str]:
        """Shops with events and a key of which no run was begun since a moment."""
        ...


class Refreshing(Protocol):
    """Whoever derives a run."""

    async def __call__(self, tenant: str, *, force: bool) -> None:
        """Derive one and make it active; ``ConflictError`` where it may not be, any ``PluralError`` where it broke."""
        ...


class Refreshes(Background):
    """Refreshes shops one after the other, in the order in which they were asked for; ends with its block.

    What waits then is forgotten; a refresh that is cut off leaves the run before active.
    """

    name = "refreshes"

    def __init__(
        self, store: RefreshStore, refreshing: Refreshing, note: Callable[[Outcome], None] = lambda _: None
    ) -> None:
        self._store = store
        self._refreshing = refreshing
        self._note = note
        self._waiting: dict[str, bool] = {}
        self._asked = asyncio.Event()
        self._at_work: str | None = None
        self._tried: dict[str, datetime] = {}
        self._failures: dict[str, RefreshFailure] = {}

    async def ask(self, tenant: str, *, force: bool = False) -> RefreshStatus:
        """Have a shop refreshed, unless that is under way or waits already; what is known now.

        ``force``: also where it learns from nobody, or from far fewer than before.
        """
        known = await self.read(tenant)
        if known.state == "idle":
            self._put(tenant, force=force)
            return await self.read(tenant)
        return known

    async def ask_due(self, every: timedelta) -> None:
        """Have those shops refreshed that were not for so long; one that could not be is tried again after as long."""
        since = clock.now() - every
        for tenant in await self._store.list_due(since):
            if self._tried.get(tenant, since) <= since:
                self._put(tenant, force=False)

    async def read(self, tenant: str) -> RefreshStatus:
        """What is known of a shop's refreshes; the failure is the last one of this process."""
        known = await self._store.read(tenant)
        state = known.state
        if state == "idle" and (tenant in self._waiting or tenant == self._at_work):
            state = "waiting"  # its run has not begun
        return RefreshStatus(state, known.active, known.underway, self._failures.get(tenant))

    def _put(self, tenant: str, *, force: bool) -> None:
        if tenant not in self._waiting and tenant != self._at_work:
            self._waiting[tenant] = force
            self._asked.set()

    async def _run(self) -> None:
        while True:
            while self._waiting:
                tenant = next(iter(self._waiting))
                self._at_work, force = tenant, self._waiting.pop(tenant)
                try:
                    await self._refresh(tenant, force=force)
                finally:
                    self._at_work = None
            self._asked.clear()
            await self._asked.wait()

    async def _refresh(self, tenant: str, *, force: bool) -> None:
        self._tried[tenant] = clock.now()
        self._failures.pop(tenant, None)
        try:
            await self._refreshing(tenant, force=force)
        except ConflictError as error:
            self._fail(tenant, "refused", str(error))
        except PluralError as error:
            _log.error("A refresh broke off: %s", error)
            self._fail(tenant, "failed", BROKE_OFF)
        else:
            self._note("done")

    def _fail(self, tenant: str, outcome: Outcome, reason: str) -> None:
        self._failures[tenant] = RefreshFailure(clock.now(), reason)
        self._note(outcome)


class Schedule(Background):
    """Asks, every so often, for the refresh of whoever is due."""

    name = "schedule of refreshes"

    def __init__(self, refreshes: Refreshes, every: timedelta, look_seconds: float = LOOK_SECONDS) -> None:
        self._refreshes = refreshes
        self._every = every
        self._look_seconds = look_seconds

    async def _run(self) -> None:
        while True:
            await self._refreshes.ask_due(self._every)
            await asyncio.sleep(self._look_seconds)
