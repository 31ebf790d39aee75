"""A start asks itself until it is warm; plans are made anew behind everybody's back."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import asynccontextmanager, contextmanager

import pytest

from app.domain.errors import DatabaseGoneError
from app.domain.recommendation import RecommendationRequest
from app.services.warm_up import NOBODY, QUESTIONS, REPLAN_SECONDS, WarmUp

PATIENCE_SECONDS = 20.0


class Tea:
    """A shop's store and its recommender; each answer takes as long as the test wants, by the test's clock."""

    def __init__(self, seconds: Callable[[int], float] = lambda _: 0.01) -> None:
        self.runs = {"tea": "r1"}
        self.starts = 0
        self.now = 0.0
        self.asked: list[tuple[str, str | None, bool]] = []
        self.away = False
        self.takes = 0.0
        self._seconds = seconds
        self._planning = False

    def server_starts(self) -> int:
        return self.starts

    async def active_runs(self) -> dict[str, str]:
        if self.away:
            raise DatabaseGoneError("away")
        return dict(self.runs)

    async def some_readers(self, tenant: str, limit: int) -> list[str]:
        return [f"{tenant}-{number}" for number in range(limit)]

    @contextmanager
    def replanning(self) -> Generator[None]:
        self._planning = True
        yield
        self._planning = False

    async def answer(self, tenant: str, request: RecommendationRequest) -> None:
        self.now += self._seconds(len(self.asked))
        self.asked.append((tenant, request.identity_id, self._planning))
        await asyncio.sleep(self.takes)

    @property
    def plans(self) -> int:
        """How often plans were made anew, for somebody who likes something."""
        return sum(planned and tenant != NOBODY for tenant, _, planned in self.asked)


@asynccontextmanager
async def warming(shop: Tea, limit_seconds: float = 30) -> AsyncGenerator[WarmUp]:
    async with WarmUp(shop, shop, limit_seconds, pause_seconds=0.001, clock=lambda: shop.now) as warm_up:
        yield warm_up


async def until(holds: Callable[[], object]) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not holds():
            await asyncio.sleep(0.001)


async def test_it_asks_until_answers_stop_getting_faster() -> None:
    shop = Tea(lambda asked: max(0.001, 0.98**asked))
    async with warming(shop) as warm_up:
        assert not warm_up.is_done
        await until(lambda: warm_up.is_done)

    assert warm_up.is_warm
    assert 300 < len(shop.asked) < 1000
    assert {tenant for tenant, _, _ in shop.asked} == {"tea", NOBODY}
    assert len({reader for _, reader, _ in shop.asked if reader}) == QUESTIONS


async def test_what_gets_faster_for_ever_is_ready_all_the_same_and_says_so(caplog: pytest.LogCaptureFixture) -> None:
    shop = Tea(lambda asked: 0.99**asked)
    shop.takes = 0.001
    async with warming(shop, 0.3) as warm_up:
        await until(lambda: warm_up.is_done)

    assert not warm_up.is_warm
    assert "not warm" in caplog.text


async def test_without_time_nothing_is_asked() -> None:
    shop = Tea()
    async with warming(shop, 0) as warm_up:
        await asyncio.sleep(0.01)

    assert (warm_up.is_done, warm_up.is_warm, shop.asked) == (True, True, [])


async def test_a_store_without_a_run_is_asked_for_nobody() -> None:
    shop = Tea()
    shop.runs = {}
    async with warming(shop) as warm_up:
        await until(lambda: warm_up.is_done)

    assert {tenant for tenant, _, _ in shop.asked} == {NOBODY}


async def test_plans_are_made_anew_for_a_new_run_and_with_time_and_not_otherwise() -> None:
    shop = Tea()
    async with warming(shop) as warm_up:
        await until(lambda: warm_up.is_done)
        assert shop.plans == 1
        await asyncio.sleep(0.02)
        assert shop.plans == 1

        shop.runs = {"tea": "r2"}
        await until(lambda: shop.plans == 2)
        await asyncio.sleep(0.02)
        shop.now += REPLAN_SECONDS + 1
        await until(lambda: shop.plans == 3)
        await asyncio.sleep(0.02)

    assert shop.plans == 3
    assert warm_up.is_done


async def test_a_server_that_was_started_again_is_warmed_up_again() -> None:
    shop = Tea()
    async with warming(shop) as warm_up:
        await until(lambda: warm_up.is_done)
        before = len(shop.asked)

        shop.starts = 1
        await until(lambda: len(shop.asked) > before)
        await until(lambda: warm_up.is_done)

    assert len(shop.asked) > before + QUESTIONS


async def test_a_database_that_is_away_is_waited_for() -> None:
    shop = Tea()
    shop.away = True
    async with warming(shop) as warm_up:
        await asyncio.sleep(0.02)
        assert not warm_up.is_done
        shop.away = False
        await until(lambda: warm_up.is_done)
