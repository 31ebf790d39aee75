"""How often a key may ask, and how large a body may be."""

import math
import time
from collections import Counter
from collections.abc import Callable, Container
from dataclasses import dataclass

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.domain.keys import ApiKey

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
    """Counts the requests of each key a minute, in this process.

    By a clock that never jumps: a wall clock that is set back would keep a window open for hours.
    """

    def __init__(self, per_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._per_minute = per_minute
        self._clock = clock
        self._ends_at = -math.inf
        self._counts: Counter[str] = Counter()

    def count(self, key_id: str) -> Allowance | None:
        """Count one request of a key; ``None`` where there is no limit."""
        if not self._per_minute:
            return None
        now = self._clock()
        if now >= self._ends_at:
            self._counts.clear()
            self._ends_at = now + _WINDOW_SECONDS
        self._counts[key_id] += 1
        used = self._counts[key_id]
        reset_seconds = max(1, math.ceil(self._ends_at - now))
        return Allowance(used <= self._per_minute, self._per_minute, max(0, self._per_minute - used), reset_seconds)


class BodyLimit:
    """Refuses a body that is too large with 413: by its Content-Length, or as soon as that many bytes came.

    ``max_bytes`` is for paths of ``large`` that are asked with a server's key, ``max_keyless_bytes`` for all others.
    """

    def __init__(self, app: ASGIApp, large: Container[str], max_bytes: int, max_keyless_bytes: int) -> None:
        self._app = app
        self._large = large
        self._max_bytes = max_bytes
        self._max_keyless_bytes = min(max_bytes, max_keyless_bytes)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on whose body is counted while it is read."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        most = self._limit(scope)
        _check(_declared_bytes(scope), most)
        received = 0

        async def receive_counted() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            _check(received, most)
            return message

        await self._app(scope, receive_counted, send)

    def _limit(self, scope: Scope) -> int:
        key: ApiKey | None = scope["state"].get("key")
        is_large = key is not None and not key.is_public and scope["path"] in self._large
        return self._max_bytes if is_large else self._max_keyless_bytes


def _check(size: int, most: int) -> None:
    if size > most:
        raise HTTPException(413, f"A body has {most:,} bytes at most.", {"Connection": "close"})


def _declared_bytes(scope: Scope) -> int:
    """The Content-Length, 0 when none is declared; the server has refused one that is no number."""
    return next((int(value) for name, value in scope["headers"] if name == b"content-length" and value.isdigit()), 0)
