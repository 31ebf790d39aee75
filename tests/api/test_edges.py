"""What is too large, too deep or no text is the sender's fault: a clear 4xx, and nothing was written."""

import json
from typing import Any
from urllib.parse import quote

import httpx2
import pytest
import pytest_asyncio

from app.domain.keys import SCOPES
from tests.api.conftest import Shop
from tests.graph.sealing import everything_of

TEA: dict[str, Any] = {"id": "tea", "title": "Tea"}
BUY: dict[str, Any] = {
    "event_id": "e1",
    "type": "purchase",
    "identity_id": "tom",
    "at": "2026-05-01T10:00:00Z",
    "lines": [{"product_id": "tea", "quantity": 1}],
}
TOM: dict[str, Any] = {"id": "tom", "kind": "personal"}
GRANTED: dict[str, Any] = {"status": "granted"}
CONSENT = "/v1/identities/tom/consents/newsletter"
DEPTH = 100_000
CYPHER = [
    "'}) DETACH DELETE n //",
    "`}) MATCH (n) DETACH DELETE n //",
    "$tenant",
    "\\u0027 OR 1=1",
    "{id: $id}",
    '"; RETURN 1',
]


async def put(shop: Shop, path: str, content: bytes, method: str = "PUT") -> httpx2.Response:
    headers = {"X-API-Key": await shop.token(*SCOPES), "Content-Type": "application/json"}
    return await shop.client.request(method, path, content=content, headers=headers)


@pytest_asyncio.fixture
async def before(shop: Shop) -> list[str]:
    """All that the shop has, which is its key."""
    await shop.token(*SCOPES)
    return await everything_of(shop)


def rows(kind: str, **changes: Any) -> tuple[str, str, bytes]:
    """Method, path and body of a batch of one row with some of its fields changed."""
    row, method = {"products": (TEA, "PUT"), "events": (BUY, "POST"), "identities": (TOM, "PUT")}[kind]
    return method, f"/v1/{kind}", json.dumps({kind: [{**row, **changes}]}).encode()


BAD_ROWS: list[tuple[str, dict[str, Any], str]] = [
    ("products", {"title": "a" * 501}, "must have at most 500 characters"),
    ("products", {"description": "a" * 5001}, "must have at most 5000 characters"),
    ("products", {"id": "a" * 201}, "must have at most 200 characters"),
    ("products", {"tags": [{"name": f"t{number}"} for number in range(10_000)]}, "must have at most 50 entries"),
    ("products", {f"property_{number}": 1 for number in range(10_000)}, "is not a field that Plural takes"),
    ("products", {"price": "1" * 16}, ""),
    ("products", {"price": "1e400"}, ""),
    ("products", {"price": 1e300}, ""),
    ("products", {"price": "1E-999999999"}, ""),
    ("products", {"price": "NaN"}, ""),
    ("products", {"title": "\ud800"}, "must be text of whole Unicode characters"),
    ("products", {"id": "te\x00a"}, "must have no control characters and no blank at either end"),
    ("products", {"title": "Te\x00a"}, "must have no control characters but line breaks and tabs"),
    ("products", {"tags": [{"name": "a\x07b"}]}, "must have no control characters but line breaks and tabs"),
    ("events", {"lines": [{"product_id": "tea", "quantity": 10**400}]}, ""),
    ("events", {"lines": [{"product_id": "tea", "price_paid": 2**64}]}, "must have at most 15 digits"),
    ("events", {"lines": [{"product_id": "tea", "quantity": "1e400"}]}, ""),
    ("events", {"lines": [{"product_id": "tea", "price_paid": "1E999999999"}]}, ""),
    ("events", {"lines": [{"product_id": "tea"}] * 501}, "must have at most 500 entries"),
    ("events", {"session_id": "\x1b[2J"}, "must have no control characters and no blank at either end"),
    ("events", {"identity_id": "a\udfff"}, "must be text of whole Unicode characters"),
    ("identities", {"person_id": "p" * 201}, "must have at most 200 characters"),
    ("identities", {"identifiers": [{"type": "email", "value": "e" * 501}]}, "must have at most 500 characters"),
    (
        "identities",
        {"identifiers": [{"type": "email", "value": "a\x00b"}]},
        "must have no control characters but line breaks and tabs",
    ),
    ("identities", {f"trait_{number}": 1 for number in range(10_000)}, "is not a field that Plural takes"),
]


@pytest.mark.parametrize(("kind", "changes", "reason"), BAD_ROWS, ids=lambda value: str(value)[:40])
async def test_a_row_beyond_the_limits_is_refused_by_name(
    shop: Shop, before: list[str], kind: str, changes: dict[str, Any], reason: str
) -> None:
    method, path, content = rows(kind, **changes)
    answer = await put(shop, path, content, method)

    assert answer.status_code == 422, answer.text
    assert reason in answer.json()["errors"][0]["reason"]
    assert answer.json()["errors"][0]["field"].startswith(f"{kind}.0")
    assert len(answer.content) < 10_000
    assert await everything_of(shop) == before


TOO_DEEP = b'{"a":' * DEPTH + b"1" + b"}" * DEPTH
IN_ROWS = b'{"products": [%b]}'
BAD_BODIES: dict[str, tuple[bytes, int]] = {
    "deep lists": (b"[" * DEPTH, 400),
    "deep lists that end": (b"[" * DEPTH + b"]" * DEPTH, 400),
    "deep objects": (TOO_DEEP, 400),
    "a deep row": (IN_ROWS % (b"[" * DEPTH + b"]" * DEPTH), 400),
    "a row of some depth": (IN_ROWS % (b"[" * 150 + b"]" * 150), 422),
    "not UTF-8": (IN_ROWS % b'{"id": "tea", "title": "\xff\xfe"}', 400),
    "UTF-8 of a surrogate": (IN_ROWS % b'{"id": "tea", "title": "\xed\xa0\x80"}', 422),
    "a raw control character": (IN_ROWS % b'{"id": "te\x00a", "title": "Tea"}', 400),
    "an integer of 5,000 digits": (IN_ROWS % (b'{"id": "tea", "title": "Tea", "price": ' + b"9" * 5000 + b"}"), 400),
    "1e400": (IN_ROWS % b'{"id": "tea", "title": "Tea", "price": 1e400}', 422),
    "Infinity": (IN_ROWS % b'{"id": "tea", "title": "Tea", "price": -Infinity}', 422),
    "NaN": (IN_ROWS % b'{"id": "tea", "title": "Tea", "tags": [{"name": "a", "weight": NaN}]}', 422),
    "1,001 rows": (IN_ROWS % b",".join([b"{}"] * 1001), 422),
    "no rows": (IN_ROWS % b"", 422),
    "a list": (b"[]", 422),
    "a text": (b'"products"', 422),
    "10,000 fields": (json.dumps({f"field_{number}": 1 for number in range(10_000)}).encode(), 413),
}


@pytest.mark.parametrize(("content", "status"), BAD_BODIES.values(), ids=BAD_BODIES)
async def test_a_body_that_is_none_is_the_senders_fault(
    shop: Shop, before: list[str], content: bytes, status: int
) -> None:
    answer = await put(shop, "/v1/products", content)

    assert answer.status_code == status, answer.text[:300]
    assert len(answer.content) < 10_000
    assert await everything_of(shop) == before


async def test_of_a_key_that_is_there_twice_the_last_one_stands(shop: Shop) -> None:
    await put(shop, "/v1/products", b'{"products": [{"id": "tea", "title": "Tea", "title": "Green tea"}]}')

    assert await shop.query("MATCH (p:Product {tenant: $tenant}) RETURN p.title AS t") == [{"t": "Green tea"}]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", f"/v1/identities/{'a' * 201}"),
        ("GET", f"/v1/identities/{'a' * 60_000}"),
        ("GET", "/v1/identities/%00"),
        ("GET", "/v1/identities/a%0Ab"),
        ("GET", "/v1/identities/%20"),
        ("GET", "/v1/identities/%FF%FE"),
        ("GET", "/v1/identities/%ED%A0%80"),
        ("GET", "/v1/grants?identity_id=" + "a" * 201),
        ("GET", "/v1/grants?identity_id=%00"),
        ("GET", "/v1/products/tea/similar?limit=" + "9" * 400),
        ("GET", "/v1/products/tea/similar?limit=1e2"),
        ("GET", "/v1/conflicts?limit=-1"),
        ("GET", "/v1/persons/tom?min_confidence=NaN"),
        ("GET", "/v1/persons/tom?min_confidence=1e400"),
        ("GET", "/v1/audit?cursor=" + "9" * 19),
        ("GET", "/v1/audit?after=1527-07-11T23:01:34%2B21:15"),
        ("GET", f"{CONSENT}?at=9999-12-31T23:59:59-14:00"),
        ("DELETE", "/v1/links/'})%20DETACH%20DELETE%20n%20%2F%2F"),
    ],
    ids=lambda value: value[:50],
)
async def test_a_path_beyond_the_limits_is_refused(shop: Shop, before: list[str], method: str, path: str) -> None:
    answer = await put(shop, path, b"", method)

    assert answer.status_code in {404, 422}, answer.text[:300]
    assert len(answer.content) < 10_000
    assert await everything_of(shop) == before


@pytest.mark.parametrize("header", ["X-API-Key", "Idempotency-Key", "Sec-GPC", "Origin", "Accept", "X-Unknown"])
async def test_a_header_of_any_length_breaks_nothing(shop: Shop, header: str) -> None:
    headers = {"X-API-Key": await shop.token("ingest"), header: "a" * 100_000}
    answer = await shop.client.put(CONSENT, json=GRANTED, headers=headers)

    assert answer.status_code == {"X-API-Key": 401, "Idempotency-Key": 422}.get(header, 200)


@pytest.mark.parametrize("value", CYPHER)
async def test_values_with_cypher_in_them_are_values(shop: Shop, other_shop: Shop, value: str) -> None:
    await put(other_shop, "/v1/products", json.dumps({"products": [TEA]}).encode())
    there = await everything_of(other_shop)
    event = {**BUY, "event_id": value, "identity_id": value, "lines": [{"product_id": value}]}
    product = {"id": value, "title": value, "brand": value, "tags": [{"name": value, "facet": value[:50]}]}
    for kind, row in (("products", product), ("events", event)):
        method, path, _ = rows(kind)
        assert (await put(shop, path, json.dumps({kind: [row]}).encode(), method)).json()["accepted"] == 1
    said = await shop.call(
        "PUT", f"/v1/identities/{quote(value, safe='')}/consents/newsletter", {"status": "granted", "proof": value}
    )
    read = (await shop.call("GET", f"/v1/identities/{quote(value, safe='')}")).json()
    kept = await shop.query("MATCH (p:Product {tenant: $tenant})-[:TAGGED]->(t) RETURN p.title AS p, t.name AS t")

    assert (read["id"], read["likes"][0]["product_id"], read["likes"][0]["title"]) == (value, value, value)
    assert said.json()["proof"] == value
    assert kept == [{"p": value, "t": value}]
    assert await everything_of(other_shop) == there


async def test_an_id_with_a_slash_is_one_id(shop: Shop) -> None:
    for id_ in ("tom", "tom/export", "crm/17", "a%2Fb"):
        path = f"/v1/identities/{quote(id_, safe='')}"
        assert (await shop.call("PUT", f"{path}/consents/newsletter", GRANTED)).status_code == 200
        assert (await shop.call("GET", path)).json()["id"] == id_
        assert (await shop.call("GET", f"{path}/export")).json()["identity"]["id"] == id_

    assert (await shop.call("DELETE", "/v1/identities/crm%2F17")).json()["counts"]["nodes"]["Identity"] == 1
    assert (await shop.call("GET", "/v1/identities/crm%2f17")).status_code == 404
    assert (await shop.call("GET", "/v1/identities/crm/17")).status_code == 404
    assert (await shop.call("GET", "/v1/identities/tom/export")).json()["identity"]["id"] == "tom"
    assert (await shop.client.get("/v1%2Fidentities/tom")).status_code == 401
