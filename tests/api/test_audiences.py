"""A marketer keeps audiences, sees about how many they are, and learns why somebody is in one or is not."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from typing import Any

import pytest_asyncio

from app.graph.database import Database
from app.settings import Settings
from app.taste.noise import REACH
from tests.api.conftest import ServeWith, Shop

AUDIENCES = "/v1/audiences"
K = 2
ENOUGH = K + 2 * REACH
"""So many are surely told of."""

COMMUNITIES = """
    MERGE (run:Run {tenant: $tenant, id: 'run'})
    SET run.active = true, run.finished_at = datetime(), run.model_version = 'plural'
    MERGE (c:TasteCommunity {tenant: $tenant, id: 'c1@run'})
    SET c.community = 'c1', c.run = 'run', c.label = 'Tea'
    MERGE (g:MicroGenre {tenant: $tenant, id: 'g1@run'})
    SET g.genre = 'g1', g.run = 'run', g.label = 'green tea'
    WITH run, c, g
    UNWIND $members AS id
    MATCH (i:Identity {tenant: $tenant, id: id})
    MERGE (i)-[m:MEMBER_OF]->(c) SET m.run = 'run', m.strength = .5
"""


@pytest_asyncio.fixture
async def fair(serve_with: ServeWith, settings: Settings, db: Database, tenant: str) -> AsyncGenerator[Shop]:
    """A shop in which few are enough."""
    async with serve_with(settings.model_copy(update={"k_look": K, "k_export": K})) as client:
        yield Shop(tenant, client, db)


async def bring(shop: Shop, ids: Sequence[str], *, purpose: str = "newsletter", reachable: str = "email") -> None:
    """Identities that consent to a purpose and are reachable."""
    rows = [{"id": id_, "kind": "personal", "reachable": [reachable]} for id_ in ids]
    assert (await shop.call("PUT", "/v1/identities", {"identities": rows})).status_code == 200
    await asyncio.gather(*(consent(shop, id_, purpose) for id_ in ids))


async def consent(shop: Shop, id_: str, purpose: str, status: str = "granted") -> None:
    answer = await shop.call("PUT", f"/v1/identities/{id_}/consents/{purpose}", {"status": status})
    assert answer.is_success, answer.text


async def put(shop: Shop, name: str = "tea", /, **fields: Any) -> dict[str, Any]:
    answer = await shop.call("PUT", f"{AUDIENCES}/{name}", {"channel": "newsletter", **fields})
    assert answer.status_code == 200, answer.text
    return answer.json()


async def why(shop: Shop, identity_id: str, name: str = "tea") -> dict[str, Any]:
    answer = await shop.call("GET", f"{AUDIENCES}/{name}/members/{identity_id}")
    assert answer.status_code == 200, answer.text
    return answer.json()


def numbered(count: int, word: str = "i") -> list[str]:
    return [f"{word}-{number:02}" for number in range(count)]


async def test_an_audience_is_kept_as_it_was_put_and_replaced_as_a_whole(shop: Shop, other_shop: Shop) -> None:
    whole: dict[str, Any] = {
        "channel": "email",
        "price_sensitivity": {"min": 0.5, "max": 0.9},
        "days_since_purchase": {"max": 90.0},
        "purchases": {"min": 2.0},
    }
    assert (await put(shop, **whole))["filter"] == whole
    assert (await shop.call("GET", f"{AUDIENCES}/tea")).json()["filter"] == whole

    await put(shop)
    [listed] = (await shop.call("GET", AUDIENCES)).json()["audiences"]
    assert (listed["name"], listed["filter"]) == ("tea", {"channel": "newsletter"})
    assert (await other_shop.call("GET", f"{AUDIENCES}/tea")).status_code == 404
    assert (await shop.call("DELETE", f"{AUDIENCES}/tea")).status_code == 204
    assert (await shop.call("DELETE", f"{AUDIENCES}/tea")).status_code == 404


async def test_what_a_filter_names_and_nobody_knows_is_told_by_its_place(shop: Shop) -> None:
    await shop.query(COMMUNITIES, members=[])
    await shop.call("PUT", "/v1/products", {"products": [{"id": "p1", "title": "Tea", "brand": "Farm"}]})
    named = {
        "communities": ["c1", "c99"],
        "microgenres": ["g99"],
        "brands": ["Farm", "Nobody's"],
        "niches": [{"brand": "Nobody's", "community": "c1"}],
    }
    answer = await shop.call("PUT", f"{AUDIENCES}/tea", {"channel": "email", **named})

    assert answer.status_code == 422
    fields = {error["field"] for error in answer.json()["errors"]}
    assert fields == {"communities.1", "microgenres.0", "brands.1", "niches.0.brand"}
    assert (await shop.call("GET", f"{AUDIENCES}/tea")).status_code == 404
    wrong: list[tuple[dict[str, Any], str]] = [
        ({}, "channel"),
        ({"channel": "fax"}, "channel"),
        ({"channel": "email", "income": 5}, "income"),
        ({"channel": "email", "purchases": {"min": 3, "max": 1}}, "purchases"),
        ({"channel": "email", "purchases": {}}, "purchases"),
    ]
    for body, field in wrong:
        answer = await shop.call("PUT", f"{AUDIENCES}/tea", body)
        assert [error["field"] for error in answer.json()["errors"]] == [field], answer.text


async def test_nothing_sensitive_is_gone_by(shop: Shop) -> None:
    await shop.query(COMMUNITIES, members=[])
    products = [{"id": "p1", "title": "Pregnancy test", "brand": "Clear"}]
    await shop.call("PUT", "/v1/products", {"products": products})

    answer = await shop.call("PUT", f"{AUDIENCES}/tea", {"channel": "paid_social", "brands": ["Clear"]})

    assert [error["field"] for error in answer.json()["errors"]] == ["brands.0"]
    assert "sensitive" in answer.json()["errors"][0]["reason"]


async def test_a_size_is_noisy_stands_for_days_and_is_none_of_few(fair: Shop) -> None:
    await bring(fair, numbered(K - 1))
    few = (await put(fair, "few"))["size"]
    assert (few["people"], few["may_be_exported"]) == (None, False)
    assert few["note"] == f"too few: at least {K} are needed to look"

    await bring(fair, numbered(ENOUGH + 5), purpose="email_marketing")
    told = (await put(fair, "many", channel="email"))["size"]
    assert abs(told["people"] - (ENOUGH + 5)) <= REACH
    assert (told["note"], told["may_be_exported"]) == (None, True)

    await bring(fair, numbered(20, "late"), purpose="email_marketing")
    again = (await put(fair, "the-same", channel="email"))["size"]
    assert again == told  # nobody is seen to arrive


async def test_so_many_filters_are_counted_and_no_more(fair: Shop) -> None:
    await bring(fair, numbered(ENOUGH))
    for number in range(30):
        assert (await put(fair, purchases={"max": 100 + number}))["size"]["people"] is not None
    beyond = (await put(fair, purchases={"max": 500}))["size"]

    assert (beyond["people"], beyond["may_be_exported"]) == (None, None)
    assert beyond["note"].startswith("30 filters were counted")
    assert (await put(fair, purchases={"max": 100}))["size"]["people"] is not None


async def test_why_not_names_consent_and_reach_and_looks_no_further(shop: Shop) -> None:
    await bring(shop, ["yes", "away", "never"])
    await shop.call("PUT", "/v1/identities", {"identities": [{"id": "away", "kind": "personal", "reachable": []}]})
    await consent(shop, "never", "newsletter", "withdrawn")
    await put(shop, purchases={"max": 5})

    assert (await why(shop, "yes"))["is_member"]
    for id_, condition in (("away", "reachable"), ("never", "consent")):
        told = await why(shop, id_)
        assert not told["is_member"]
        assert [check["condition"] for check in told["checks"] if not check["met"]] == [condition]
        assert [check["condition"] for check in told["checks"]] == ["kind", "consent", "reachable"]
    assert (await shop.call("GET", f"{AUDIENCES}/tea/members/nobody")).status_code == 404
    entries = (await shop.call("GET", "/v1/audit", params={"action": "audience_explained"})).json()["entries"]
    assert len(entries) == 3


async def test_whoever_sends_gpc_is_in_no_ads_audience(shop: Shop) -> None:
    await bring(shop, ["tom", "nora"], purpose="ads_audience")
    await put(shop, channel="paid_social")
    assert (await why(shop, "nora"))["is_member"]

    asked = {"identity_id": "nora"}
    await shop.call("POST", "/v1/recommendations", asked, headers={"Sec-GPC": "1"})
    is_member = True
    for _ in range(50):
        is_member = (await why(shop, "nora"))["is_member"]
        if is_member:
            await asyncio.sleep(0.1)

    assert not is_member
    assert (await why(shop, "tom"))["is_member"]


BOUGHT = {"event_id": "e1", "type": "purchase", "at": "2026-05-01T10:00:00Z", "lines": [{"product_id": "p1"}]}


async def test_an_identity_is_judged_by_its_own_data_and_by_each_condition(shop: Shop) -> None:
    await bring(shop, ["tom", "toms-work"])
    products = [{"id": "p1", "title": "Green tea", "brand": "Farm"}, {"id": "p2", "title": "Mug", "brand": "Kiln"}]
    await shop.call("PUT", "/v1/products", {"products": products})
    answer = await shop.call("POST", "/v1/events", {"events": [{**BOUGHT, "identity_id": "tom"}]})
    assert answer.status_code == 200, answer.text
    rows = [{"id": id_, "kind": "personal", "person_id": "thomas", "household_id": "h"} for id_ in ("tom", "toms-work")]
    assert (await shop.call("PUT", "/v1/identities", {"identities": rows})).is_success
    await shop.query(COMMUNITIES, members=["tom"])
    await shop.query(
        "MATCH (p:Product {tenant: $tenant, id: 'p1'}), (g:MicroGenre {tenant: $tenant}) "
        "MERGE (p)-[:IN_GENRE {run: 'run', weight: 1.0}]->(g)"
    )
    await shop.query(
        "MATCH (i:Identity {tenant: $tenant, id: 'tom'}), (run:Run {tenant: $tenant}) "
        "MERGE (run)-[l:LEARNED_FROM]->(i) SET l.price_n = 9, l.price_sensitivity = .6"
    )
    cases: list[tuple[dict[str, Any], dict[str, Any] | None]] = [
        ({"communities": ["c1"]}, None),
        ({"microgenres": ["g1"]}, None),
        ({"brands": ["Farm"]}, {"brands": ["Kiln"]}),
        ({"brands": ["Kiln", "Farm"]}, None),
        ({"niches": [{"brand": "Kiln", "community": "c1"}]}, {"niches": [{"brand": "Farm", "community": "c1"}]}),
        ({"price_sensitivity": {"min": 0.5}}, {"price_sensitivity": {"max": 0.5}}),
        ({"days_since_purchase": {"min": 10}}, {"days_since_purchase": {"max": 10}}),
        ({"purchases": {"min": 1}}, {"purchases": {"min": 2}}),
        ({"communities": ["c1"], "brands": ["Farm"]}, {"communities": ["c1"], "brands": ["Kiln"]}),
    ]
    for yes, no in cases:
        await put(shop, **yes)
        assert (await why(shop, "tom"))["is_member"], yes
        assert not (await why(shop, "toms-work"))["is_member"], yes
        if no:
            await put(shop, **no)
            assert not (await why(shop, "tom"))["is_member"], no
