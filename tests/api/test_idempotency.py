"""A call that is sent again under its idempotency key is the same call; another one is refused."""

from typing import Any

import httpx2
import pytest

from tests.api.conftest import Shop
from tests.graph.sealing import everything_of

TEA, CUP = ({"products": [{"id": id_, "title": id_}]} for id_ in ("tea", "cup"))


async def call(shop: Shop, key: str, body: Any, method: str = "PUT", path: str = "/v1/products") -> httpx2.Response:
    return await shop.call(method, path, body, headers={"Idempotency-Key": key})


async def test_the_same_again_is_the_same_and_another_is_refused(shop: Shop) -> None:
    assert (await call(shop, "k", TEA)).status_code == 200
    before = await shop.count("(:Product {tenant: $tenant})")
    again, other = await call(shop, "k", TEA), await call(shop, "k", CUP)

    assert again.status_code == 200
    assert (other.status_code, "Idempotency-Key" in other.json()["detail"]) == (422, True)
    assert await shop.count("(:Product {tenant: $tenant})") == before == 1


async def test_a_key_is_of_one_call_one_caller_and_one_shop(shop: Shop, other_shop: Shop) -> None:
    event = {"event_id": "e", "type": "view", "identity_id": "tom", "at": "2026-05-01T10:00:00Z"}
    events = {"events": [event | {"lines": [{"product_id": "tea"}]}]}
    assert (await call(shop, "k", TEA)).status_code == 200
    assert (await call(shop, "k", events, "POST", "/v1/events")).json()["accepted"] == 1
    assert (await call(shop, "k", events, "POST", "/v1/events")).json()["duplicates"] == 1
    assert (await call(other_shop, "k", CUP)).status_code == 200
    headers = {"X-API-Key": await shop.token("ingest"), "Idempotency-Key": "k"}
    assert (await shop.client.put("/v1/products", json=CUP, headers=headers)).status_code == 200


@pytest.mark.parametrize("key", ["", "k" * 257])
async def test_a_key_of_no_use_is_refused(shop: Shop, key: str) -> None:
    assert (await call(shop, key, TEA)).status_code == 422
    assert await shop.count("(:Product {tenant: $tenant})") == 0


async def test_a_token_is_never_made_twice(shop: Shop) -> None:
    body = {"scopes": ["ingest"]}
    made, again = [await call(shop, "k", body, "POST", "/v1/keys") for _ in range(2)]

    assert (made.status_code, again.status_code) == (201, 409)
    assert (await call(shop, "l", body, "POST", "/v1/keys")).status_code == 201


async def test_nothing_is_kept_but_keyed_hashes_and_no_longer_than_a_day(shop: Shop) -> None:
    await call(
        shop, "for-tom@example.com", {"identities": [{"id": "tom-9", "kind": "personal"}]}, path="/v1/identities"
    )
    kept = [one for one in await everything_of(shop) if "IdempotencyKey" in one]
    assert len(kept) == 1
    assert "tom" not in kept[0]

    await shop.query("MATCH (k:IdempotencyKey {tenant: $tenant}) SET k.at = k.at - duration({hours: 25})")
    assert (await call(shop, "other", TEA)).status_code == 200
    assert await shop.count("(:IdempotencyKey {tenant: $tenant})") == 1


async def test_who_may_not_call_leaves_nothing(shop: Shop) -> None:
    headers = {"X-API-Key": await shop.token("recommend"), "Idempotency-Key": "k"}

    assert (await shop.client.put("/v1/products", json=TEA, headers=headers)).status_code == 403
    assert await shop.count("(:IdempotencyKey {tenant: $tenant})") == 0
