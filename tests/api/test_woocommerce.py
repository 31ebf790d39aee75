"""WooCommerce's webhooks: believed by the shop's own secret, however often and in whatever order they come."""

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
from tests.unit.intake.test_woocommerce import BEANIE, ORDER

SECRET = "tea-secret"


@pytest_asyncio.fixture
async def tea(shop: Shop, serve_with: ServeWith, settings: Settings) -> AsyncGenerator[Shop]:
    """A shop that WooCommerce knows, beside one of another tenant."""
    secrets = {"tea.example": SecretStr(SECRET), "https://pots.example/shop/": SecretStr("pots-secret")}
    tenants = {"tea.example": shop.tenant, "pots.example/shop": f"{shop.tenant}-pots"}
    update = {"woocommerce_secrets": secrets, "woocommerce_shops": tenants}
    async with serve_with(settings.model_copy(update=update)) as client:
        yield Shop(shop.tenant, client, shop.db)


async def send(
    shop: Shop, topic: str, body: Any, secret: str = SECRET, source: str = "https://Tea.example/"
) -> httpx2.Response:
    content = json.dumps(body).encode()
    signature = signature_of(content, secret)
    named = {"X-WC-Webhook-Topic": topic, "X-WC-Webhook-Source": source, "X-WC-Webhook-Signature": signature}
    return await shop.client.post("/webhooks/woocommerce", content=content, headers=named)


async def counting(shop: Shop) -> dict[str, float]:
    """How many of each product the customer has."""
    rows = await shop.query(
        """MATCH (:Identity {tenant: $tenant, id: 'woocommerce-7'})-[:DID]->({type: 'purchase'})-[o:OF]->(p)
        WITH p.id AS product, sum(coalesce(o.kept, o.quantity)) AS n WHERE n > 0 RETURN product, n"""
    )
    return {row["product"]: row["n"] for row in rows}


async def offered(shop: Shop) -> list[tuple[str, str]]:
    rows = await shop.query("MATCH (p:Product {tenant: $tenant}) RETURN p.id AS id, p.availability AS availability")
    return [(row["id"], row["availability"]) for row in rows]


async def test_an_order_is_its_customers_purchase_however_often_it_comes(tea: Shop) -> None:
    for topic in ("order.created", "order.updated", "order.updated"):
        assert (await send(tea, topic, ORDER)).json() == {"status": "done"}

    assert await counting(tea) == {"45": 2.0, "48": 1.0}
    assert await tea.count("(:Identity {tenant: $tenant, id: 'woocommerce-7', kind: 'personal'})-[:KNOWN_BY]->()") == 2
    kept = str(await tea.query("MATCH (n {tenant: $tenant}) RETURN properties(n) AS all"))
    assert "ann@example.org" not in kept


@pytest.mark.parametrize("late", [False, True])
async def test_a_payment_that_failed_and_came_through_is_a_purchase(tea: Shop, late: bool) -> None:
    failed = {**ORDER, "status": "failed", "date_modified_gmt": "2026-05-01T10:01:00"}
    for body in [failed, ORDER][:: -1 if late else 1]:
        await send(tea, "order.updated", body)

    assert await counting(tea) == {"45": 2.0, "48": 1.0}


@pytest.mark.parametrize("late", [False, True])
async def test_an_order_that_was_cancelled_is_none(tea: Shop, late: bool) -> None:
    cancelled = {**ORDER, "status": "cancelled", "date_modified_gmt": "2026-05-02T10:00:00"}
    for body in [ORDER, cancelled][:: -1 if late else 1]:
        await send(tea, "order.updated", body)

    assert await counting(tea) == {}
    assert (await tea.call("GET", "/v1/identities/woocommerce-7")).json()["likes"] == []


async def test_a_product_follows_its_shop_and_what_was_said_earlier_changes_nothing(tea: Shop) -> None:
    await send(tea, "product.created", BEANIE)
    gone = {**BEANIE, "stock_status": "outofstock", "date_modified_gmt": "2026-05-01T11:00:00"}
    await send(tea, "product.updated", gone)

    assert (await send(tea, "product.updated", BEANIE)).json() == {"status": "ignored"}
    assert await offered(tea) == [("48", "out_of_stock")]


async def test_a_product_in_the_bin_is_withdrawn_until_it_is_restored(tea: Shop) -> None:
    await send(tea, "product.created", BEANIE)
    assert (await send(tea, "product.deleted", {"id": 48})).json() == {"status": "done"}
    assert (await send(tea, "product.updated", BEANIE)).json() == {"status": "ignored"}
    assert await offered(tea) == [("48", "withdrawn")]

    await send(tea, "product.restored", {**BEANIE, "date_modified_gmt": "2099-01-01T00:00:00"})
    assert await offered(tea) == [("48", "in_stock")]


async def test_its_ping_is_answered_and_does_nothing(tea: Shop) -> None:
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    ping = await tea.client.post("/webhooks/woocommerce", content=b"webhook_id=5", headers=kind)

    assert (ping.status_code, ping.json()) == (200, {"status": "ignored"})
    other = await tea.client.post("/webhooks/woocommerce", content=b"webhook_id=5&x=1", headers=kind)
    assert other.status_code == 401


@pytest.mark.parametrize(
    ("secret", "source"),
    [
        ("pots-secret", "https://tea.example/"),
        (SECRET, "https://pots.example/shop/"),
        (SECRET, "https://unknown.example/"),
        ("", "https://tea.example/"),
        (SECRET, "https://tea.example]/"),
    ],
)
async def test_another_shops_secret_signs_nothing_here(tea: Shop, secret: str, source: str) -> None:
    assert (await send(tea, "order.created", ORDER, secret, source)).status_code == 401
    assert await tea.count("(:Interaction {tenant: $tenant})") == 0


@pytest.mark.parametrize("topic", ["order.created", "product.updated", "product.deleted"])
@pytest.mark.parametrize("body", [{}, [], {"id": {}}, {"id": 1, "status": 7}, {**ORDER, "line_items": None}])
async def test_a_body_of_another_shape_is_no_5xx(tea: Shop, topic: str, body: Any) -> None:
    assert (await send(tea, topic, body)).status_code == 422


async def test_other_topics_are_ignored(tea: Shop) -> None:
    assert (await send(tea, "coupon.created", {"id": 1})).json() == {"status": "ignored"}


def test_two_shops_cannot_share_a_tenant() -> None:
    """Their customers are numbered from 1 each."""
    with pytest.raises(SetupError, match="share a tenant"):
        ConnectedShops.of({}, {"a.example": "t", "b.example": "t"}, "PLURAL_WOOCOMMERCE", one_each=True)
