"""The outermost ring: request id, time taken, access log, and an answer for errors that nobody foresaw."""

import logging
import secrets
import time
from collections.abc import Iterable
from datetime import UTC, datetime
from http import HTTPMethod

from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.errors import log_unforeseen, problem_of
from app.api.gate import is_keyed
from app.api.metrics import Metrics

_access = logging.getLogger("plural.access")
_UNKNOWN_ROUTE = "unknown"
_METHODS = frozenset(HTTPMethod)
"""Only these are figures of their own: what a client makes up must not grow our memory."""


_POLICY_HEADER = b"content-security-policy"
_NO_PAGE = b"default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
"""The Content-Security-Policy of a page that does not state its own: it may load nothing and stand in no frame."""
CLIENT_LEFT = 499
"""Written down, never sent, for a client that left before it had sent its request: no fault of anybody here."""


class BrokenOffError(Exception):
    """An answer could not be written to its end; the server logs it with all that it quotes, so it quotes nothing."""


class Boundary:
    """Wraps everything else; writes one log line a request that names nobody: no ids, keys or query strings."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = secrets.token_hex(12)
        headers: dict[str, str] = {"X-Request-ID": request_id, "X-Content-Type-Options": "nosniff"}
        scope["state"] = {**scope.get("state", {}), "request_id": request_id, "headers": headers}
        started = time.perf_counter()
        status, has_left = 0, False

        async def receive_noted() -> Message:
            nonlocal has_left
            message = await receive()
            has_left = has_left or message["type"] == "http.disconnect"
            return message

        async def send_noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                blamed = has_left and 400 <= message["status"] < 500  # for what it never sent to the end
                status = CLIENT_LEFT if blamed else message["status"]
                own = message["headers"]
                more = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
                message = {**message, "headers": [*own, *more, *_page_policy(own), *_kept_by_nobody(scope, own)]}
            await send(message)

        try:
            await self._app(scope, receive_noted, send_noted)
        except ClientDisconnect:
            status = status or CLIENT_LEFT
        except Exception as error:
            if status:  # too late for another answer: let the server cut the connection, and log nothing of the cause
                log_unforeseen(error, request_id)
                raise BrokenOffError from None
            await problem_of(error, request_id, path=scope["path"])(scope, receive, send_noted)
        finally:
            self._note(scope, status, time.perf_counter() - started, request_id)

    def _note(self, scope: Scope, status: int, seconds: float, request_id: str) -> None:
        route = getattr(scope.get("route"), "path", _UNKNOWN_ROUTE)
        method = scope["method"] if scope["method"] in _METHODS else "other"
        self._metrics.note_request(method, route, status, seconds)
        if _access.isEnabledFor(logging.INFO):
            # Written by hand, since nothing in it needs escaping and this is done for every request.
            _access.info(
                '{"at": "%sZ", "method": "%s", "route": "%s", "status": %d, "ms": %.1f, "request_id": "%s"}',
                datetime.now(UTC).isoformat(timespec="milliseconds")[:-6],
                method,
                route,
                status,
                seconds * 1000,
                request_id,
            )


def _kept_by_nobody(scope: Scope, headers: Iterable[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """Let no cache keep what was answered to a key, unless the answer says more of it."""
    is_stated = any(name == b"cache-control" for name, _ in headers)
    return [(b"cache-control", b"private, no-store")] if is_keyed(scope["path"]) and not is_stated else []


def _page_policy(headers: Iterable[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """The policy that a page still needs; nothing for what is no page, or states its own."""
    stated = dict(headers)
    is_page = stated.get(b"content-type", b"").startswith(b"text/html")
    return [(_POLICY_HEADER, _NO_PAGE)] if is_page and _POLICY_HEADER not in stated else []
