"""Erasures that were broken off go on beside the service."""

import asyncio

from app.domain.erasure import Pending
from app.domain.errors import UnavailableError
from app.services.unfinished import Unfinished


class Erasures:
    """Notes what is worked off; away for its first calls."""

    def __init__(self, *ids: str, away: int = 0, broken: str = "") -> None:
        self.left = [Pending("shop", id_) for id_ in ids]
        self.away, self.broken = away, broken
        self.finished: list[str] = []

    async def unfinished(self) -> list[Pending]:
        self._answer()
        return list(self.left)

    async def finish(self, tenant: str, erasure_id: str) -> None:
        self._answer()
        if erasure_id == self.broken:
            raise ValueError(erasure_id)
        self.finished.append(erasure_id)

    def _answer(self) -> None:
        self.away -= 1
        if self.away >= 0:
            raise UnavailableError("The database does not answer; try again.")


async def finished(store: Erasures, number: int) -> list[str]:
    """What is worked off once so many are."""
    async with asyncio.timeout(10):
        while len(store.finished) < number:
            await asyncio.sleep(0)
    for _ in range(5):  # one that is worked off twice shows
        await asyncio.sleep(0)
    return store.finished


async def test_a_start_goes_on_with_what_was_broken_off() -> None:
    store = Erasures("a", "b")
    async with Unfinished(store, 0):
        assert await finished(store, 2) == ["a", "b"]


async def test_it_waits_for_a_database_that_is_away() -> None:
    store = Erasures("a", "b", away=5)
    async with Unfinished(store, 0):
        assert await finished(store, 2) == ["a", "b"]


async def test_what_the_database_broke_off_meanwhile_goes_on_as_well() -> None:
    store = Erasures("a")
    async with Unfinished(store, 0) as unfinished:
        assert await finished(store, 1) == ["a"]
        unfinished.note(Pending("shop", "later"))
        unfinished.note(Pending("shop", "later"))
        assert await finished(store, 2) == ["a", "later"]


async def test_one_that_cannot_be_finished_does_not_keep_the_others_waiting() -> None:
    store = Erasures("a", "b", "c", broken="a")
    async with Unfinished(store, 0):
        assert await finished(store, 2) == ["b", "c"]
