"""A merchandiser changes a shelf by its name, without a release of the shop."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import pytest_asyncio

from app.graph.database import Database
from app.jobs.refresh import refresh
from app.settings import Settings
from tests.api.conftest import ORIGIN, Shop

ASK = "/v1/recommendations"
HOME = "/v1/scenarios/home"


@pytest_asyncio.fixture(scope="session")
async def market(client: Any, db: Database, settings: Settings) -> Shop:
    """Eight who bought apples, pears and cheese, most of them apples; soap, which nobody bought; a run."""
    shop = Shop("market-of-scenarios", client, db)
    ids = ["apples", "pears", "cheese", "soap"]
    products = [{"id": one, "title": one.title(), "brand": "Farm" if one != "soap" else "Bubble"} for one in ids]
    bought = {f"n{n}": [{"product_id": one} for one in ids[: 1 + n % 3]] for n in range(8)}
    at = "2026-11-01T10:00:00Z"
    events = [
        {"event_id": who, "type": "purchase", "identity_id": who, "at": at, "lines": lines}
        for who, lines in bought.items()
    ]
    await shop.call("PUT", "/v1/products", {"products": products})
    await shop.call("POST", "/v1/events", {"events": events})
    for who in bought:
        await shop.call("PUT", f"/v1/identities/{who}/consents/model_training", {"status": "granted"})
    await refresh(db, settings, shop.tenant)
    return shop


async def shown(shop: Shop, **question: Any) -> list[str]:
    response = await shop.call("POST", ASK, question)
    assert response.status_code == 200, response.text
    return [item["product_id"] for item in response.json()["items"]]


async def test_a_question_is_answered_as_its_scenario_says(market: Shop) -> None:
    rule = {"field": "brand", "values": ["Farm"], "action": "exclude"}
    put = await market.call("PUT", HOME, {"rules": [rule], "limit": 3})

    assert put.status_code == 200
    assert put.json()["fields"] == {"rules": [rule], "limit": 3}
    assert await shown(market, scenario="home") == ["soap"]
    assert len(await shown(market)) == 4


async def test_the_questions_own_fields_win(market: Shop) -> None:
    await market.call("PUT", HOME, {"limit": 1})

    assert len(await shown(market, scenario="home")) == 1
    assert len(await shown(market, scenario="home", limit=2)) == 2


async def test_the_next_question_follows_a_change(market: Shop) -> None:
    await market.call("PUT", HOME, {"pins": [{"product_id": "soap"}]})
    assert (await shown(market, scenario="home"))[0] == "soap"

    await market.call("PUT", HOME, {"pins": [{"product_id": "cheese"}]})
    assert (await shown(market, scenario="home"))[0] == "cheese"


async def test_a_pinned_product_has_its_place_and_says_so(market: Shop) -> None:
    response = await market.call("POST", ASK, {"pins": [{"product_id": "soap", "place": 2}], "explain": True})
    first, second, *_ = response.json()["items"]

    assert first["source"] != "pinned"
    assert (second["product_id"], second["title"], second["brand"]) == ("soap", "Soap", "Bubble")
    assert (second["rank"], second["source"], second["propensity"]) == (2, "pinned", 1)
    assert [reason["code"] for reason in second["reasons"]] == ["picked_by_the_shop"]


async def test_a_variant_of_what_is_pinned_takes_no_other_place(shop: Shop) -> None:
    sizes = [{"id": f"tee-{size}", "title": f"Tee {size}", "item_group_id": "tee"} for size in "sml"]
    await shop.call("PUT", "/v1/products", {"products": [*sizes, {"id": "mug", "title": "Mug"}]})

    assert await shown(shop, pins=[{"product_id": "tee-m", "place": 2}]) == ["mug", "tee-m"]
    assert len(await shown(shop, pins=[{"product_id": "tee-m"}], variants="all")) == 4


async def test_a_pin_whose_time_is_over_or_not_come_is_passed_over(market: Shop) -> None:
    now = datetime.now(UTC)
    over = {"product_id": "soap", "valid_until": (now - timedelta(hours=1)).isoformat()}
    early = {"product_id": "soap", "valid_from": (now + timedelta(hours=1)).isoformat()}

    for pin in (over, early):
        response = await market.call("POST", ASK, {"pins": [pin]})
        assert "pinned" not in {item["source"] for item in response.json()["items"]}


async def test_the_log_knows_the_scenario_and_what_was_pinned(market: Shop) -> None:
    await market.call("PUT", HOME, {"pins": [{"product_id": "soap"}]})
    decision_id = (await market.call("POST", ASK, {"scenario": "home"})).json()["decision_id"]

    rows: list[dict[str, Any]] = []
    while not rows:  # it is written a moment later
        rows = await market.query("MATCH (d:Decision {tenant: $tenant, id: $id}) RETURN d", id=decision_id)
    assert rows[0]["d"]["scenario"] == "home"
    assert rows[0]["d"]["sources"][0] == "pinned"


async def test_a_page_asks_by_the_name_too(market: Shop) -> None:
    await market.call("PUT", HOME, {"limit": 1})
    key = {"X-API-Key": await market.token("browser"), "Origin": ORIGIN}

    response = await market.client.post(ASK, json={"scenario": "home"}, headers=key)

    assert len(response.json()["items"]) == 1


async def test_an_unknown_name_is_404_whoever_asks(market: Shop, other_shop: Shop) -> None:
    await other_shop.call("PUT", "/v1/scenarios/theirs", {"limit": 1})

    for name in ("theirs", "nothing"):
        assert (await market.call("POST", ASK, {"scenario": name})).status_code == 404
        assert (await market.call("GET", f"/v1/scenarios/{name}")).status_code == 404
        assert (await market.call("DELETE", f"/v1/scenarios/{name}")).status_code == 404


async def test_scenarios_are_listed_read_and_deleted(shop: Shop) -> None:
    for name in ("home", "cart"):
        await shop.call("PUT", f"/v1/scenarios/{name}", {"diversity": 0.5})
    listed = (await shop.call("GET", "/v1/scenarios")).json()["scenarios"]

    assert [one["name"] for one in listed] == ["cart", "home"]
    assert (await shop.call("GET", HOME)).json() == listed[1]
    assert (await shop.call("DELETE", HOME)).status_code == 204
    assert (await shop.call("GET", HOME)).status_code == 404


@pytest.mark.parametrize(
    "body",
    [
        {"identity_id": "tom"},
        {"exclude": ["p"]},
        {"pins": [{"product_id": "p", "place": 0}]},
        {"pins": [{"product_id": "p", "valid_from": "2026-12-02T00:00:00Z", "valid_until": "2026-12-01T00:00:00Z"}]},
        {"rules": [{"field": "brand", "values": ["x"], "action": "boost"}]},
        {"sources": ["pinned"]},
    ],
    ids=["a subject", "an exclusion", "place 0", "ends before it begins", "a boost without a factor", "no source"],
)
async def test_a_scenario_that_makes_no_sense_is_refused(shop: Shop, body: dict[str, Any]) -> None:
    response = await shop.call("PUT", HOME, body)

    assert response.status_code == 422
    assert response.json()["errors"]


async def test_who_changed_a_scenario_is_in_the_audit_log(shop: Shop) -> None:
    await shop.call("PUT", HOME, {})
    await shop.call("DELETE", HOME)

    entries = (await shop.call("GET", "/v1/audit")).json()["entries"]
    assert [one["action"] for one in entries][:2] == ["scenario_deleted", "scenario_put"]
