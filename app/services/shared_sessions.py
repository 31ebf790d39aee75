"""Use case: say who of the users of a login is at the keyboard, and give the session to whom it belongs."""

import asyncio
from collections.abc import Sequence
from typing import Protocol

from app.background import Background
from app.domain import clock
from app.domain.errors import UnavailableError
from app.recommend.session import SessionFacts, SessionQuestion, Who, decide

PAUSE_SECONDS = 10.0
"""Between two looks for sessions that have ended."""


class SharedSessionStore(Protocol):
    """Where sessions and who may have them are kept."""

    async def read(self, tenant: str, question: SessionQuestion) -> SessionFacts:
        """What is known of one now."""
        ...

    async def settle(self, tenant: str) -> int:
        """Give the sessions that have ended to whom they belong; their number."""
        ...

    async def tenants(self) -> Sequence[str]:
        """Whose sessions there may be."""
        ...


class Attributor:
    """Says who is at the keyboard, or nobody as soon as there is doubt."""

    def __init__(self, store: SharedSessionStore, threshold: float) -> None:
        self._store = store
        self._threshold = threshold

    async def find(self, tenant: str, question: SessionQuestion) -> Who:
        """Read and decide, in one statement and some arithmetic."""
        facts = await self._store.read(tenant, question)
        now_ms = round(clock.now().timestamp() * 1000)
        return decide(facts, self._threshold, now_ms, has_session=question.session_id is not None)


class Settling(Background):
    """Gives sessions of shared logins, once they have ended, to whom they belong, beside the service."""

    name = "sessions of shared logins"

    def __init__(self, store: SharedSessionStore, pause_seconds: float = PAUSE_SECONDS) -> None:
        self._store = store
        self._pause_seconds = pause_seconds

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(self._pause_seconds)
            try:
                for tenant in await self._store.tenants():
                    await self._store.settle(tenant)
            except UnavailableError:  # another time
                continue
