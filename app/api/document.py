"""The OpenAPI document: FastAPI's own, with the key that the gate wants and problems as what they are."""

from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI

from app.api.errors import PROBLEM_TYPE, Problem
from app.api.gate import KEYED

PRIVACY_SIGNAL = {
    "name": "Sec-GPC",
    "in": "header",
    "schema": {"type": "string"},
    "description": "`1` (Global Privacy Control) stores a denial of `ads_audience` for a known identity.",
}
"""The header, for routes that read it by hand."""

_SCHEME = {
    "type": "apiKey",
    "in": "header",
    "name": "X-API-Key",
    "description": "Made by `plural keys create`; its scopes say which routes it opens.",
}


def complete_document(app: FastAPI) -> None:
    """Let ``app`` describe itself completely."""
    describe = app.openapi

    def openapi() -> dict[str, Any]:
        document = describe()
        document["components"]["securitySchemes"] = {"key": _SCHEME}
        for path, operation in _operations(document):
            if path.startswith(KEYED):
                operation["security"] = [{"key": []}]
            for response in operation["responses"].values():
                _name_problem(response.get("content", {}))
        return document

    app.openapi = openapi


def _operations(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    return ((path, operation) for path, item in document["paths"].items() for operation in item.values())


def _name_problem(content: dict[str, Any]) -> None:
    """FastAPI files every model under application/json."""
    schema = content.get("application/json", {}).get("schema", {})
    if schema.get("$ref", "").rpartition("/")[2] in {shape.__name__ for shape in (Problem, *Problem.__subclasses__())}:
        content[PROBLEM_TYPE] = content.pop("application/json")
