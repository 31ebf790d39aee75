"""Nobody enters /v1, or a collector, without a key, and no key more often than its limit.

It is looked at before a byte of the body is read, unless the key is in the body (`credentials.py`).

A page in a browser asks first whether it may ask (CORS); that question carries no key, so what counts is looked at when
the call itself comes: a browser key is good from its own origins only.
"""

from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import compile_path
from starlette.types import ASGIApp, Receive, Scope, Send

from app.api.connections import address_group
from app.api.credentials import origin_of, shown_key, take_leading_key
from app.api.deps import TOKEN_HEADER, Services
from app.api.tag_paths import COLLECTORS, SEGMENT, SEGMENT_SHORT, WITH_CREDENTIALS

_EXCLUSIONS = "/v1/identities/{identity_id}/exclusions"
OF_BROWSERS = (
    *("/v1/recommendations", "/v1/events", "/v1/sessions", "/v1/sessions:consent", _EXCLUSIONS),
    f"{_EXCLUSIONS}/{{exclusion_id}}",
    *SEGMENT,
    *COLLECTORS,
)
"""Routes of the document that take browser keys."""

_ASKED_BY_BROWSERS = tuple(compile_path(path)[0] for path in (*OF_BROWSERS, *SEGMENT_SHORT))

_PREFLIGHT = {
    "Access-Control-Allow-Methods": "DELETE, GET, POST",
    "Access-Control-Allow-Headers": f"authorization, content-type, idempotency-key, x-api-key, {TOKEN_HEADER.lower()}",
    "Access-Control-Max-Age": "600",
}


def is_keyed(path: str) -> bool:
    """Whether a path, or a route's template, wants a key."""
    return path.startswith("/v1/") or path in COLLECTORS


class Gate:
    """Puts the caller's key into ``request.state.key`` and what is left of its quota into the answer's headers."""

    def __init__(self, app: ASGIApp, max_keyless_bytes: int) -> None:
        self._app = app
        self._max_keyless_bytes = max_keyless_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on a request whose key is good; 401, 403 and 429 are raised for the boundary to answer."""
        if scope["type"] == "http":
            take_leading_key(scope)
        if scope["type"] == "http" and is_keyed(scope["path"]):
            if _is_preflight(scope):
                allowed = _allow(origin_of(scope), scope["path"])
                await Response(None, 204, {**_PREFLIGHT, **allowed})(scope, receive, send)
                return
            token, receive = await shown_key(scope, receive, self._max_keyless_bytes)
            await self._admit(scope, token, scope["app"].state.services)
        await self._app(scope, receive, send)

    async def _admit(self, scope: Scope, token: str, services: Services) -> None:
        address = address_group(scope["client"][0] if scope.get("client") else "")
        key = await services.keys.verify(token, address)
        if key is None and services.keys.has_guessed_enough(address):
            raise HTTPException(429, "Too many keys that are none came from this address; wait.", {"Retry-After": "60"})
        if key is None:
            detail = "Send a valid key in the header X-API-Key; `plural keys create` makes one."
            raise HTTPException(401, detail, {"WWW-Authenticate": "ApiKey"})
        if key.is_public:
            origin = origin_of(scope)
            if origin not in key.origins:
                raise HTTPException(403, "This browser key is good from its own origins only.")
            scope["state"]["headers"].update(_allow(origin, scope["path"]))
        allowance = services.limiter.count(key.id)
        if allowance is not None:
            scope["state"]["headers"].update(allowance.headers)
            if not allowance.allowed:
                detail = f"This key made its {allowance.quota:,} requests of the minute; wait."
                raise HTTPException(429, detail, {"Retry-After": str(allowance.reset_seconds)})
        services.key_watch.check()
        scope["state"]["key"] = key


def _is_preflight(scope: Scope) -> bool:
    """Whether a browser asks if a page may call one of its routes."""
    if scope["method"] != "OPTIONS" or not origin_of(scope):
        return False
    return any(path.match(scope["path"]) for path in _ASKED_BY_BROWSERS)


def _allow(origin: str, path: str) -> dict[str, str]:
    """Let a page of this origin read the answer."""
    allowed = {
        "Access-Control-Allow-Origin": origin,
        "Access-Control-Expose-Headers": f"{TOKEN_HEADER}, Retry-After, X-Request-ID",
        "Vary": "Origin",
    }
    return {**allowed, "Access-Control-Allow-Credentials": "true"} if path in WITH_CREDENTIALS else allowed
