#!/usr/bin/env bash
# FastAPI 0.165: app.routes does not list the routes of included routers.
#
# A check that walks app.routes for APIRoute objects (who may call what, does each route have a rate limit, is each
# documented) used to see every route. It now sees only the routes that were put on the app itself: an included router
# is one private object in that list, so such a check passes without having looked at anything. The document that
# app.openapi() makes is complete, and fastapi.routing.iter_route_contexts(app.routes) walks all of them.
# Exits 0 while that is so, 1 when it has changed.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check fastapi==0.165.0
"$folder/venv/bin/python" - <<'PYTHON'
import sys

import fastapi
from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute, iter_route_contexts

app, router = FastAPI(openapi_url="/openapi.json"), APIRouter(prefix="/v1")


@router.get("/secrets")
def read_secrets() -> str:
    return "..."


@app.get("/on-the-app")
def on_the_app() -> str:
    return "..."


app.include_router(router)
walked = [route.path for route in app.routes if isinstance(route, APIRoute)]
contexts = [route.path for route in iter_route_contexts(app.routes)]
documented = list(app.openapi()["paths"])
print("fastapi", fastapi.__version__)
print("documented:                     ", documented)
print("APIRoute objects in app.routes: ", walked)
print("iter_route_contexts(app.routes):", contexts)
as_described = walked == ["/on-the-app"] and "/v1/secrets" in contexts and "/v1/secrets" in documented
print("as described" if as_described else "CHANGED")
sys.exit(not as_described)
PYTHON
