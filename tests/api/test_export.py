"""An export holds all of an identity, and nothing of its siblings."""

import json
from typing import Any

import pytest

import app.graph.export as export_graph
from app.api.export import ExportDocument
from app.services.export import SECTIONS
from tests.api.conftest import Shop

AT = "2026-05-01T10:00:00Z"
THERE = {"time_zone": "Europe/Berlin", "reachable": ["email"]}
HOUSE = {"person_id": "tom", "account_id": "login", "household_id": "home"}
SIBLINGS = ("tom-work", "debbie", "visitor-9", "sibling-only-product", "debbie@example.com")


async def a_life(shop: Shop) -> None:
    mail = [{"type": "email", "value": "tom@example.com"}]
    rows = [
        {
            "id": "tom-home",
            "kind": "personal",
            **HOUSE,
            "identifiers": mail,
            "time_zone": "Europe/Berlin",
            "reachable": ["email"],
        },
        {"id": "tom-work", "kind": "work", **HOUSE},
        {"id": "debbie", "kind": "personal", **HOUSE, "person_id": "deb"},
    ]
    await shop.call("PUT", "/v1/identities", {"identities": rows})
    for purpose in ("personalise_content", "newsletter", "household_share", "link_identities"):
        await shop.call("PUT", f"/v1/identities/tom-home/consents/{purpose}", {"status": "granted", "proof": "form 7"})
    await shop.call("PUT", "/v1/identities/debbie/consents/household_share", {"status": "granted"})
    events = [event(f"e-{number}", "tom-home", "tea", "cup") for number in range(5)]
    events += [event("e-work", "tom-work", "sibling-only-product"), event("e-deb", "debbie", "sibling-only-product")]
    events += [event("e-visit", "visitor-9", "pot") | {"session_id": "s-9"}]
    await shop.call("POST", "/v1/events", {"events": events})
    grant = {"from": "debbie", "to": "tom-home", "purposes": ["personalise_content"], "until": "2099-01-01T00:00:00Z"}
    assert (await shop.call("POST", "/v1/grants", grant)).is_success
    await shop.call("POST", "/v1/sessions/s-9:claim", {"identity_id": "tom-home"})
    await shop.query(
        "MATCH (a:Identity {tenant: $tenant, id: 'tom-home'}), (b:Identity {tenant: $tenant, id: 'debbie'}) "
        "CREATE (a)-[:FOLLOWS {id: 'f', source: 'api'}]->(b), (b)-[:NOT_SAME_AS {id: 'n', source: 'api'}]->(a)"
    )
    await two_runs(shop)


async def two_runs(shop: Shop) -> None:
    """Two runs placed it and its sibling; the smaller community has no name that may be told."""
    await shop.query(
        """
        UNWIND ['run-1', 'run-2'] AS run
        CREATE (c:TasteCommunity {tenant: $tenant, id: 'c1@' + run, community: 'c1', run: run, label: 'Tea'}),
          (d:TasteCommunity {tenant: $tenant, id: 'c2@' + run, community: 'c2', run: run, terms: []})
        WITH run, c, d
        MATCH (tom:Identity {tenant: $tenant, id: 'tom-home'}), (deb:Identity {tenant: $tenant, id: 'debbie'}),
          (tea:Product {tenant: $tenant, id: 'tea'}), (pot:Product {tenant: $tenant, id: 'pot'})
        CREATE (tom)-[:MEMBER_OF {run: run, strength: 0.5}]->(c), (tom)-[:MEMBER_OF {run: run, strength: 0.25}]->(d),
          (deb)-[:MEMBER_OF {run: run, strength: 0.75}]->(c), (deb)-[:FOLLOWED_LIKE {run: run, weight: 9.0}]->(tea),
          (tom)-[:FOLLOWED_LIKE {run: run, weight: 1.5}]->(tea), (tom)-[:FOLLOWED_LIKE {run: run, weight: 2.5}]->(pot)
        """
    )


def event(event_id: str, identity_id: str, *product_ids: str) -> dict[str, Any]:
    lines = [{"product_id": id_, "quantity": 2, "price_paid": "8.00", "list_price": "10.00"} for id_ in product_ids]
    return {"event_id": event_id, "type": "purchase", "identity_id": identity_id, "at": AT, "lines": lines}


async def export(shop: Shop, identity_id: str = "tom-home") -> dict[str, Any]:
    answer = await shop.call("GET", f"/v1/identities/{identity_id}/export")
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "private, no-store"
    return answer.json()


@pytest.fixture(params=[2, 5000])
def pages(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export_graph, "PAGE", request.param)


@pytest.mark.usefixtures("pages")
async def test_everything_of_its_own_is_there(shop: Shop) -> None:
    await a_life(shop)
    told = await export(shop)

    assert told["identity"] == {
        "id": "tom-home",
        "kind": "personal",
        "time_zone": "Europe/Berlin",
        "reachable": ["email"],
    }
    assert {(link["type"], link["other"]) for link in told["links"]} == {
        ("HAS_IDENTITY", "tom"),
        ("USED_BY", "login"),
        ("LIVES_IN", "home"),
        ("BELONGS_TO", "home"),
        ("FOLLOWS", None),
        ("NOT_SAME_AS", None),
    }
    assert [identifier["type"] for identifier in told["identifiers"]] == ["email"]
    assert {consent["purpose"] for consent in told["consents"]} == {
        "personalise_content",
        "newsletter",
        "household_share",
        "link_identities",
    }
    assert {consent["proof"] for consent in told["consents"]} == {"form 7"}
    assert [one["id"] for one in told["interactions"]] == ["e-0", "e-1", "e-2", "e-3", "e-4", "e-visit"]
    assert [line["product_id"] for line in told["interactions"][0]["lines"]] == ["cup", "tea"]
    assert told["interactions"][0]["lines"][0] == {
        "product_id": "cup",
        "quantity": 2.0,
        "price_paid": 8.0,
        "list_price": 10.0,
        "kept": None,
        "said": None,
    }
    assert [like["product_id"] for like in told["likes"]] == ["cup", "pot", "tea"]
    assert [grant["given"] for grant in told["grants"]] == [False]
    assert [one["claim_id"] is not None for one in told["interactions"]] == [False] * 5 + [True]


@pytest.mark.usefixtures("pages")
async def test_what_was_derived_of_it_is_there_run_by_run(shop: Shop) -> None:
    await a_life(shop)
    told = await export(shop)

    assert told["memberships"] == [
        {"community_id": id_, "run": run, "label": label, "strength": strength}
        for id_, label, strength in (("c1", "Tea", 0.5), ("c2", None, 0.25))
        for run in ("run-1", "run-2")
    ]
    assert told["followed_likes"] == [
        {"product_id": id_, "run": run, "weight": weight}
        for id_, weight in (("pot", 2.5), ("tea", 1.5))
        for run in ("run-1", "run-2")
    ]


async def test_all_that_a_run_counted_and_estimated_of_it_is_there(shop: Shop) -> None:
    await a_life(shop)
    await shop.query(
        "MATCH (i:Identity {tenant: $tenant, id: 'tom-home'}) CREATE (:Run {tenant: $tenant, id: 'run-2'})"
        "-[:LEARNED_FROM {mean_weight: 1.5, purchases: 6, spend: 96.0, trend_susceptibility: 0.1, trend_n: 4}]->(i)"
    )
    told = await export(shop)
    (estimates,) = told["estimates"]

    assert told["learned_by"] == ["run-2"]
    assert {name: value for name, value in estimates.items() if value is not None} == {
        "run": "run-2",
        "mean_weight": 1.5,
        "purchases": 6,
        "spend": 96.0,
        "trend_susceptibility": 0.1,
        "trend_n": 4,
    }


async def test_it_is_as_its_schema_says(shop: Shop) -> None:
    await a_life(shop)
    told = await export(shop)
    likes = [{"id": like["product_id"], **like} for like in told["likes"]]

    document = ExportDocument.model_validate({**told, "likes": likes})

    assert json.loads(document.model_dump_json()) == told
    assert told["schema_version"] == "1"


async def test_nothing_of_siblings_is_there(shop: Shop) -> None:
    await a_life(shop)
    text = json.dumps(await export(shop))

    assert [name for name in SIBLINGS if name in text] == []


async def test_every_property_that_is_held_is_exported(shop: Shop) -> None:
    await a_life(shop)
    told = await export(shop)
    held = await shop.query(
        "MATCH (:Identity {tenant: $tenant, id: 'tom-home'})-[:DID|GAVE]->(n) UNWIND keys(n) AS key "
        "RETURN labels(n)[0] AS label, collect(DISTINCT key) AS keys"
    )
    keys = {row["label"]: set(row["keys"]) - {"tenant"} for row in held}

    assert keys["Interaction"] <= told["interactions"][0].keys()
    assert keys["Consent"] <= told["consents"][0].keys()


async def test_an_export_is_audited_and_for_admins(shop: Shop, other_shop: Shop) -> None:
    await a_life(shop)
    await export(shop)
    log = (await shop.call("GET", "/v1/audit?action=export&identity_id=tom-home")).json()
    assert len(log["entries"]) == 1

    key = {"X-API-Key": await shop.token("ingest", "recommend")}
    path = "/v1/identities/tom-home/export"
    assert (await shop.client.get(path, headers=key)).status_code == 403
    assert (await other_shop.call("GET", path)).status_code == 404
    assert (await other_shop.call("GET", "/v1/audit?action=export")).json()["entries"] == []


async def test_an_empty_identity_is_exported_too(shop: Shop) -> None:
    await shop.call("PUT", "/v1/identities", {"identities": [{"id": "tom-home", "kind": "personal"}]})
    told = await export(shop)

    assert [told[name] for name in ("links", *SECTIONS)] == [[]] * 8
