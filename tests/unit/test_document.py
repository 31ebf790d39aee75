"""The OpenAPI document as generators of clients read it."""

import json
import re
from collections.abc import Iterator
from copy import deepcopy
from typing import Any, cast

import pytest

from app.main import create_app
from app.settings import Settings


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    app = create_app(Settings.load())
    first = deepcopy(app.openapi())
    assert app.openapi() == first  # it is read once by each `plural openapi`, and again and again by a service

    return first


def schemas(node: Any) -> Iterator[dict[str, Any]]:
    """Every JSON object of the document."""
    if isinstance(node, dict):
        schema = cast("dict[str, Any]", node)
        yield schema
        for value in schema.values():
            yield from schemas(value)
    elif isinstance(node, list):
        for value in cast("list[Any]", node):
            yield from schemas(value)


def test_every_shape_has_one_plain_name(document: dict[str, Any]) -> None:
    shapes = document["components"]["schemas"]

    assert len(shapes) > 100
    assert [name for name in shapes if not re.fullmatch(r"[A-Z][A-Za-z0-9]+", name)] == []
    assert [name for name, shape in shapes.items() if shape.get("title") != name] == []


def test_every_shape_is_used(document: dict[str, Any]) -> None:
    used = set(re.findall(r'"#/components/schemas/(\w+)"', json.dumps(document)))

    assert used == set(document["components"]["schemas"])


def test_no_shape_is_called_as_the_constructor_of_another(document: dict[str, Any]) -> None:
    """Go's generators make a function ``NewThing`` of every ``Thing``."""
    shapes = document["components"]["schemas"]

    assert [name for name in shapes if name.removeprefix("New") in shapes.keys() - {name}] == []


def test_no_boolean_is_bound_to_one_value(document: dict[str, Any]) -> None:
    """OpenAPI Generator's Java compares it with a text, which does not compile."""
    assert [one for one in schemas(document) if one.get("type") == "boolean" and "const" in one] == []


def test_what_a_price_may_be_has_one_name_wherever_it_stands(document: dict[str, Any]) -> None:
    """Generators name a union that stands in a field after one of its fields, e.g. `ProductPatchPrice`."""
    shapes = document["components"]["schemas"]
    fields = {f"{name}.{field}": said for name, shape in shapes.items() for field, said in _fields(shape)}
    unnamed = [path for path, said in fields.items() if {"string", "number"} <= {_type(one) for one in _members(said)}]

    assert unnamed == []
    assert {_named(said) for path, said in fields.items() if path.endswith((".price", ".sale_price"))} >= {
        "MerchantPrice",
        "Price",
    }


def _fields(shape: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    return list(shape.get("properties", {}).items())


def _members(said: dict[str, Any]) -> list[dict[str, Any]]:
    return said.get("anyOf", [said])


def _type(said: dict[str, Any]) -> str | None:
    return said.get("type")


def _named(said: dict[str, Any]) -> str | None:
    return next((one["$ref"].rpartition("/")[2] for one in _members(said) if "$ref" in one), None)


def test_every_operation_has_a_name_of_its_own(document: dict[str, Any]) -> None:
    names = [operation["operationId"] for item in document["paths"].values() for operation in item.values()]

    assert len(names) == len(set(names)) > 40
    assert all(re.fullmatch(r"[a-z_]+", name) for name in names)


def test_every_body_is_json(document: dict[str, Any]) -> None:
    """Generators pass over an operation whose body is anything else."""
    bodies = [op["requestBody"] for item in document["paths"].values() for op in item.values() if "requestBody" in op]

    assert len(bodies) > 20
    assert {kind for body in bodies for kind in body["content"]} == {"application/json"}


def test_a_field_with_a_default_need_not_be_given(document: dict[str, Any]) -> None:
    """Generators take ``default`` for "always there", so it stands in the description."""
    body = document["components"]["schemas"]["RecommendationBody"]

    assert "required" not in body
    assert body["properties"]["limit"]["description"] == "Default: `12`."
    assert [
        one
        for shape in document["components"]["schemas"].values()
        for one in schemas(shape.get("properties", {}))
        if "default" in one
    ] == []


@pytest.mark.parametrize(
    ("path", "method", "shapes"),
    [
        ("/v1/events", "post", ["OwnBatch", "SegmentBatch", "Ga4Batch"]),
        ("/v1/products", "put", ["ProductsBody"]),
        ("/v1/identities", "put", ["IdentitiesBody"]),
    ],
)
def test_a_body_is_described_to_its_last_field(
    document: dict[str, Any], path: str, method: str, shapes: list[str]
) -> None:
    schema = document["paths"][path][method]["requestBody"]["content"]["application/json"]["schema"]
    found = [one["$ref"].rpartition("/")[2] for one in schema.get("anyOf", [schema])]

    assert found == shapes


def test_rows_are_described(document: dict[str, Any]) -> None:
    shapes = document["components"]["schemas"]

    assert shapes["OwnBatch"]["properties"]["events"]["items"] == {"$ref": "#/components/schemas/EventRow"}
    assert shapes["ProductsBody"]["properties"]["products"]["items"] == {"$ref": "#/components/schemas/ProductRow"}
    assert shapes["IdentitiesBody"]["properties"]["identities"]["items"] == {"$ref": "#/components/schemas/IdentityRow"}
    assert shapes["EventRow"]["required"] == ["event_id", "type", "at"]
    assert shapes["EventRow"]["additionalProperties"] is False


def test_every_error_below_v1_is_a_typed_problem(document: dict[str, Any]) -> None:
    for path, item in document["paths"].items():
        for operation in item.values():
            for status, response in operation["responses"].items():
                if status >= "400" and path.startswith("/v1/"):
                    assert "application/problem+json" in response.get("content", {}), (path, status)
