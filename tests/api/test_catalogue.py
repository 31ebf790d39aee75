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


async def test_what_was_put_can_be_read_back_and_put_again(shop: Shop) -> None:
    row: dict[str, Any] = {
        "id": "p1",
        "title": "Pan",
        "price": "40.00",
        "sale_price": "30.5",
        "sale_price_effective_date": "2026-05-01T00:00Z/2026-05-31T00:00Z",
        "currency": "EUR",
        "availability": "preorder",
        "availability_date": "2099-01-01",
        "expiration_date": "2099-12-31T10:00+0200",
        "brand": "Iron",
        "product_type": "Home > Kitchen",
        "custom_label_1": "heavy",
        "tags": [{"name": "cosy", "facet": "mood", "weight": 0.5}],
    }
    await shop.call("PUT", "/v1/products", {"products": [row]})

    told = (await shop.call("GET", "/v1/products/p1")).json()

    assert (told["price"], told["sale_price"], told["currency"], told["is_offered"]) == ("40.00", "30.50", "EUR", True)
    assert (told["availability"], told["availability_date"]) == ("preorder", "2099-01-01T00:00:00Z")
    assert (told["sale_from"], told["expiration_date"]) == ("2026-05-01T00:00:00Z", "2099-12-31T08:00:00Z")
    assert (told["custom_labels"], told["tags"]) == ([None, "heavy"], row["tags"])
    assert (await shop.call("GET", "/v1/products/p2")).status_code == 404


async def test_the_catalogue_is_listed_page_by_page_and_filtered(shop: Shop, other_shop: Shop) -> None:
    rows = [
        {"id": f"p{n}", "title": "Pan", "brand": "Iron" if n % 2 else "Steel", "product_type": f"Home > Kitchen > {n}"}
        for n in range(5)
    ]
    await shop.call("PUT", "/v1/products", {"products": [*rows, {"id": "tea", "title": "Tea", "item_group_id": "g"}]})
    await other_shop.call("PUT", "/v1/products", {"products": rows})
    await shop.call("DELETE", "/v1/products/p4")

    async def ids(**query: Any) -> tuple[list[str], str | None]:
        page = (await shop.call("GET", "/v1/products", params=query)).json()
        return [one["id"] for one in page["products"]], page["next_after"]

    assert await ids(limit=3) == (["p0", "p1", "p2"], "p2")
    assert await ids(limit=3, after="p2") == (["p3", "p4", "tea"], None)
    assert await ids(availability="withdrawn") == (["p4"], None)
    assert await ids(brand="iron") == (["p1", "p3"], None)
    assert (await ids(category="home>kitchen"))[0] == ["p0", "p1", "p2", "p3", "p4"]
    assert await ids(category="Home > Kitchen > 3") == (["p3"], None)
    assert await ids(item_group_id="g") == (["tea"], None)
    assert (await shop.call("GET", "/v1/products", params={"colour": "red"})).status_code == 422


async def test_a_product_is_changed_in_part(shop: Shop) -> None:
    row = {"id": "p1", "title": "Pan", "price": "40 EUR", "sale_price": "30 EUR", "tags": ["mood:cosy"], "brand": "Ore"}
    await shop.call("PUT", "/v1/products", {"products": [row]})

    changed = await shop.call(
        "PATCH", "/v1/products/p1", {"availability": "out of stock", "price": "35 EUR", "clear": ["sale_price"]}
    )

    assert changed.status_code == 200
    told = changed.json()
    assert (told["availability"], told["is_offered"], told["price"], told["sale_price"]) == (
        "out_of_stock",
        False,
        "35.00",
        None,
    )
    assert (told["brand"], [tag["name"] for tag in told["tags"]]) == ("Ore", ["cosy"])
    assert (await shop.call("GET", "/v1/products/p1")).json() == told
    for path, body, status in (
        ("p2", {"price": "1 EUR"}, 404),
        ("p1", {"price": "cheap"}, 422),
        ("p1", {"colour": "red"}, 422),
        ("p1", {"clear": ["title"]}, 422),
        ("p1", {"price": "1 USD", "sale_price": "1 EUR"}, 422),
    ):
        answer = await shop.call("PATCH", f"/v1/products/{path}", body)
        assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json"), body
    assert (await shop.call("GET", "/v1/products/p1")).json() == told


async def test_what_has_expired_is_not_recommended_and_a_sale_that_is_over_is_not_shown(shop: Shop) -> None:
    rows = [
        {"id": "gone", "title": "Gone", "expiration_date": "2026-01-01"},
        {"id": "pan", "title": "Pan", "price": "40 EUR", "sale_price": "30 EUR"},
        {
            "id": "pot",
            "title": "Pot",
            "price": "40 EUR",
            "sale_price": "30 EUR",
            "sale_price_effective_date": "2026-01-01/2026-01-02",
        },
    ]
    await shop.call("PUT", "/v1/products", {"products": rows})

    async def shown(*rules: dict[str, Any]) -> dict[str, tuple[str, str | None]]:
        answer = (await shop.call("POST", "/v1/recommendations", {"rules": list(rules)})).json()
        return {one["product_id"]: (one["price"], one["sale_price"]) for one in answer["items"]}

    assert await shown() == {"pan": ("40.00", "30.00"), "pot": ("40.00", None)}
    assert set(await shown({"field": "price", "values": ["..35"], "action": "include"})) == {"pan"}


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

    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == ["identities.0.age"]


async def test_a_batch_is_refused_only_where_no_row_of_it_can_be_used(shop: Shop) -> None:
    """Some good rows are taken whatever the others are; what was there before counts as good, too."""
    good, bad = {"id": "good", "title": "Good"}, {"id": "bad"}
    some = await shop.call("PUT", "/v1/products", {"products": [bad, good]})
    none = await shop.call("PUT", "/v1/products", {"products": [bad, bad]})

    assert (some.status_code, some.json()["accepted"], some.json()["errors"][0]["index"]) == (200, 1, 0)
    assert none.status_code == 422
    assert [error["field"] for error in none.json()["errors"]] == ["products.0.title", "products.1.title"]

    seen = {"event_id": "e", "type": "view", "identity_id": "tom", "at": "2026-05-01T10:00:00Z"}
    seen |= {"lines": [{"product_id": "good"}]}
    for accepted in (1, 0):
        answer = await shop.call("POST", "/v1/events", {"events": [seen, {"event_id": "f"}]})
        assert (answer.status_code, answer.json()["accepted"]) == (200, accepted)
    assert (await shop.call("POST", "/v1/events", {"events": [{"event_id": "f"}]})).status_code == 422


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
