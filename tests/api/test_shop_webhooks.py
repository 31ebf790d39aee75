"""Orders that a shop's own webhooks bring, believed by that shop's secret alone."""

import json
from collections.abc import AsyncGenerator
from typing import Any

import httpx2
import pytest
import pytest_asyncio
from pydantic import SecretStr

from app.domain.errors import SetupError
from app.domain.webhooks import ConnectedShops
from app.settings import Settings
from tests.api.conftest import ServeWith, Shop, signature_of

SECRET = "tea-secret"
SECRETS = {"Tea.myshopify.com": SECRET, "pots.myshopify.com": "pots-secret"}
CUSTOMER = {
    "id": 7,
    "email": "ann@example.org",
    "email_marketing_consent": {"state": "subscribed", "consent_updated_at": "2026-05-01T09:00:00+02:00"},
}
ORDER: dict[str, Any] = {
    "id": 1001,
    "created_at": "2026-05-01T10:00:00+02:00",
    "currency": "EUR",
    "customer": CUSTOMER,
    "email": "ann@example.org",
    "billing_address": {"name": "Ann Example", "address1": "1 Street"},
    "line_items": [
        {
            "product_id": 5,
            "sku": "TEE",
            "quantity": 2,
            "price": "10.00",
            "discount_allocations": [{"amount": "5.00"}],
        },
        {"product_id": None, "title": "Tip", "quantity": 1, "price": "3.00"},
        {"product_id": 6, "sku": "", "quantity": 1, "price": "4.00"},
    ],
}


@pytest_asyncio.fixture
async def tea(shop: Shop, serve_with: ServeWith, settings: Settings) -> AsyncGenerator[Shop]:
    """A shop that Shopify knows, beside one of another tenant."""
    shops = {"tea.myshopify.com": shop.tenant, "pots.myshopify.com": f"{shop.tenant}-pots"}
    secrets = {name: SecretStr(secret) for name, secret in SECRETS.items()}
    known = settings.model_copy(update={"shopify_secrets": secrets, "shopify_shops": shops})
    async with serve_with(known) as client:
        yield Shop(shop.tenant, client, shop.db)


async def send(
    shop: Shop, topic: str, body: Any, secret: str = SECRET, domain: str = "tea.myshopify.com"
) -> httpx2.Response:
    content = json.dumps(body).encode()
    signature = signature_of(content, secret)
    named = {"X-Shopify-Topic": topic, "X-Shopify-Shop-Domain": domain, "X-Shopify-Hmac-Sha256": signature}
    return await shop.client.post("/webhooks/shopify", content=content, headers=named)


async def lines(shop: Shop) -> list[tuple[Any, ...]]:
    rows = await shop.query(
        """MATCH (i:Identity {tenant: $tenant})-[:DID]->(x {type: 'purchase'})-[o:OF]->(p)
        RETURN i.id AS whose, x.order_id AS order_id, p.id AS product, o.quantity AS n, o.price_paid AS paid,
          o.list_price AS full"""
    )
    return sorted(tuple(row[name] for name in ("whose", "order_id", "product", "n", "paid")) for row in rows)


async def test_an_order_is_its_customers_purchase_and_a_tip_is_none(tea: Shop) -> None:
    answer = await send(tea, "orders/create", ORDER)

    assert (answer.status_code, answer.json()) == (200, {"status": "done"})
    assert await lines(tea) == [("shopify-7", "1001", "6", 1.0, 4.0), ("shopify-7", "1001", "TEE", 2.0, 7.5)]
    assert await tea.count("(:Identity {tenant: $tenant, id: 'shopify-7', kind: 'personal'})-[:KNOWN_BY]->()") == 2


async def test_it_is_theirs_whom_the_shop_has_named_already(tea: Shop) -> None:
    known = [{"type": "shopify_customer", "value": "7"}]
    await tea.call("PUT", "/v1/identities", {"identities": [{"id": "ann", "kind": "personal", "identifiers": known}]})

    await send(tea, "orders/create", ORDER)

    assert {line[0] for line in await lines(tea)} == {"ann"}
    assert await tea.count("(:Identity {tenant: $tenant, id: 'shopify-7'})") == 0


async def test_in_doubt_it_is_nobodys(tea: Shop) -> None:
    """Two identities are known by the customer's e-mail: nobody knows which of them bought."""
    known = [{"type": "email", "value": "ann@example.org"}]
    rows = [{"id": id_, "kind": "personal", "identifiers": known} for id_ in ("ann", "ann-at-work")]
    await tea.call("PUT", "/v1/identities", {"identities": rows})

    await send(tea, "orders/create", ORDER)

    assert {line[0] for line in await lines(tea)} == {"session:shopify-order:1001"}


async def test_each_may_come_twice(tea: Shop) -> None:
    for _ in range(2):
        assert (await send(tea, "orders/create", ORDER)).status_code == 200

    assert len(await lines(tea)) == 2


async def test_marketing_that_a_customer_agreed_to_is_a_consent(tea: Shop) -> None:
    gone = {
        **CUSTOMER,
        "email_marketing_consent": {"state": "unsubscribed", "consent_updated_at": "2026-05-02T09:00:00Z"},
    }

    await send(tea, "orders/create", ORDER)
    agreed = await tea.call("GET", "/v1/identities/shopify-7/consents/email_marketing")
    await send(tea, "orders/create", {**ORDER, "id": 1002, "customer": gone})
    withdrawn = await tea.call("GET", "/v1/identities/shopify-7/consents/email_marketing")

    assert (agreed.json()["effective"], withdrawn.json()["effective"]) == ("granted", "denied")


async def test_a_cancelled_order_is_taken_back(tea: Shop) -> None:
    await send(tea, "orders/create", ORDER)

    answer = await send(tea, "orders/cancelled", {**ORDER, "cancelled_at": "2026-05-03T10:00:00Z"})

    assert answer.json() == {"status": "done"}
    assert await tea.count("(:Identity {tenant: $tenant, id: 'shopify-7'})-[:DID]->({type: 'refund'})") == 1


async def counting(shop: Shop) -> dict[str, float]:
    """How many of each product the customer has."""
    rows = await shop.query(
        """MATCH (:Identity {tenant: $tenant, id: 'shopify-7'})-[:DID]->({type: 'purchase'})-[o:OF]->(p)
        WITH p.id AS product, sum(coalesce(o.kept, o.quantity)) AS n WHERE n > 0 RETURN product, n"""
    )
    return {row["product"]: row["n"] for row in rows}


@pytest.mark.parametrize("late", [False, True])
async def test_an_order_that_is_changed_replaces_the_earlier_one_whichever_comes_first(tea: Shop, late: bool) -> None:
    first, tip, second = ORDER["line_items"]
    made = {**ORDER, "updated_at": "2026-05-01T10:00:00+02:00"}
    changed = {**ORDER, "updated_at": "2026-05-02T10:00:00+02:00", "line_items": [{**first, "quantity": 3}, tip]}
    for topic, body in [("orders/create", made), ("orders/updated", changed)][:: -1 if late else 1]:
        await send(tea, topic, body)
        await send(tea, topic, body)

    assert await counting(tea) == {"TEE": 3.0}
    assert second["product_id"] == 6


async def test_what_an_order_says_of_its_refunds_is_taken_once(tea: Shop) -> None:
    """Also where nobody subscribed to the refunds themselves; money for a late parcel is none."""
    item = {"id": 1, "quantity": 1, "line_item": ORDER["line_items"][0]}
    refunds = [
        {"id": 31, "created_at": "2026-05-03T10:00:00Z", "refund_line_items": [item]},
        {"id": 32, "created_at": "2026-05-03T11:00:00Z", "refund_line_items": [], "transactions": [{"amount": "1.00"}]},
    ]
    for day in ("02", "04", "05"):
        told = {**ORDER, "updated_at": f"2026-05-{day}T10:00:00Z", "refunds": [] if day == "02" else refunds}
        await send(tea, "orders/updated", told)

    assert await counting(tea) == {"TEE": 1.0, "6": 1.0}


async def test_an_order_that_was_cancelled_before_it_was_heard_of_is_no_purchase(tea: Shop) -> None:
    await send(tea, "orders/updated", {**ORDER, "cancelled_at": "2026-05-03T10:00:00Z"})

    assert await counting(tea) == {}


async def test_a_test_order_is_none(tea: Shop) -> None:
    assert (await send(tea, "orders/create", {**ORDER, "test": True})).json() == {"status": "ignored"}


@pytest.mark.parametrize(
    ("secret", "domain"),
    [
        ("pots-secret", "tea.myshopify.com"),
        ("tea-secret", "pots.myshopify.com"),
        ("tea-secret", "unknown.myshopify.com"),
        ("", "tea.myshopify.com"),
    ],
)
async def test_another_shops_secret_signs_nothing_here(tea: Shop, secret: str, domain: str) -> None:
    """The body names no shop: whoever can sign for one shop could send its orders to any other."""
    assert (await send(tea, "orders/create", ORDER, secret, domain)).status_code == 401
    assert await lines(tea) == []


async def test_nothing_of_an_order_is_kept_but_what_was_bought(tea: Shop) -> None:
    await send(tea, "orders/create", ORDER)

    kept = str(await tea.query("MATCH (n {tenant: $tenant}) RETURN properties(n) AS all"))
    assert "Street" not in kept
    assert "ann@example.org" not in kept


async def test_who_was_erased_does_not_come_back(tea: Shop) -> None:
    await send(tea, "orders/create", ORDER)
    await tea.call("DELETE", "/v1/identities/shopify-7")

    assert (await send(tea, "orders/create", {**ORDER, "id": 1003})).status_code == 200

    assert await tea.count("(:Identity {tenant: $tenant, id: 'shopify-7'})") == 0
    assert await lines(tea) == []


@pytest.mark.parametrize("body", [{}, {"id": {}}, {"id": 1, "customer": {"id": []}}, {"id": 1, "line_items": "no"}, []])
async def test_a_body_that_is_no_order_is_no_5xx(tea: Shop, body: Any) -> None:
    assert (await send(tea, "orders/create", body)).status_code in (200, 422)
    assert await lines(tea) == []


REFUND: dict[str, Any] = {
    "id": 31,
    "order_id": 1001,
    "created_at": "2026-05-03T10:00:00Z",
    "refund_line_items": [{"id": 1, "quantity": 1, "line_item": ORDER["line_items"][0]}],
}


@pytest.mark.parametrize("late", [False, True])
async def test_a_refund_takes_back_what_it_names_whichever_comes_first(tea: Shop, late: bool) -> None:
    for topic, body in [("orders/create", ORDER), ("refunds/create", REFUND)][:: -1 if late else 1]:
        for _ in range(2):
            assert (await send(tea, topic, body)).json() == {"status": "done"}

    assert await counting(tea) == {"TEE": 1.0, "6": 1.0}
    assert await tea.count("(:Identity {tenant: $tenant, kind: 'anonymous'})") == 0


async def test_money_alone_is_no_return(tea: Shop) -> None:
    await send(tea, "orders/create", ORDER)

    assert (await send(tea, "refunds/create", {**REFUND, "refund_line_items": []})).json() == {"status": "ignored"}
    assert await counting(tea) == {"TEE": 2.0, "6": 1.0}


async def test_what_a_customer_wants_by_mail_and_text_message_is_a_consent(tea: Shop) -> None:
    said = {"state": "subscribed", "consent_updated_at": "2026-05-01T09:00:00Z"}
    both = {"id": 8, "email": "eve@example.org", "updated_at": "2026-05-01T09:00:00Z"}
    both |= {"email_marketing_consent": said, "sms_marketing_consent": said}
    unsubscribed = {"state": "unsubscribed", "consent_updated_at": "2026-05-02T09:00:00Z"}
    gone = {"id": 8, "phone": "+4930901820", "sms_marketing_consent": unsubscribed}

    for topic, body in (("customers/update", both), ("customers_marketing_consent/update", gone)) * 2:
        assert (await send(tea, topic, body)).json() == {"status": "done"}

    for purpose, effective in (("email_marketing", "granted"), ("sms", "denied")):
        told = await tea.call("GET", f"/v1/identities/shopify-8/consents/{purpose}")
        assert told.json()["effective"] == effective


async def test_an_old_body_that_comes_again_grants_nothing_anew(tea: Shop) -> None:
    """Where nobody says when it was said, it was said by the time that the body was written."""
    undated = {"state": "subscribed", "consent_updated_at": None}
    old = {"id": 8, "email_marketing_consent": undated, "updated_at": "2026-05-01T09:00:00Z"}
    gone = {"id": 8, "email_marketing_consent": {"state": "unsubscribed", "consent_updated_at": "2026-05-02T09:00:00Z"}}
    timeless = {"id": 8, "email_marketing_consent": undated}

    for body in (old, gone, old, timeless):
        await send(tea, "customers/update", body)

    told = await tea.call("GET", "/v1/identities/shopify-8/consents/email_marketing")
    assert told.json()["effective"] == "denied"


async def test_of_a_customer_who_never_said_anything_nothing_is_kept(tea: Shop) -> None:
    assert (await send(tea, "customers/create", {"id": 9, "email": "kim@example.org"})).json() == {"status": "ignored"}
    assert await tea.count("(:Identity {tenant: $tenant})") == 0


SHIRT: dict[str, Any] = {
    "id": 5,
    "title": "Tee",
    "handle": "tee",
    "status": "active",
    "published_at": "2026-01-01T00:00:00Z",
    "updated_at": "2026-05-01T10:00:00Z",
    "options": [{"name": "Size"}],
    "variants": [
        {
            "id": number,
            "option1": size,
            "sku": sku,
            "price": "10.00",
            "inventory_item_id": item,
            "inventory_management": "shopify",
            "inventory_policy": "deny",
            "inventory_quantity": 1,
        }
        for number, size, sku, item in ((51, "S", "TEE", 91), (52, "M", "TEE-M", 92))
    ],
}


def level(location: int, available: int | None, minute: int, item: int = 91) -> dict[str, Any]:
    at = f"2026-05-01T10:{minute:02}:00Z"
    return {"inventory_item_id": item, "location_id": location, "available": available, "updated_at": at}


async def offered(shop: Shop) -> dict[str, str]:
    rows = await shop.query("MATCH (p:Product {tenant: $tenant}) RETURN p.id AS id, p.availability AS availability")
    return {row["id"]: row["availability"] for row in rows}


async def test_stock_is_summed_over_locations_and_the_newest_word_of_each_counts(tea: Shop) -> None:
    await send(tea, "products/create", SHIRT)
    assert await offered(tea) == {"TEE": "in_stock", "TEE-M": "in_stock"}

    seen: list[str] = []
    for body in (level(1, 0, 1), level(2, 3, 2), level(2, 0, 4), level(2, 3, 3), level(1, None, 5), level(1, -1, 6)):
        await send(tea, "inventory_levels/update", body)
        seen.append((await offered(tea))["TEE"])

    assert seen == ["out_of_stock", "in_stock", "out_of_stock", "out_of_stock", "out_of_stock", "out_of_stock"]
    assert (await offered(tea))["TEE-M"] == "in_stock"


async def test_stock_that_is_told_before_its_product_waits_for_it(tea: Shop) -> None:
    await send(tea, "inventory_levels/update", level(1, 0, 5))
    await send(tea, "products/create", SHIRT)
    assert (await offered(tea))["TEE"] == "out_of_stock"

    await send(tea, "products/update", {**SHIRT, "updated_at": "2026-05-01T10:06:00Z"})
    assert (await offered(tea))["TEE"] == "in_stock"


async def test_what_was_said_earlier_of_a_product_changes_nothing(tea: Shop) -> None:
    late = {**SHIRT, "title": "Old tee", "updated_at": "2026-05-01T09:00:00Z"}
    assert (await send(tea, "products/update", SHIRT)).json() == {"status": "done"}

    assert (await send(tea, "products/create", late)).json() == {"status": "ignored"}
    assert await tea.count("(p:Product {tenant: $tenant}) WHERE p.title STARTS WITH 'Old'") == 0


async def test_what_a_shop_deletes_is_withdrawn_for_good(tea: Shop) -> None:
    await send(tea, "products/create", SHIRT)
    assert (await send(tea, "products/delete", {"id": 5})).json() == {"status": "done"}
    late = {**SHIRT, "updated_at": "2026-06-01T10:00:00Z"}

    assert (await send(tea, "products/update", late)).json() == {"status": "ignored"}
    await send(tea, "inventory_levels/update", level(1, 9, 9))
    assert set((await offered(tea)).values()) == {"withdrawn"}


async def test_a_product_does_not_pass_for_its_deletion(tea: Shop) -> None:
    await send(tea, "products/create", SHIRT)

    for topic, body in (("products/delete", SHIRT), ("orders/create", SHIRT), ("products/update", ORDER)):
        assert (await send(tea, topic, body)).status_code == 422
    assert set((await offered(tea)).values()) == {"in_stock"}


async def test_a_variant_that_is_gone_is_withdrawn_and_its_stock_with_it(tea: Shop) -> None:
    await send(tea, "products/create", SHIRT)
    await send(tea, "products/update", {**SHIRT, "variants": SHIRT["variants"][:1]})

    assert await offered(tea) == {"TEE": "in_stock", "TEE-M": "withdrawn"}


@pytest.mark.parametrize(("named", "product"), [({"variant_id": 52}, "TEE-M"), ({"product_id": 5}, "TEE")])
@pytest.mark.parametrize("late", [False, True])
async def test_a_line_without_a_sku_is_known_by_the_shops_own_numbers(
    tea: Shop, named: dict[str, Any], product: str, late: bool
) -> None:
    """Whether the order or the product was told first; a parent counts for a variant."""
    order = {**ORDER, "line_items": [{"product_id": 5, "quantity": 1, "price": "10.00", **named}]}
    if "variant_id" in named:
        order["line_items"][0]["product_id"] = 52
    for topic, body in [("orders/create", order), ("products/create", SHIRT)][:: 1 if late else -1]:
        await send(tea, topic, body)

    assert [row[2] for row in await lines(tea)] == [product]


def test_two_shops_cannot_share_a_secret() -> None:
    with pytest.raises(SetupError, match="share a secret"):
        ConnectedShops.of({"a.myshopify.com": "x", "b.myshopify.com": "x"}, {}, "PLURAL_SHOPIFY")
