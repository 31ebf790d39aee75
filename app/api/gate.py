"""Nobody enters /v1 without a key, and no key more often than its limit; before a byte of the body is read."""

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Receive, Scope, Send

from app.api.deps import Services

KEY_HEADER = b"x-api-key"
KEYED = "/v1/"


class Gate:
    """Puts the caller's key into ``request.state.key`` and what is left of its quota into the answer's headers."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on a request whose key is good; 401 and 429 are raised for the boundary to answer."""
        if scope["type"] == "http" and scope["path"].startswith(KEYED):
            await self._admit(scope, scope["app"].state.services)
        await self._app(scope, receive, send)

    async def _admit(self, scope: Scope, services: Services) -> None:
        token = next((value for name, value in scope["headers"] if name == KEY_HEADER), b"")
        key = await services.keys.verify(token.decode("latin-1"))
        if key is None:
            detail = "Send a valid key in the header X-API-Key; `plural keys create` makes one."
            raise HTTPException(401, detail, {"WWW-Authenticate": "ApiKey"})
        allowance = await services.limiter.count(key.id)
        if allowance is not None:
            scope["state"]["headers"].update(allowance.headers)
            if not allowance.allowed:
                detail = f"This key made its {allowance.quota:,} requests of the minute; wait."
                raise HTTPException(429, detail, {"Retry-After": str(allowance.reset_seconds)})
        scope["state"]["key"] = key
