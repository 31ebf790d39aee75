"""`/docs`: the API's documentation as a page that loads nothing from elsewhere."""

from collections.abc import Mapping
from html import escape
from importlib.resources import files

from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import Response
from starlette.exceptions import HTTPException

PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""Only our own scripts run and only we are asked; Swagger UI sets styles of single elements: ``unsafe-inline``."""

_START_SCRIPT = b"""SwaggerUIBundle({
  url: document.currentScript.dataset.document,
  dom_id: "#swagger-ui",
  deepLinking: true,
  validatorUrl: null,
  presets: [SwaggerUIBundle.presets.apis, SwaggerUIBundle.SwaggerUIStandalonePreset],
});
"""
_SHIPPED = files("fastapi_offline") / "static"
"""Swagger UI as the package carries it; nothing else of the package is used."""

_ASSETS: Mapping[str, tuple[bytes, str]] = {
    "swagger-ui-bundle.js": ((_SHIPPED / "swagger-ui-bundle.js").read_bytes(), "text/javascript"),
    "swagger-ui.css": ((_SHIPPED / "swagger-ui.css").read_bytes(), "text/css"),
    "favicon.png": ((_SHIPPED / "favicon.png").read_bytes(), "image/png"),
    "start.js": (_START_SCRIPT, "text/javascript"),
}
"""Content and type by name; the script that starts the page stands in a file, so that no page needs one in it."""

_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<link rel="icon" href="{root}/docs/favicon.png">
<link rel="stylesheet" href="{root}/docs/swagger-ui.css">
</head>
<body>
<div id="swagger-ui"></div>
<script src="{root}/docs/swagger-ui-bundle.js"></script>
<script src="{root}/docs/start.js" data-document="{root}{document}"></script>
</body>
</html>
"""

router = APIRouter(include_in_schema=False)


@router.get("/docs")
async def read_page(request: Request) -> Response:
    """Answer the page; addresses in it begin with the path under which a proxy shows the service."""
    app: FastAPI = request.app
    root = escape(str(request.scope.get("root_path", "")).rstrip("/"))
    page = _PAGE.format(title=escape(app.title), root=root, document=app.openapi_url)
    headers = {"Content-Security-Policy": PAGE_POLICY, "Cache-Control": "no-cache"}
    return Response(page, media_type="text/html", headers=headers)


@router.get("/docs/{name}")
async def read_asset(name: str) -> Response:
    """Answer one of the files that the page loads."""
    if name not in _ASSETS:
        raise HTTPException(404, "There is no such file.")
    content, media_type = _ASSETS[name]
    return Response(content, media_type=media_type, headers={"Cache-Control": "max-age=3600"})
