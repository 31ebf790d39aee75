"""Tenants are sealed: another tenant's things are not there."""

from typing import Any

from tests.api.conftest import Shop

LINE: dict[str, Any] = {"product_id": "p1"}


async def test_another_tenants_things_are_not_there(shop: Shop, other_shop: Shop) -> None:
    event = {"event_id": "e1", "type": "purchase", "identity_id": "tom", "at": "2026-05-01T10:00:00Z", "lines": [LINE]}
    await shop.call("PUT", "/v1/products", {"products": [{"id": "p1", "title": "Dog food"}]})
    await shop.call("POST", "/v1/events", {"events": [event]})
    await shop.call("PUT", "/v1/identities/tom/consents/newsletter", {"status": "granted"})

    for method, path in (
        ("GET", "/v1/identities/tom"),
        ("GET", "/v1/identities/tom/consents/newsletter"),
        ("GET", "/v1/products/p1/similar"),
        ("DELETE", "/v1/products/p1"),
    ):
        assert (await other_shop.call(method, path)).status_code == 404, path
    assert await shop.count("(:Product {tenant: $tenant, id: 'p1', availability: 'in_stock'})") == 1


async def test_equal_ids_of_two_tenants_are_two_things(shop: Shop, other_shop: Shop) -> None:
    event = {"event_id": "e1", "type": "view", "identity_id": "tom", "at": "2026-05-01T10:00:00Z", "lines": [LINE]}
    for mine in (shop, other_shop):
        assert (await mine.call("POST", "/v1/events", {"events": [event]})).json()["accepted"] == 1
    for status, mine in (("granted", shop), ("denied", other_shop)):
        key = {"Idempotency-Key": "same"}
        path = "/v1/identities/tom/consents/newsletter"
        assert (await mine.call("PUT", path, {"status": status}, headers=key)).json()["status"] == status

    crossing = "(a {tenant: $tenant})--(b WHERE b.tenant <> $tenant)"
    assert await shop.count(crossing) == 0
    assert await other_shop.count(crossing) == 0
