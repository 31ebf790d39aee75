"""`/plural.js`: what a shop puts into its pages to send views and carts and to have its shelves filled."""

import hashlib
from importlib.resources import files

from fastapi import APIRouter, Request, Response

_SCRIPT = (files("app.api") / "plural.js").read_bytes()
_TAG = f'"{hashlib.sha256(_SCRIPT).hexdigest()[:16]}"'
_HEADERS = {
    "Cache-Control": "public, max-age=3600",
    "Cross-Origin-Resource-Policy": "cross-origin",
    "ETag": _TAG,
}

router = APIRouter(include_in_schema=False)


@router.get("/plural.js")
async def read_script(request: Request) -> Response:
    """Answer the script; 304 to whom has it."""
    if request.headers.get("if-none-match") == _TAG:
        return Response(status_code=304, headers=_HEADERS)
    return Response(_SCRIPT, media_type="text/javascript", headers=_HEADERS)
