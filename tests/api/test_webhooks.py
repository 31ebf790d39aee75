"""Shopify's webhooks: believed by their signature only, and done however often they come."""

import json
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import httpx2
import pytest
import pytest_asyncio
from pydantic import SecretStr

from tests.api.conftest import ServeWith, Shop, signature_of

SECRET = "hush-hush-hush"
CUSTOMER = {"id": 191167, "email": "Tom@Example.com", "phone": "+49 30 901820"}


@pytest_asyncio.fixture
async def shopify(shop: Shop, serve_with: ServeWith, settings: Any, tmp_path: Path) -> AsyncGenerator[Shop]:
    """The shop, served by a service that Shopify knows."""
    known = settings.model_copy(
        update={"shopify_secret": SecretStr(SECRET), "shopify_shops": {"Tea.myshopify.com": shop.tenant}}
    )
    async with serve_with(known) as client:
        yield Shop(shop.tenant, client, shop.db)


def payload(**more: Any) -> dict[str, Any]:
    return {"shop_id": 954889, "shop_domain": "tea.myshopify.com", **more}


def redact(**customer: Any) -> dict[str, Any]:
    return payload(customer=customer or CUSTOMER, orders_to_redact=[299938, 280263])


def data_request(**customer: Any) -> dict[str, Any]:
    return payload(customer=customer or CUSTOMER, orders_requested=[299938], data_request={"id": 9999})


async def send(shop: Shop, topic: str, body: dict[str, Any] | bytes, secret: str = SECRET) -> httpx2.Response:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    signature = signature_of(content, secret)
    headers = {"X-Shopify-Topic": topic, "X-Shopify-Hmac-Sha256": signature, "Content-Type": "application/json"}
    return await shop.client.post("/webhooks/shopify", content=content, headers=headers)


async def customers(shop: Shop) -> None:
    """Tom by his number, a second Tom by his e-mail, Ann by her phone; Debbie shares Tom's login and household."""
    rows = [
        {"id": "tom", "identifiers": [{"type": "shopify_customer", "value": "191167"}]},
        {"id": "tom-2", "identifiers": [{"type": "email", "value": "tom@example.com"}]},
        {"id": "tom-3", "identifiers": [{"type": "phone", "value": "+4930901820"}]},
        {"id": "debbie", "identifiers": [{"type": "email", "value": "debbie@example.com"}]},
    ]
    house = {"kind": "personal", "person_id": "p", "account_id": "login", "household_id": "home"}
    answer = await shop.call("PUT", "/v1/identities", {"identities": [{**house, **row} for row in rows]})
    assert (answer.status_code, answer.json()["errors"]) == (200, [])


async def identities(shop: Shop) -> list[str]:
    rows = await shop.query("MATCH (i:Identity {tenant: $tenant}) RETURN i.id AS id ORDER BY id")
    return [row["id"] for row in rows]


async def test_a_customer_is_erased_by_its_own_identifiers_and_nobody_beyond(shopify: Shop) -> None:
    await customers(shopify)

    for _ in range(2):
        answer = await send(shopify, "customers/redact", redact())
        assert (answer.status_code, answer.json()) == (200, {"status": "done"})
        assert await identities(shopify) == ["debbie"]

    log = (await shopify.call("GET", "/v1/audit?limit=100")).json()["entries"]
    done = [(entry["action"], entry["actor"]) for entry in log if entry["actor"] == "shopify"]
    assert sorted(done) == [("erase", "shopify")] * 3 + [("webhook", "shopify")] * 2
    assert "191167" not in json.dumps(log)
    assert "example.com" not in json.dumps(log)


async def test_a_value_of_too_many_names_nobody(shopify: Shop) -> None:
    rows = [
        {"id": f"c-{number}", "kind": "personal", "identifiers": [{"type": "email", "value": "shop@example.com"}]}
        for number in range(6)
    ]
    await shopify.call("PUT", "/v1/identities", {"identities": rows})

    for email in ("shop@example.com", "noreply@example.com", None):
        assert (await send(shopify, "customers/redact", redact(id=1, email=email, phone=None))).status_code == 200
    assert len(await identities(shopify)) == 6


async def test_a_data_request_waits_for_the_staff(shopify: Shop) -> None:
    await customers(shopify)
    for _ in range(2):
        assert (await send(shopify, "customers/data_request", data_request())).status_code == 200

    (request,) = (await shopify.call("GET", "/v1/data-requests")).json()["requests"]
    assert (request["id"], request["source"]) == ("shopify-9999", "shopify")
    assert [one["id"] for one in request["identities"]] == ["tom", "tom-2", "tom-3"]
    assert (await shopify.call("GET", request["identities"][0]["export"])).status_code == 200
    assert (await shopify.call("GET", "/v1/audit?action=webhook&identity_id=tom")).json()["entries"]

    await send(shopify, "customers/redact", redact())
    (request,) = (await shopify.call("GET", "/v1/data-requests")).json()["requests"]
    assert request["identities"] == []


async def test_a_shop_that_left_leaves_nothing(shopify: Shop, other_shop: Shop) -> None:
    await customers(shopify)
    await customers(other_shop)
    await send(shopify, "customers/data_request", data_request())
    await send(shopify, "customers/redact", redact())
    assert await shopify.count("(n {tenant: $tenant})") > 0

    for _ in range(2):
        assert (await send(shopify, "shop/redact", payload())).status_code == 200
        assert await shopify.count("(n {tenant: $tenant})") == 0
    assert len(await identities(other_shop)) == 4


async def test_what_is_not_signed_is_not_believed(shopify: Shop) -> None:
    await customers(shopify)
    good = json.dumps(redact()).encode()
    signed = (await send(shopify, "unknown/topic", good)).request.headers["X-Shopify-Hmac-Sha256"]

    for answer in (
        await send(shopify, "customers/redact", good, secret="another secret"),
        await shopify.client.post("/webhooks/shopify", content=good, headers={"X-Shopify-Topic": "customers/redact"}),
        await shopify.client.post(
            "/webhooks/shopify",
            content=good + b" ",
            headers={"X-Shopify-Topic": "customers/redact", "X-Shopify-Hmac-Sha256": signed},
        ),
        await shopify.client.post(
            "/webhooks/shopify",
            content=good,
            headers={b"X-Shopify-Topic": b"customers/redact", b"X-Shopify-Hmac-Sha256": "ä".encode()},
        ),
    ):
        assert answer.status_code == 401
        assert answer.headers["content-type"] == "application/problem+json"
    assert len(await identities(shopify)) == 4


async def test_nothing_is_believed_without_a_secret(shop: Shop) -> None:
    for secret in ("", SECRET):
        assert (await send(shop, "customers/redact", redact(), secret)).status_code == 401


@pytest.mark.parametrize(
    ("topic", "body"),
    [
        ("shop/redact", redact()),
        ("shop/redact", data_request()),
        ("customers/redact", data_request()),
        ("customers/redact", payload()),
        ("customers/data_request", redact()),
        ("customers/redact", b"not json"),
        ("customers/redact", b"\xff\xfe"),
    ],
)
async def test_a_body_of_one_topic_does_not_pass_for_another(shopify: Shop, topic: str, body: Any) -> None:
    await customers(shopify)

    assert (await send(shopify, topic, body)).status_code == 422
    assert len(await identities(shopify)) == 4


async def test_other_topics_are_ignored_and_other_shops_unknown(shopify: Shop) -> None:
    assert (await send(shopify, "carts/update", {"id": 1})).json() == {"status": "ignored"}
    stranger = {**redact(), "shop_domain": "other.myshopify.com"}
    assert (await send(shopify, "customers/redact", stranger)).status_code == 404


async def test_data_requests_are_for_admins(shop: Shop) -> None:
    key = {"X-API-Key": await shop.token("ingest", "recommend")}

    assert (await shop.client.get("/v1/data-requests", headers=key)).status_code == 403
