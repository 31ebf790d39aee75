"""Products and identities come in batches; what is known of an identity can be read."""

import math
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.api.conftest import Shop


async def test_products_are_put_and_bad_rows_named(shop: Shop) -> None:
    rows: list[Any] = [
        {"id": "p1", "title": "Dog food", "price": "10.00 EUR", "brand": "Bello", "tags": [{"name": "pets"}]},
        {"id": "p2"},
        {"id": "p1", "title": "Dog food, large", "price": "12.00 EUR"},
    ]
    answer = await shop.call("PUT", "/v1/products", {"products": rows})

    assert answer.status_code == 200
    assert answer.json() == {"accepted": 2, "errors": [{"index": 1, "field": "title", "reason": "is missing"}]}
    assert await shop.count("(:Product {tenant: $tenant, id: 'p1', title: 'Dog food, large', price: 12.0})") == 1


@pytest.mark.parametrize("path", ["products", "identities"])
async def test_more_than_a_thousand_rows_are_refused(shop: Shop, path: str) -> None:
    answer = await shop.call("PUT", f"/v1/{path}", {path: [{}] * 1001})

    assert answer.status_code == 422
    assert answer.json()["errors"] == [{"field": path, "reason": "must have at most 1000 entries"}]


async def test_a_withdrawn_product_stays_in_history(shop: Shop) -> None:
    await shop.call("PUT", "/v1/products", {"products": [{"id": "p1", "title": "Dog food"}]})

    assert (await shop.call("DELETE", "/v1/products/p1")).status_code == 204
    assert await shop.count("(:Product {tenant: $tenant, id: 'p1', availability: 'withdrawn'})") == 1
    assert (await shop.call("DELETE", "/v1/products/p2")).status_code == 404


async def test_identifiers_are_kept_as_keyed_hashes_only(shop: Shop, other_shop: Shop) -> None:
    row = {"id": "tom", "kind": "personal", "identifiers": [{"type": "email", "value": " Tom@Example.org"}]}
    same = {"id": "tom-2", "kind": "work", "identifiers": [{"type": "email", "value": "tom@example.org"}]}
    answer = await shop.call("PUT", "/v1/identities", {"identities": [row, same]})
    await other_shop.call("PUT", "/v1/identities", {"identities": [row]})

    assert answer.json() == {"accepted": 2, "erased": 0, "errors": []}
    assert await shop.count("(n:Identifier {tenant: $tenant} WHERE size(n.id) = 64)<-[:KNOWN_BY]-()") == 2
    assert await shop.count("(:Identifier {tenant: $tenant})") == 1
    told = "any(name IN keys(n) WHERE toLower(toStringOrNull(n[name])) CONTAINS 'example.org')"
    assert await shop.count(f"(n {{tenant: $tenant}} WHERE {told})") == 0
    one_hash = "(a:Identifier {tenant: $tenant}), (b:Identifier {tenant: '" + other_shop.tenant + "', id: a.id})"
    assert await shop.count(one_hash) == 0


async def test_traits_that_nothing_needs_are_not_accepted(shop: Shop) -> None:
    answer = await shop.call("PUT", "/v1/identities", {"identities": [{"id": "tom", "kind": "personal", "age": 41}]})

    assert answer.json()["accepted"] == 0
    assert answer.json()["errors"][0]["field"] == "age"


async def test_what_is_known_of_an_identity_says_why(shop: Shop) -> None:
    now = datetime.now(UTC)
    bought_at = now - timedelta(days=10)
    line = {"product_id": "p1", "price_paid": "5.00", "list_price": "10.00"}
    events: list[dict[str, Any]] = [
        {"event_id": "e1", "type": "purchase", "at": bought_at.isoformat(), "lines": [line]},
        {
            "event_id": "e2",
            "type": "view",
            "at": (now - timedelta(days=1)).isoformat(),
            "lines": [{"product_id": "p1"}],
        },
        {"event_id": "e3", "type": "view", "at": now.isoformat(), "lines": [{"product_id": "p2"}]},
    ]
    await shop.call("PUT", "/v1/products", {"products": [{"id": "p1", "title": "Dog food"}]})
    await shop.call("PUT", "/v1/identities", {"identities": [{"id": "tom", "kind": "personal"}]})
    await shop.call("POST", "/v1/events", {"events": [{"identity_id": "tom", **event} for event in events]})
    await shop.call("PUT", "/v1/identities/tom/consents/newsletter", {"status": "granted"})

    known = (await shop.call("GET", "/v1/identities/tom")).json()

    bought, seen = 1.0 * math.exp(-10 / 120), 0.05 * math.exp(-1 / 120)
    first, second = known["likes"]
    assert known["kind"] == "personal"
    assert (first["product_id"], first["title"], second["product_id"]) == ("p1", "Dog food", "p2")
    assert first["weight"] == pytest.approx(bought + seen, rel=1e-3)
    assert first["full_price_weight"] == pytest.approx(0.6 * bought + seen, rel=1e-3)
    assert (first["count"], first["purchases"], first["events"]) == (2, 1, {"purchase": 1, "view": 1})
    assert (first["discount_share"], second["discount_share"]) == (pytest.approx(0.5), None)
    assert second["title"] is None
    assert [(one["purpose"], one["effective"]) for one in known["consents"]] == [("newsletter", "granted")]
    assert len((await shop.call("GET", "/v1/identities/tom?likes=1")).json()["likes"]) == 1


async def test_an_unknown_identity_is_a_404(shop: Shop) -> None:
    answer = await shop.call("GET", "/v1/identities/nobody")

    assert answer.status_code == 404
    assert answer.headers["Content-Type"] == "application/problem+json"
