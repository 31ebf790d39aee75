"""Tenants are sealed: whatever one of them calls, another one's graph stays as it is and is not seen."""

import re
from collections.abc import AsyncGenerator, Mapping
from typing import Any
from uuid import uuid4

import httpx2
import pytest
import pytest_asyncio
from pydantic import SecretStr

from app.graph.catalogue import Statement
from app.graph.database import Database
from app.main import create_app
from app.settings import Settings
from tests.api.conftest import WHEN_DUE, ServeWith, Shop
from tests.api.every_route import CALLS, MADE, SECRET, furnish, nobodys, send
from tests.graph.sealing import crossings, everything_of

LINE: dict[str, Any] = {"product_id": "p1"}
OF_THE_OPERATOR = {"GET /healthz", "GET /readyz", "GET /metrics", "GET /.well-known/gpc.json"}
"""What asks for no key, and so for no tenant."""


@pytest_asyncio.fixture
async def mine(serve_with: ServeWith, settings: Settings, db: Database) -> AsyncGenerator[Shop]:
    """A shop that Shopify and WooCommerce know, too."""
    tenant = f"shop-{uuid4().hex[:12]}"
    known = {"shopify_secret": SecretStr(SECRET), "shopify_shops": {"mine.example": tenant}}
    known |= {"woocommerce_secrets": {"mine.example": SecretStr(SECRET)}, "woocommerce_shops": {"mine.example": tenant}}
    async with serve_with(settings.model_copy(update=known)) as client:
        yield Shop(tenant, client, db)


@pytest.fixture
def theirs(mine: Shop) -> Shop:
    return Shop(f"shop-{uuid4().hex[:12]}", mine.client, mine.db)


def test_every_route_is_crossed() -> None:
    document = create_app(Settings(_env_file=None)).openapi()  # pyright: ignore[reportCallIssue]
    routes = {f"{method.upper()} {path}" for path, item in document["paths"].items() for method in item}

    assert set(CALLS) == routes


async def test_whatever_is_called_a_tenant_with_equal_ids_stays_as_it_is(mine: Shop, theirs: Shop) -> None:
    ids = {**await furnish(theirs, "tom"), "shop_domain": "mine.example"}
    own = await furnish(mine, "tom")
    await let_be_equal(mine, own, ids)
    before = await everything_of(theirs)
    assert len(before) > 20

    for operation in CALLS:
        own_ids = {**ids, "key_id": own["key_id"], "page_key_id": own["page_key_id"], "token": own["token"]}
        answer = await send(mine, operation, own_ids)
        assert answer.is_success or operation in OF_THE_OPERATOR, (operation, answer.text)
        assert await everything_of(theirs) == before, operation
        assert await crossings(mine) == 0, operation
    assert await mine.count("(:Identity {tenant: $tenant, id: 'tom-identity'})") == 0


async def test_another_tenants_ids_are_like_ids_that_nobody_has(mine: Shop, theirs: Shop) -> None:
    ids = {**await furnish(theirs, "tom"), "shop_domain": "mine.example"}
    blanks = {**nobodys(ids), "shop_domain": "mine.example"}
    await furnish(mine, "ann")
    before = await everything_of(theirs)

    for operation, call in CALLS.items():
        if call.of_another in ("new", "as signed") or operation in OF_THE_OPERATOR:
            continue
        answer, blank = await send(mine, operation, ids), await send(mine, operation, blanks)
        assert comparable(answer, ids) == comparable(blank, blanks), operation
        assert (answer.status_code == 404) == (call.of_another == "404"), (operation, answer.text)
    assert await everything_of(theirs) == before


async def test_another_tenants_id_costs_the_statements_that_nobodys_costs(
    mine: Shop, theirs: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = await furnish(theirs, "tom")
    await furnish(mine, "ann")
    given, run = Statement.arguments, list[str]()

    def noted(statement: Statement, params: Mapping[str, object]) -> dict[str, object]:
        if not statement.name.startswith(WHEN_DUE):
            run.append(statement.name)
        return given(statement, params)

    async def statements(operation: str, asked: Mapping[str, str]) -> list[str]:
        run.clear()
        await send(mine, operation, asked)
        return run.copy()

    monkeypatch.setattr(Statement, "arguments", noted)
    for operation, call in CALLS.items():
        if operation.startswith(("POST /v1/recommendations", "POST /v1/decisions")):
            for asked in (ids, nobodys(ids)):  # reads the run's model and the catalogue's items, once
                await send(mine, operation, asked)
        if call.of_another not in ("new", "as signed"):
            assert await statements(operation, ids) == await statements(operation, nobodys(ids)), operation


async def test_operators_figures_name_no_tenant(mine: Shop) -> None:
    ids = await furnish(mine, "tom")

    for operation in OF_THE_OPERATOR:
        told = (await send(mine, operation, ids)).text
        assert not [word for word in (mine.tenant, *ids.values()) if word in told], operation


async def test_equal_ids_of_two_tenants_are_two_things(shop: Shop, other_shop: Shop) -> None:
    event = {"event_id": "e1", "type": "view", "identity_id": "tom", "at": "2026-05-01T10:00:00Z", "lines": [LINE]}
    for one in (shop, other_shop):
        assert (await one.call("POST", "/v1/events", {"events": [event]})).json()["accepted"] == 1
    for status, one in (("granted", shop), ("denied", other_shop)):
        key = {"Idempotency-Key": "same"}
        path = "/v1/identities/tom/consents/newsletter"
        assert (await one.call("PUT", path, {"status": status}, headers=key)).json()["status"] == status

    assert await crossings(shop) == await crossings(other_shop) == 0


async def let_be_equal(shop: Shop, own: Mapping[str, str], wanted: Mapping[str, str]) -> None:
    """Give what the service made in one shop the ids of another shop's."""
    for name in (*MADE.values(), "erasure_id"):
        if name != "key_id":  # a token carries its key's id
            change = {"old": own[name], "new": wanted[name]}
            await shop.query("MATCH (n {tenant: $tenant, id: $old}) SET n.id = $new", **change)
            await shop.query("MATCH ({tenant: $tenant})-[r {id: $old}]->() SET r.id = $new", **change)


def comparable(answer: httpx2.Response, ids: Mapping[str, str]) -> tuple[int, str]:
    """Status and body without what differs from call to call, and without the ids that were asked for."""
    text = re.sub(r'"(request_id|decision_id)":"\w+"', r'"\1":""', answer.text)
    for name, id_ in ids.items():
        text = text.replace(id_, name)
    return answer.status_code, text
