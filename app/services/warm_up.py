"""Asks the service itself after a start and has plans made anew, so that no customer's question is the slow one."""

import asyncio
import logging
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import Protocol

from app.background import Background
from app.domain.errors import PluralError
from app.domain.recommendation import RecommendationRequest

QUESTIONS = 8
"""Questions of a round, over all tenants."""
ROUNDS = 4
"""Rounds whose fastest is compared with the fastest of all before: one alone is as fast as the machine is idle."""
FASTER = 0.9
"""A round that takes less than this share of the best before it is faster."""
REPLAN_SECONDS = 600.0
"""How old a plan may get without a new run; the graph grows by events too."""
NOBODY = "_nobody"
"""A tenant that no shop can have: its plans are those of all."""

_log = logging.getLogger("plural.warm_up")


class WarmUpStore(Protocol):
    """What of the graph says when to ask and for whom."""

    def server_starts(self) -> int:
        """How often the server was started again."""
        ...

    async def active_runs(self) -> Mapping[str, str]:
        """The active run's id of each tenant that has one."""
        ...

    async def some_readers(self, tenant: str, limit: int) -> list[str]:
        """Ids of identities that like something, at most ``limit``."""
        ...

    def replanning(self) -> AbstractContextManager[None]:
        """Inside the block, statements that keep their plan get a new one."""
        ...


class Answerer(Protocol):
    """The recommender, one that keeps and logs nothing."""

    async def answer(self, tenant: str, request: RecommendationRequest) -> object:
        """Answer one question."""
        ...


class WarmUp(Background):
    """Asks while it is open.

    A customer's question never makes a plan anew, however old it is; this does: after a start of this process or of
    the server, when a tenant has a new run, and every ten minutes. After a start it goes on asking until the answers
    stop getting faster, ``limit_seconds`` at most; ``is_done`` then, ``is_warm`` unless time was short. With 0 seconds
    it does nothing, and ``Database.keep_plans`` should be left alone.
    """

    name = "warm-up"

    def __init__(
        self,
        store: WarmUpStore,
        recommender: Answerer,
        limit_seconds: float,
        *,
        pause_seconds: float = 2.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.is_done = limit_seconds <= 0
        self.is_warm = limit_seconds <= 0
        self._store = store
        self._recommender = recommender
        self._limit_seconds = limit_seconds
        self._pause_seconds = pause_seconds
        self._clock = clock

    async def _run(self) -> None:
        if self._limit_seconds <= 0:
            return
        starts, runs, planned_at = -1, {}, self._clock()
        while True:
            try:
                now_starts, now_runs = self._store.server_starts(), await self._store.active_runs()
                if now_starts != starts:
                    await self._warm_up(now_runs)
                elif now_runs != runs or self._clock() - planned_at > REPLAN_SECONDS:
                    await self._plan(now_runs)
                if (now_starts, now_runs) != (starts, runs) or self._clock() - planned_at > REPLAN_SECONDS:
                    starts, runs, planned_at = now_starts, now_runs, self._clock()
            except PluralError:  # the database is away: nobody is answered anyway, and it is asked again
                pass
            await asyncio.sleep(self._pause_seconds)

    async def _warm_up(self, runs: Mapping[str, str]) -> None:
        self.is_done, self.is_warm = False, False
        try:
            async with asyncio.timeout(self._limit_seconds):
                await self._plan(runs)
                await self._ask_until_steady(runs)
            self.is_warm = True
        except TimeoutError:
            _log.warning("Ready, but not warm: answers still got faster after %g s of asking.", self._limit_seconds)
        self.is_done = True

    async def _plan(self, runs: Mapping[str, str]) -> None:
        """Have the plans made anew, by a question of each kind; the second finds out what plans are kept."""
        with self._store.replanning():
            await self._ask(await self._questions(runs, 1))

    async def _ask_until_steady(self, runs: Mapping[str, str]) -> None:
        questions = await self._questions(runs, QUESTIONS)
        best = float("inf")
        while True:
            fastest = min([await self._ask(questions) for _ in range(ROUNDS)])
            if fastest > FASTER * best:
                return
            best = min(best, fastest)

    async def _questions(self, runs: Mapping[str, str], limit: int) -> list[tuple[str, RecommendationRequest]]:
        """What to ask: by whoever likes something, and by nobody in particular; of a store without a run the latter."""
        questions = [(NOBODY, RecommendationRequest())]
        for tenant in sorted(runs)[:limit]:
            readers = await self._store.some_readers(tenant, max(1, limit // len(runs)))
            questions += [(tenant, RecommendationRequest(identity_id=reader)) for reader in readers]
        return questions

    async def _ask(self, questions: list[tuple[str, RecommendationRequest]]) -> float:
        """Ask one after the other; the seconds that it took."""
        began = self._clock()
        for tenant, request in questions:
            await self._recommender.answer(tenant, request)
        return self._clock() - began
