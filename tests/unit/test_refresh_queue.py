"""Refreshes come one after the other, each shop's once, and a failed one is not tried again at once."""

import asyncio
from datetime import datetime, timedelta

import pytest

from app.domain import clock
from app.domain.errors import ConflictError, PluralError
from app.domain.progress import Silent
from app.domain.refreshes import RefreshStatus
from app.jobs.telling import Told
from app.services.refreshes import BROKE_OFF, Outcome, Refreshes
from app.settings import Settings


class Store:
    """Shops that are all due."""

    async def read(self, tenant: str) -> RefreshStatus:
        return RefreshStatus("idle")

    async def list_due(self, since: datetime) -> list[str]:
        return ["a", "b"]


class Deriving:
    """Holds each refresh until it is let go, and raises what it is told."""

    def __init__(self) -> None:
        self.begun: list[tuple[str, bool]] = []
        self.go_on = asyncio.Event()
        self.error: Exception | None = None

    async def __call__(self, tenant: str, *, force: bool) -> None:
        self.begun.append((tenant, force))
        await self.go_on.wait()
        if self.error is not None:
            raise self.error


async def turn() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


async def test_one_at_a_time_in_the_order_in_which_they_were_asked_for() -> None:
    deriving = Deriving()
    async with Refreshes(Store(), deriving) as refreshes:
        assert (await refreshes.ask("b")).state == "waiting"
        assert (await refreshes.ask("a", force=True)).state == "waiting"
        await refreshes.ask("b")
        await turn()
        assert deriving.begun == [("b", False)]
        await refreshes.ask("b", force=True)  # it is at work
        deriving.go_on.set()
        await turn()

        assert deriving.begun == [("b", False), ("a", True)]
        assert (await refreshes.read("b")).state == "idle"


@pytest.mark.parametrize(
    ("error", "outcome", "reason"),
    [
        (ConflictError("Too few."), "refused", "Too few."),
        (PluralError("in a folder that is nobody's business"), "failed", BROKE_OFF),
        (None, "done", None),
    ],
)
async def test_what_became_of_it_is_said_and_counted(
    error: Exception | None, outcome: Outcome, reason: str | None
) -> None:
    deriving, outcomes = Deriving(), list[Outcome]()
    deriving.error = error
    deriving.go_on.set()
    async with Refreshes(Store(), deriving, outcomes.append) as refreshes:
        await refreshes.ask("a")
        await turn()
        failure = (await refreshes.read("a")).failure

    assert outcomes == [outcome]
    assert (failure and failure.reason) == reason


async def test_who_is_due_is_tried_once_an_interval(monkeypatch: pytest.MonkeyPatch) -> None:
    deriving, hour = Deriving(), timedelta(hours=1)
    deriving.error = PluralError("always")
    deriving.go_on.set()
    async with Refreshes(Store(), deriving) as refreshes:
        for _ in range(3):
            await refreshes.ask_due(hour)
            await turn()
        assert deriving.begun == [("a", False), ("b", False)]

        later = clock.now() + timedelta(minutes=61)
        monkeypatch.setattr(clock, "now", lambda: later)
        await refreshes.ask_due(hour)
        await turn()
        assert len(deriving.begun) == 4


@pytest.mark.parametrize(
    ("text", "every"), [("6h", timedelta(hours=6)), ("90 m", timedelta(minutes=90)), ("1D", timedelta(days=1))]
)
def test_an_interval_is_read_as_people_write_it(text: str, every: timedelta) -> None:
    assert Settings.load(refresh_every=text).refresh_every == every


@pytest.mark.parametrize("text", ["6", "0m", "h", "-1h", "1.5h", "1y", "400d", ""])
def test_an_interval_that_cannot_be_meant_is_refused(text: str) -> None:
    with pytest.raises(PluralError, match="refresh_every"):
        Settings.load(refresh_every=text)


def test_the_step_that_is_told_is_the_innermost_one() -> None:
    told = Told(Silent())
    assert told.now is None
    with told.step("Outer", 4) as outer:
        outer.advance(1)
        with told.step("Inner") as inner:
            inner.advance(3)
            assert told.now is not None
            assert (told.now.name, told.now.share) == ("Inner", None)
            inner.reset(10)
            inner.advance(5)
            assert told.now.share == 0.5
        assert (told.now.name, told.now.share) == ("Outer", 0.25)
    assert told.now is None
