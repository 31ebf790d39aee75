"""How often a key may ask, and how large a body may be."""

import math
import time
from dataclasses import dataclass

from limits import RateLimitItemPerMinute
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import FixedWindowRateLimiter
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_WINDOW_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Allowance:
    """What a key has left in the window that runs now."""

    allowed: bool
    quota: int
    remaining: int
    reset_seconds: int

    @property
    def headers(self) -> dict[str, str]:
        """The fields of the IETF draft (draft-ietf-httpapi-ratelimit-headers, version 10)."""
        return {
            "RateLimit-Policy": f'"key";q={self.quota};w={_WINDOW_SECONDS}',
            "RateLimit": f'"key";r={self.remaining};t={self.reset_seconds}',
        }


class RateLimiter:
    """Counts the requests of each key a minute, in this process."""

    def __init__(self, per_minute: int) -> None:
        self._limit = RateLimitItemPerMinute(per_minute) if per_minute else None
        self._windows = FixedWindowRateLimiter(MemoryStorage())

    async def count(self, key_id: str) -> Allowance | None:
        """Count one request of a key; ``None`` where there is no limit."""
        if self._limit is None:
            return None
        allowed = await self._windows.hit(self._limit, key_id)
        window = await self._windows.get_window_stats(self._limit, key_id)
        reset_seconds = max(1, math.ceil(window.reset_time - time.time()))
        return Allowance(allowed, self._limit.amount, window.remaining, reset_seconds)


class BodyLimit:
    """Refuses a body of more than ``max_bytes`` with 413: by its Content-Length, or as soon as that many came."""

    def __init__(self, app: ASGIApp, max_bytes: int) -> None:
        self._app = app
        self._max_bytes = max_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on whose body is counted while it is read."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        self._check(_declared_bytes(scope))
        received = 0

        async def receive_counted() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            self._check(received)
            return message

        await self._app(scope, receive_counted, send)

    def _check(self, size: int) -> None:
        if size > self._max_bytes:
            raise HTTPException(413, f"A body has {self._max_bytes:,} bytes at most.", {"Connection": "close"})


def _declared_bytes(scope: Scope) -> int:
    """The Content-Length, 0 when none is declared; the server has refused one that is no number."""
    return next((int(value) for name, value in scope["headers"] if name == b"content-length" and value.isdigit()), 0)
