"""Tenants write in turn, each one thing at a time."""

import asyncio
from collections.abc import Sequence

import pytest

from app.graph.turns import Turns


class Writers:
    """Callers who want to write; each holds its turn until it is let go."""

    def __init__(self, most: int) -> None:
        self.turns = Turns(most)
        self.writing: list[str] = []
        self.began: list[str] = []
        self.tasks: dict[str, asyncio.Task[None]] = {}
        self.done: dict[str, asyncio.Event] = {}

    async def want(self, *names: str) -> None:
        """``a1`` is the first caller of tenant ``a``."""
        for name in names:
            self.done[name] = asyncio.Event()
            self.tasks[name] = asyncio.create_task(self._write(name))
            await settle()

    async def finish(self, *names: str) -> None:
        for name in names:
            self.done[name].set()
            await settle()

    async def _write(self, name: str) -> None:
        async with self.turns.take(name[0]):
            self.writing.append(name)
            self.began.append(name)
            await self.done[name].wait()
            self.writing.remove(name)


async def settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_a_tenant_writes_one_thing_at_a_time_and_in_the_order_of_arrival() -> None:
    writers = Writers(most=4)
    await writers.want("a1", "a2", "a3")
    assert writers.writing == ["a1"]

    await writers.finish("a1", "a2", "a3")
    assert writers.began == ["a1", "a2", "a3"]


async def test_another_tenant_does_not_wait_for_one_that_writes() -> None:
    writers = Writers(most=2)
    await writers.want("a1", "a2", "b1")

    assert writers.writing == ["a1", "b1"]
    await writers.finish("a1", "a2", "b1")


async def test_where_all_turns_are_taken_tenants_follow_in_turn_however_much_one_wants() -> None:
    writers = Writers(most=1)
    await writers.want("a1", "a2", "a3", "a4", "b1", "c1", "b2")
    await writers.finish("a1", "a2", "b1", "c1", "a3", "b2", "a4")

    assert writers.began == ["a1", "a2", "b1", "c1", "a3", "b2", "a4"]
    assert writers.writing == []


async def test_nobody_overtakes_those_who_wait() -> None:
    writers = Writers(most=1)
    await writers.want("a1", "b1")
    await writers.finish("a1")
    await writers.want("a2")

    assert writers.writing == ["b1"]
    await writers.finish("b1", "a2")


@pytest.mark.parametrize("leaves", [["a2"], ["b1"], ["a2", "b1"]])
async def test_who_stops_waiting_keeps_nobody_from_writing(leaves: Sequence[str]) -> None:
    writers = Writers(most=1)
    await writers.want("a1", "a2", "b1", "c1")
    for name in leaves:
        writers.tasks[name].cancel()
    await writers.finish("a1", "a2", "b1", "c1")

    assert writers.began == [name for name in ["a1", "a2", "b1", "c1"] if name not in leaves]
    await writers.want("d1")
    assert writers.writing == ["d1"]
    await writers.finish("d1")


async def test_a_turn_that_comes_together_with_the_end_of_the_wait_is_passed_on() -> None:
    writers = Writers(most=1)
    await writers.want("a1", "b1", "c1")
    writers.done["a1"].set()
    while "a1" in writers.writing:
        await asyncio.sleep(0)
    writers.tasks["b1"].cancel()  # a1 has given its turn to b1, which has not run yet
    await settle()

    assert writers.began == ["a1", "c1"]
    await writers.finish("c1")


async def test_a_write_that_fails_gives_its_turn_back() -> None:
    turns = Turns(most=1)
    with pytest.raises(ZeroDivisionError):
        async with turns.take("a"):
            raise ZeroDivisionError
    async with asyncio.timeout(1), turns.take("a"):
        pass
