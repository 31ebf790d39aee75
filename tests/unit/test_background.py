"""What runs beside the requests."""

import asyncio

import pytest

from app import background
from app.background import Background


class Counting(Background):
    """Counts until it is ended."""

    name = "counting"

    def __init__(self) -> None:
        self.count = 0
        self.is_over = False

    async def _run(self) -> None:
        try:
            while True:
                self.count += 1
                await asyncio.sleep(0)
        finally:
            self.is_over = True


async def test_it_runs_as_long_as_its_block() -> None:
    async with Counting() as counting:
        while counting.count < 3:
            await asyncio.sleep(0)
        names = {task.get_name() for task in asyncio.all_tasks()}
        assert "counting" in names
        assert not counting.is_over

    assert counting.is_over


async def test_one_that_ends_by_itself_is_no_trouble() -> None:
    class Brief(Background):
        name = "brief"

        async def _run(self) -> None:
            pass

    async with Brief():
        await asyncio.sleep(0)
        assert Brief.name not in {task.get_name() for task in asyncio.all_tasks()}


async def test_one_that_fails_begins_again_and_the_log_quotes_nothing(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(background, "AGAIN_SECONDS", 0)

    class Failing(Counting):
        async def _run(self) -> None:
            self.count += 1
            if self.count == 1:
                raise ValueError("quokka")
            await asyncio.sleep(60)

    async with Failing() as failing:
        while failing.count < 2:
            await asyncio.sleep(0)

    assert "ValueError" in caplog.text
    assert "quokka" not in caplog.text


async def test_one_that_fails_while_it_is_ended_spoils_nothing() -> None:
    class Stubborn(Background):
        name = "stubborn"

        async def _run(self) -> None:
            try:
                await asyncio.sleep(60)
            except asyncio.CancelledError as error:
                raise ValueError("not now") from error

    async with Stubborn():
        await asyncio.sleep(0)

    assert Stubborn.name not in {task.get_name() for task in asyncio.all_tasks()}
