"""The OpenAPI document is taken at its word: generated calls find no 5xx and nothing that it does not tell.

Schemathesis makes the calls, good ones and bad ones, and ids that exist are put in now and then. Where the document
says no more than "an object", calls are made from good ones with one value in them replaced.
"""

# Neither schemathesis' strategies nor the JSON that it makes have types worth checking.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

import json
import operator
import os
import re
from collections.abc import AsyncGenerator, Callable, Iterator
from functools import partial
from typing import Any, cast
from uuid import uuid4

import httpx2
import pytest
import pytest_asyncio
import requests
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import SecretStr
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from app.graph.database import Database
from app.main import create_app
from app.settings import Settings
from tests.api.conftest import ServeWith, Shop
from tests.api.every_route import CALLS, SECRET, filled, furnish, signed

EXAMPLES = int(os.environ.get("PLURAL_FUZZ_EXAMPLES", "10"))
"""Generated calls of an operation and test; `make fuzz` makes many more."""

CONFORMS: Any = [
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
TELLS_BY_5XX = {"GET /readyz"}
"""Routes whose 503 is an answer."""

SCHEMA: Any = schemathesis.openapi.from_dict(create_app(Settings(_env_file=None)).openapi())  # pyright: ignore[reportCallIssue]
OPERATIONS: dict[str, Any] = {found.ok().label: found.ok() for found in SCHEMA.get_all_operations()}
COVERAGE = SCHEMA.config.generation_for(phase="coverage")
GOOD_AND_BAD = [GenerationMode.POSITIVE, GenerationMode.NEGATIVE]

generated = settings(max_examples=EXAMPLES, deadline=None, database=None, suppress_health_check=[*HealthCheck])  # pyright: ignore
operations = pytest.mark.parametrize("operation", OPERATIONS)

HOSTILE = [
    *(
        "",
        " ",
        "0",
        "\x00",
        "\u202e",
        "\ud800",
        "a" * 201,
        "a" * 10_001,
        "'}) DETACH DELETE n //",
        "`",
        "$tenant",
        "\t",
    ),
    *(0, -1, 0.1, 1e308, 10**15, 2**63, 2**64, 10**400, -0.0, True, None, [], {}, [[]], {"": {}}),
    *("1e400", "NaN", "-Infinity", "1E999999999", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"),
    *("2026-05-01", "2026-05-01T10:00:00", "2026-02-30T10:00:00Z", "0000-00-00T00:00:00Z", -62135596800, 1e20),
]
"""What senders send by mistake or on purpose."""
hostile = st.sampled_from(HOSTILE) | st.text(max_size=20) | st.floats() | st.integers()


@pytest_asyncio.fixture(scope="module")
async def fuzzed_shop(serve_with: ServeWith, settings: Settings, db: Database) -> AsyncGenerator[Shop]:
    """A shop that takes generated calls; Shopify's are about another tenant, which they may erase."""
    tenant = f"shop-{uuid4().hex[:12]}"
    known = {"shopify_secret": SecretStr(SECRET), "shopify_shops": {"tea.example": f"{tenant}-tea"}}
    async with serve_with(settings.model_copy(update=known)) as client:
        yield Shop(tenant, client, db)


@pytest_asyncio.fixture
async def ids(fuzzed_shop: Shop) -> dict[str, str]:
    """Ids of what is there when an operation's calls begin; its own calls may remove it."""
    return await furnish(fuzzed_shop, f"tom{uuid4().hex[:6]}")


@operations
@generated
@given(data=st.data())
async def test_generated_calls_find_nothing_untold(
    operation: str, fuzzed_shop: Shop, ids: dict[str, str], data: st.DataObject
) -> None:
    case = data.draw(OPERATIONS[operation].as_strategy(data.draw(st.sampled_from(GOOD_AND_BAD))))
    if data.draw(st.booleans()):
        put_known_ids(case, ids)
    await call_and_check(fuzzed_shop, case, has_key=data.draw(st.integers(0, 9)) > 0)


@operations
async def test_every_edge_of_the_document_holds(operation: str, fuzzed_shop: Shop, ids: dict[str, str]) -> None:
    edges = SCHEMA.iter_coverage_cases(OPERATIONS[operation], generation_modes=GOOD_AND_BAD, generation_config=COVERAGE)
    for number, case in enumerate(edges):
        if number % 2:
            put_known_ids(case, ids)
        await call_and_check(fuzzed_shop, case)


@pytest.mark.parametrize("operation", [name for name, call in CALLS.items() if call.body])
@generated
@given(data=st.data())
async def test_a_good_call_with_bad_values_in_it_finds_nothing_untold(
    operation: str, fuzzed_shop: Shop, ids: dict[str, str], data: st.DataObject
) -> None:
    body = filled(CALLS[operation].body, {**ids, "shop_domain": "tea.example"})
    for _ in range(data.draw(st.integers(0, 2))):
        put = data.draw(st.sampled_from([*places(body)]))
        put(data.draw(hostile))
    content = json.dumps(body).encode()
    headers = {**await keyed(fuzzed_shop), "Content-Type": "application/json", **signed(content)}
    path = filled(CALLS[operation].path, ids)
    answer = await fuzzed_shop.client.request(operation.split()[0], path, content=content, headers=headers)

    told = OPERATIONS[operation]
    in_path = dict.fromkeys(re.findall(r"{(\w+)}", told.path), "")
    check(told.Case(path_parameters=in_path, body=body, media_type="application/json"), answer)


def places(value: Any) -> Iterator[Callable[[Any], None]]:
    """All places inside a JSON value, each as what puts something else there."""
    for key in list(value) if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ():
        yield partial(cast("Any", operator.setitem), value, key)
        yield from places(value[key])


@pytest.mark.parametrize("operation", [operation for operation in OPERATIONS if "/v1/" in operation])
async def test_without_a_key_no_route_answers(operation: str, fuzzed_shop: Shop) -> None:
    method, _, path = operation.partition(" ")

    assert (await fuzzed_shop.client.request(method, path)).status_code == 401


def put_known_ids(case: Any, ids: dict[str, str]) -> None:
    """Let a call be about things that exist."""
    case.path_parameters.update({name: ids[name] for name in case.path_parameters if name in ids})
    case.query.update({name: ids[name] for name in case.query if name in ids})
    case.body = known(case.body, {**ids, "from": ids["identity_id"], "to": ids["other_id"], "id": ids["identity_id"]})


def known(body: Any, ids: dict[str, str]) -> Any:
    """Put known ids where the names of a body's fields ask for them."""
    match body:
        case list():
            return [known(one, ids) for one in body]
        case dict():
            return {name: ids[name] if name in ids else known(value, ids) for name, value in body.items()}
        case _:
            return body


async def keyed(shop: Shop) -> dict[str, str]:
    return {"X-API-Key": await shop.token("ingest", "recommend", "admin")}


async def call_and_check(shop: Shop, case: Any, *, has_key: bool = True) -> None:
    """Send one generated call to the app in this process, and hold its answer against the document."""
    fields = case.as_transport_kwargs(base_url="http://plural.test")
    made = {name: fields.get(name) for name in ("method", "url", "headers", "data", "json", "params", "files")}
    sent: Any = requests.Request(**made).prepare()
    headers = {name: value for name, value in sent.headers.items() if name.lower() != "x-api-key"}
    content = sent.body.encode() if isinstance(sent.body, str) else sent.body
    answer = await shop.client.request(
        sent.method, sent.url, content=content, headers={**headers, **(await keyed(shop) if has_key else {})}
    )
    check(case, answer)


def check(case: Any, answer: httpx2.Response) -> None:
    is_told = case.operation.label in TELLS_BY_5XX
    case.validate_response(answer, checks=CONFORMS if is_told else [not_a_server_error, *CONFORMS])
