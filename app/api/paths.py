"""An id may hold a slash: written ``%2F`` in a path it is part of the id, and no separator.

Servers hand on decoded paths, in which the two look alike; without this, somebody known as ``crm/17`` could neither be
read nor erased.
"""

from urllib.parse import unquote_to_bytes

from fastapi import Request
from starlette.types import ASGIApp, Receive, Scope, Send

_SLASH = "\udc2f"
"""Stands for a slash inside of an id while routes are looked for; no decoded path and no text of a body holds it."""


class Paths:
    """Keeps ``%2F`` apart from ``/`` until the route is found."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on with its path read anew where that matters."""
        raw: bytes = scope.get("raw_path") or b""
        if b"%2f" in raw.lower():
            parts = (unquote_to_bytes(part).decode("utf-8", "replace") for part in raw.split(b"/"))
            scope = {**scope, "path": "/".join(part.replace("/", _SLASH) for part in parts)}
        await self._app(scope, receive, send)


async def restore_slashes(request: Request) -> None:
    """Give the ids in a path their slashes back; a dependency of all routes, solved before their parameters are."""
    for name, value in request.path_params.items():
        if _SLASH in value:
            request.path_params[name] = value.replace(_SLASH, "/")
