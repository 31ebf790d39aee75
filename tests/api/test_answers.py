"""What holds of every answer: who may keep it, how it is packed, its head, and that nothing asked is passed over."""

import pytest

from app.api.gate import is_keyed
from tests.api.conftest import Shop
from tests.api.every_route import CALLS, furnish, send

READS = [operation for operation in CALLS if operation.startswith("GET ")]


async def test_no_cache_keeps_what_a_key_is_answered(shop: Shop) -> None:
    ids = await furnish(shop, "tom")

    kept = {
        operation: answer.headers.get_list("Cache-Control")
        for operation in CALLS
        if is_keyed(operation.split(" ")[1]) and (answer := await send(shop, operation, ids)).is_success
    }

    assert len(kept) > 50
    assert {operation: said for operation, said in kept.items() if said != ["private, no-store"]} == {}


async def test_head_is_answered_wherever_get_is_with_the_same_head(shop: Shop) -> None:
    ids = await furnish(shop, "tom")
    headers = {"X-API-Key": await shop.token("ingest", "recommend", "insight", "insight:members", "admin")}

    for operation in READS:
        call = CALLS[operation]
        path = call.path.format_map(ids)
        query = {name: value.format_map(ids) for name, value in call.query.items()}
        asked = await shop.client.get(path, headers=headers, params=query)
        head = await shop.client.head(path, headers=headers, params=query)
        assert (head.status_code, head.content) == (asked.status_code, b""), operation
        assert head.headers["Content-Type"] == asked.headers["Content-Type"], operation


async def test_a_large_answer_is_packed_for_whom_takes_it(shop: Shop) -> None:
    packed = await shop.client.get("/openapi.json", headers={"Accept-Encoding": "gzip"})
    plain = await shop.client.get("/openapi.json", headers={"Accept-Encoding": "identity"})
    small = await shop.client.get("/healthz", headers={"Accept-Encoding": "gzip"})

    assert packed.headers["Content-Encoding"] == "gzip"
    assert int(packed.headers["Content-Length"]) * 4 < len(plain.content)
    assert packed.json() == plain.json()
    assert "Content-Encoding" not in plain.headers
    assert "Content-Encoding" not in small.headers


@pytest.mark.parametrize(
    ("method", "path", "unknown"),
    [
        ("GET", "/v1/links?identity_id=ann&limt=5", "query.limt"),
        ("GET", "/v1/keys?tenant=other", "query.tenant"),
        ("POST", "/v1/recommendations?limit=5", "query.limit"),
        ("PUT", "/v1/products?dry_run=true", "query.dry_run"),
    ],
)
async def test_a_query_parameter_that_nobody_knows_is_refused_by_its_name(
    shop: Shop, method: str, path: str, unknown: str
) -> None:
    answer = await shop.call(method, path, {} if method != "GET" else None)

    assert answer.status_code == 422
    assert {"field": unknown, "reason": "is not a field that Plural takes"} in answer.json()["errors"]


async def test_tags_may_send_what_nobody_knows(shop: Shop) -> None:
    path = f"/g/collect?v=2&tid=G-1&_p=7&cid=1.2&en=page_view&key={await shop.token('ingest')}"

    assert (await shop.client.post(path)).status_code == 200


async def test_the_root_says_where_things_are(shop: Shop) -> None:
    found = (await shop.client.get("/")).json()

    assert found["name"] == "Plural"
    for name in ("documentation", "openapi", "health", "metrics", "script"):
        assert (await shop.client.get(found[name])).status_code == 200, name
