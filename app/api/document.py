"""The OpenAPI document: FastAPI's own, with the key that the gate wants and problems as what they are."""

import json
from collections.abc import Iterator
from typing import Any, cast

from fastapi import FastAPI
from fastapi.routing import APIRoute

from app.api.deps import CHANGING, IDEMPOTENCY_HEADER, TOKEN_HEADER
from app.api.errors import PROBLEM_TYPE, Problem
from app.api.rights import rights_of

PRIVACY_SIGNAL = {
    "name": "Sec-GPC",
    "in": "header",
    "schema": {"type": "string"},
    "description": "`1` (Global Privacy Control) stores a denial of `ads_audience` for a known identity.",
}
"""The header, for routes that read it by hand."""

SESSION_TOKEN = {
    "name": TOKEN_HEADER,
    "in": "header",
    "schema": {"type": "string"},
    "description": "Of a page: shows that the session is its own (`POST /v1/sessions`); the answer carries it anew.",
}

RENEWED: dict[int | str, dict[str, Any]] = {
    200: {
        "headers": {
            TOKEN_HEADER: {
                "description": "The session token anew, where a good one was sent; send this one from now on.",
                "schema": {"type": "string"},
            }
        }
    }
}
"""The answer's side of it."""

IDEMPOTENCY_KEY = {
    "name": IDEMPOTENCY_HEADER,
    "in": "header",
    "schema": {"type": "string", "minLength": 1, "maxLength": 256},
    "description": "The call may be repeated with it: what was done is not done again. 422 where the same call came "
    "under it with another body within a day.",
}
"""The header of every call below /v1 that may change something."""

BOUND_KEYS = "x-bound-keys"
"""Says of an operation what it is to a key that is bound to an identity or session."""

_SCHEME = {
    "type": "apiKey",
    "in": "header",
    "name": "X-API-Key",
    "description": "Made by `plural keys create`; its scopes say which routes it opens (those listed with a route).",
}


_PLACE = "#/components/schemas/"


def complete_document(app: FastAPI) -> None:
    """Let ``app`` describe itself completely."""
    describe = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema:
            return app.openapi_schema  # completed already
        document = describe()
        document["components"]["securitySchemes"] = {"key": _SCHEME}
        rights = rights_of(app)
        for method, path, operation in _operations(document):
            if right := rights.get(f"{method.upper()} {path}"):
                operation["security"] = [{"key": [scope]} for scope in right.scopes]
                if method.upper() in CHANGING:
                    operation.setdefault("parameters", []).append(IDEMPOTENCY_KEY)
                operation[BOUND_KEYS] = "own subject only" if right.subject else "refused"
            for response in operation["responses"].values():
                _name_problem(response.get("content", {}))
        _name_shapes(document)
        return document

    app.openapi = openapi


def name_operation(route: APIRoute) -> str:
    """Call an operation as its function is called: what generated clients call their methods by."""
    return route.name


def _name_shapes(document: dict[str, Any]) -> None:
    """Make every shape a component, and every default a sentence.

    A shape that stands where it is used has a different name in each generator, and some generators take a field with
    a default for one that must be given.
    """
    components: dict[str, Any] = document["components"]["schemas"]

    def name(node: Any) -> Any:
        if isinstance(node, list):
            return [name(item) for item in cast("list[Any]", node)]
        if not isinstance(node, dict):
            return node
        schema = {key: name(value) for key, value in cast("dict[str, Any]", node).items()}
        if schema.get("type") == "object" and "properties" in schema and "title" in schema:
            components.setdefault(schema["title"], schema)
            return {"$ref": _PLACE + schema["title"]}
        return schema

    document["paths"] = name(document["paths"])
    done = set[str]()
    while waiting := [shape for shape in components if shape not in done]:  # naming some makes others components
        for shape in waiting:
            if fields := components[shape].get("properties"):  # a union that has a name has none
                components[shape]["properties"] = {field: _without_default(name(fields[field])) for field in fields}
        done.update(waiting)
    _drop_unused(document)


def _drop_unused(document: dict[str, Any]) -> None:
    """Take out the components that nothing refers to."""
    components: dict[str, Any] = document["components"]["schemas"]
    while unused := [shape for shape in components if f'"{_PLACE}{shape}"' not in json.dumps(document)]:
        for shape in unused:
            del components[shape]


def _without_default(schema: dict[str, Any]) -> dict[str, Any]:
    default = schema.pop("default", None)
    if default is not None and default not in ([], {}):
        schema["description"] = " ".join((*filter(None, [schema.get("description")]), f"Default: `{default}`."))
    return schema


def _operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    return ((method, path, operation) for path, item in document["paths"].items() for method, operation in item.items())


def _name_problem(content: dict[str, Any]) -> None:
    """FastAPI files every model under the media type of the good answer."""
    names = {shape.__name__ for shape in (Problem, *Problem.__subclasses__())}
    for media_type in list(content):
        if content[media_type].get("schema", {}).get("$ref", "").rpartition("/")[2] in names:
            content[PROBLEM_TYPE] = content.pop(media_type)
