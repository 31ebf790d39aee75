"""The identity rules of a tenant over HTTP."""

from typing import Any

import pytest

from tests.api.conftest import Shop


async def test_a_tenant_begins_with_the_defaults(shop: Shop) -> None:
    rules = (await shop.call("GET", "/v1/rules")).json()

    assert rules["classes"]["email"] == "strong"
    assert rules["caps"]["unique"] == 5
    assert rules["min_confidence"] == 0.5


async def test_rules_are_replaced_whole_and_hold_at_once(shop: Shop, other_shop: Shop) -> None:
    mine = {
        "classes": {"badge": "unique"},
        "caps": {"shared": 3},
        "source_priorities": {"crm": 5},
        "phone_region": "DE",
    }
    put = await shop.call("PUT", "/v1/rules", mine)

    rules = (await shop.call("GET", "/v1/rules")).json()
    assert put.json() == rules
    assert (rules["classes"]["badge"], rules["classes"]["email"]) == ("unique", "strong")
    assert (rules["caps"]["shared"], rules["caps"]["strong"]) == (3, 5)
    assert (await other_shop.call("GET", "/v1/rules")).json()["phone_region"] is None

    await shop.call("PUT", "/v1/rules", {})
    assert "badge" not in (await shop.call("GET", "/v1/rules")).json()["classes"]
    assert await shop.count("(:AuditEntry {tenant: $tenant, action: 'rules'})") == 2


@pytest.mark.parametrize(
    "body",
    [{"classes": {"badge": "holy"}}, {"caps": {"unique": 0}}, {"min_confidence": 2}, {"colour": "blue"}],
    ids=str,
)
async def test_rules_that_make_no_sense_are_refused(shop: Shop, body: dict[str, Any]) -> None:
    assert (await shop.call("PUT", "/v1/rules", body)).status_code == 422


async def test_only_an_administrator_sees_the_rules(shop: Shop) -> None:
    key = {"X-API-Key": await shop.token("ingest", "recommend")}

    assert (await shop.client.get("/v1/rules", headers=key)).status_code == 403
