"""A shop tries scenarios against each other; identities stay in their arms, and results are of nobody in particular."""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
import pytest_asyncio

from app.domain.keys import KeyRequest
from app.graph.audit import AuditTrail
from app.graph.database import Database
from app.graph.experiments import ExperimentGraph
from app.settings import Settings
from app.taste.noise import REACH
from tests.api.conftest import ServeWith, Shop
from tests.graph.shop import HASHER

ASK = "/v1/recommendations"
K = 2
ENOUGH = K + 2 * REACH
NOW = datetime.now(UTC).replace(microsecond=0)
ENDS = (NOW + timedelta(days=30)).isoformat()
SHELVES = {"home": "tea", "home-new": "mug"}
ARMS = [{"name": "as it is", "scenario": "home"}, {"name": "new", "scenario": "home-new"}]
ALL = ("personalise_content", "measurement")


@pytest_asyncio.fixture
async def lab(serve_with: ServeWith, settings: Settings, db: Database, tenant: str) -> AsyncGenerator[Shop]:
    """A shop with two shelves, in which few are enough and a count stands for no time."""
    small = {"k_look": K, "k_export": K, "experiment_hours": 1e-9}
    async with serve_with(settings.model_copy(update=small)) as client:
        shop = Shop(tenant, client, db)
        products = [{"id": id_, "title": id_.title(), "price": "4.50 EUR"} for id_ in ("tea", "mug", "pot")]
        await shop.call("PUT", "/v1/products", {"products": products})
        for name, first in SHELVES.items():
            await shop.call("PUT", f"/v1/scenarios/{name}", {"pins": [{"product_id": first, "place": 1}]})
        yield shop


async def put(shop: Shop, id_: str = "trial", status: int = 200, **fields: Any) -> dict[str, Any]:
    body = {"scenario": "home", "arms": ARMS, "ends_at": ENDS, **fields}
    answer = await shop.call("PUT", f"/v1/experiments/{id_}", body)
    assert answer.status_code == status, answer.text
    return answer.json()


async def look(shop: Shop, id_: str = "trial") -> dict[str, Any]:
    answer = await shop.call("GET", f"/v1/experiments/{id_}")
    assert answer.status_code == 200, answer.text
    return answer.json()


async def consent(shop: Shop, who: str, *purposes: str, status: str = "granted") -> None:
    for purpose in purposes:
        await shop.call("PUT", f"/v1/identities/{who}/consents/{purpose}", {"status": status})


async def bring(shop: Shop, *ids: str, purposes: tuple[str, ...] = ALL, kind: str = "personal") -> None:
    rows = [{"id": id_, "kind": kind} for id_ in ids]
    await shop.call("PUT", "/v1/identities", {"identities": rows})
    await asyncio.gather(*(consent(shop, id_, *purposes) for id_ in ids))


async def first_of(shop: Shop, who: str, scenario: str = "home") -> tuple[str, str]:
    """What stands first on somebody's shelf, and the decision."""
    answer = (await shop.call("POST", ASK, {"identity_id": who, "scenario": scenario, "limit": 2})).json()
    return answer["items"][0]["product_id"], answer["decision_id"]


async def logged(shop: Shop, decision_id: str) -> dict[str, Any]:
    for _ in range(200):
        rows = await shop.query(
            "MATCH (d:Decision {tenant: $tenant, id: $id}) RETURN properties(d) AS kept", id=decision_id
        )
        if rows:
            return rows[0]["kept"]
        await asyncio.sleep(0.05)
    raise AssertionError("the decision was never written")


async def ages(shop: Shop, days: float) -> None:
    """Let what is there be of some days ago."""
    await shop.query(
        "MATCH (d:Decision {tenant: $tenant}) SET d.at = d.at - duration({seconds: toInteger($s)})", s=days * 86400
    )
    begins = (NOW - timedelta(days=days + 1)).isoformat()
    for row in await shop.query("MATCH (e:Experiment {tenant: $tenant}) RETURN e.id AS id, e.fixed AS fixed"):
        fixed = json.dumps({**json.loads(row["fixed"]), "starts_at": begins}, sort_keys=True)
        set_it = "MATCH (e:Experiment {tenant: $tenant, id: $id}) SET e.fixed = $fixed"
        await shop.query(set_it, id=row["id"], fixed=fixed)


async def test_questions_that_name_the_scenario_are_answered_by_the_arms_and_stay_there(lab: Shop) -> None:
    who = [f"i{number}" for number in range(24)]
    assert {(await first_of(lab, one))[0] for one in who} == {"tea"}

    assert (await put(lab))["state"] == "running"

    shown = {one: (await first_of(lab, one))[0] for one in who}
    assert set(Counter(shown.values())) == {"tea", "mug"}
    assert {one: (await first_of(lab, one))[0] for one in who} == shown
    assert {(await first_of(lab, one, "home-new"))[0] for one in who} == {"mug"}

    assert (await lab.call("DELETE", "/v1/experiments/trial")).status_code == 204
    assert {(await first_of(lab, one))[0] for one in who} == {"tea"}


async def test_the_arm_is_logged_where_the_identity_consents_and_nowhere_else(lab: Shop) -> None:
    await put(lab)
    await bring(lab, "tom")
    await bring(lab, "eve", purposes=())

    _, toms = await first_of(lab, "tom")
    _, hers = await first_of(lab, "eve")

    kept = await logged(lab, toms)
    assert (kept["experiment"], kept["arm"] in ("as it is", "new"), "tom" in kept["unit"]) == ("trial", True, False)
    assert kept["scenario"] == {"as it is": "home", "new": "home-new"}[kept["arm"]]
    assert "arm" not in await logged(lab, hers)
    [held] = [one for one in await exported(lab, "tom") if one["id"] == toms]
    assert (held["experiment"], held["arm"]) == ("trial", kept["arm"])


async def exported(shop: Shop, who: str) -> list[dict[str, Any]]:
    answer = await shop.call("GET", f"/v1/identities/{who}/export")
    return answer.json()["decisions"]


async def test_decisions_take_part_as_recommendations_do(lab: Shop) -> None:
    await put(lab)
    await bring(lab, "tom")
    await lab.call("PUT", "/v1/creatives", {"creatives": [{"id": "any", "channels": ["web"], "headline": "Now"}]})
    asked = {"identity_id": "tom", "channel": "web", "scenario": "home"}

    answer = (await lab.call("POST", "/v1/decisions", asked)).json()

    kept = await logged(lab, answer["decision_id"])
    assert (kept["experiment"], kept["product_ids"][0]) == ("trial", (await first_of(lab, "tom"))[0])


async def test_what_is_held_out_is_answered_as_if_there_were_no_experiment(lab: Shop) -> None:
    arms = [{"name": "b", "scenario": "home-new"}, {"name": "c", "scenario": "home-new"}]
    await put(lab, arms=arms, hold_out=0.5)
    await bring(lab, *(f"i{number}" for number in range(12)))

    for number in range(12):
        first, decision_id = await first_of(lab, f"i{number}")
        assert first == ("tea" if (await logged(lab, decision_id))["arm"] == "hold_out" else "mug")


async def test_whom_identifiers_or_a_session_name_takes_no_part(lab: Shop) -> None:
    await put(lab)
    for asked in ({"session_id": "s"}, {"identifiers": [{"type": "email", "value": "tom@example.com"}]}, {}):
        answers = [(await lab.call("POST", ASK, {"scenario": "home", **asked})).json() for _ in range(8)]
        assert {one["items"][0]["product_id"] for one in answers} == {"tea"}


async def test_siblings_arms_have_nothing_to_do_with_each_other_unless_the_household_is_asked_and_consents(
    lab: Shop,
) -> None:
    await put(lab, unit="household")
    who = [f"member{number}" for number in range(10)]
    await bring(lab, *who, purposes=(*ALL, "household_share"))
    await bring(lab, "home", kind="household")
    alone = {one: (await first_of(lab, one))[0] for one in who}
    assert len(set(alone.values())) == 2

    until = (NOW + timedelta(days=30)).isoformat()
    for one in who:
        grant = {"from": one, "to": "home", "purposes": ["personalise_content"], "until": until}
        answer = await lab.call("POST", "/v1/grants", grant)
        assert answer.is_success, answer.text

    together = {(await first_of(lab, one))[0] for one in (*who, "home")}
    assert len(together) == 1
    await asyncio.gather(*(consent(lab, one, "household_share", status="withdrawn") for one in who))
    assert {one: (await first_of(lab, one))[0] for one in who} == alone


async def test_results_are_of_units_whose_days_are_over_with_noise_and_k(lab: Shop) -> None:
    await put(lab, metric="bought")
    who = [f"i{number}" for number in range(60)]
    await bring(lab, *who)
    shown = {one: await first_of(lab, one) for one in who}
    await asyncio.gather(*(logged(lab, decision_id) for _, decision_id in shown.values()))
    assert [one["people"] for one in (await look(lab))["results"]["arms"]] == [None, None]

    await ages(lab, 8)
    bought = (NOW - timedelta(days=7)).isoformat()
    events = [
        {"event_id": f"buys-{one}", "type": "purchase", "identity_id": one, "at": bought, "order_id": f"o-{one}"}
        | {"lines": [{"product_id": "tea"}]}
        for one, (first, _) in shown.items()
        if first == "mug"
    ]
    assert (await lab.call("POST", "/v1/events", {"events": events})).json()["accepted"] == len(events)

    results = (await look(lab))["results"]
    counts = Counter("new" if first == "mug" else "as it is" for first, _ in shown.values())
    for arm in results["arms"]:
        if counts[arm["arm"]] >= ENOUGH:
            assert abs(arm["people"] - counts[arm["arm"]]) <= REACH
    [compared] = results["comparisons"]
    assert (compared["arm"], compared["than"]) == ("new", "as it is")
    rates = {one["arm"]: one["rate"]["value"] for one in results["arms"] if one["rate"]}
    assert rates["new"] > rates["as it is"]
    assert compared["difference"]["low"] < compared["difference"]["value"] <= compared["difference"]["high"]
    assert results["split"] == "as_planned"


async def counted(shop: Shop) -> dict[str, tuple[int, int]]:
    """Exact numbers, past the noise: units and takers by arm."""
    store = ExperimentGraph(shop.db, AuditTrail(HASHER))
    [experiment] = await store.read(shop.tenant, "trial")
    found = await store.read_outcomes(shop.tenant, experiment, datetime.now(UTC), NOW - timedelta(days=7))
    arms: dict[str, tuple[int, int]] = {}
    for one in found.values():
        shown, took = arms.get(one.arm, (0, 0))
        arms[one.arm] = (shown + 1, took + one.took)
    return arms


@pytest_asyncio.fixture
async def toms(lab: Shop) -> tuple[Shop, str, str]:
    """Tom's arm and decision in an experiment about clicks."""
    await put(lab, metric="clicked")
    await bring(lab, "tom")
    _, decision_id = await first_of(lab, "tom")
    return lab, (await logged(lab, decision_id))["arm"], decision_id


async def happens(shop: Shop, id_: str, **event: Any) -> None:
    row = {"event_id": id_, "at": datetime.now(UTC).isoformat(), **event}
    report = (await shop.call("POST", "/v1/events", {"events": [row]})).json()
    assert (report["accepted"], report["errors"]) == (1, [])


async def test_a_click_of_a_browser_that_cannot_name_anybody_counts_for_whom_the_decision_was(
    toms: tuple[Shop, str, str],
) -> None:
    shop, arm, decision_id = toms
    assert await counted(shop) == {arm: (1, 0)}

    await happens(shop, "c", type="click", session_id="s", decision_id=decision_id)

    assert await counted(shop) == {arm: (1, 1)}


async def test_whoever_takes_consent_back_or_is_erased_is_in_no_number_any_more(toms: tuple[Shop, str, str]) -> None:
    shop, arm, _ = toms
    await consent(shop, "tom", "measurement", status="withdrawn")
    assert await counted(shop) == {}
    await consent(shop, "tom", "measurement")
    assert await counted(shop) == {arm: (1, 0)}

    await shop.call("DELETE", "/v1/identities/tom")

    assert await counted(shop) == {}
    assert await shop.count("(d:Decision {tenant: $tenant, experiment: 'trial'})") == 0


async def test_a_purchase_that_went_back_is_none(lab: Shop) -> None:
    await put(lab)
    await bring(lab, "tom")
    arm = (await logged(lab, (await first_of(lab, "tom"))[1]))["arm"]
    tea = {"identity_id": "tom", "order_id": "o", "lines": [{"product_id": "tea"}]}
    await happens(lab, "buys", type="purchase", **tea)
    await happens(lab, "again", type="purchase", **tea)
    assert await counted(lab) == {arm: (1, 1)}

    await happens(lab, "back", type="refund", **tea)

    assert await counted(lab) == {arm: (1, 0)}


async def test_numbers_stand_for_a_day(lab: Shop, serve_with: ServeWith, settings: Settings) -> None:
    async with serve_with(settings.model_copy(update={"k_look": K})) as client:
        shop = Shop(lab.tenant, client, lab.db)
        await put(shop)
        before = (await look(shop))["results"]
        assert (await look(shop))["results"] == before
        await lab.query("MATCH (c:ExperimentCount {tenant: $tenant}) SET c.at = c.at - duration({days: 1})")
        assert (await look(shop))["results"]["counted_at"] != before["counted_at"]


async def test_only_the_end_may_change_and_one_experiment_is_on_a_scenario(lab: Shop) -> None:
    first = await put(lab)
    await put(lab, status=409, hold_out=0.1)
    await put(lab, "another", status=409)
    sooner = (NOW + timedelta(days=3)).isoformat()

    again = await put(lab, ends_at=sooner)
    there = (NOW + timedelta(days=3)).astimezone(timezone(timedelta(hours=9))).isoformat()
    begun = datetime.fromisoformat(first["plan"]["starts_at"]).astimezone(timezone(timedelta(hours=9))).isoformat()
    assert (await put(lab, starts_at=begun, ends_at=there))["plan"] == again["plan"]

    assert again["plan"]["starts_at"] == first["plan"]["starts_at"]
    assert datetime.fromisoformat(again["plan"]["ends_at"]) == NOW + timedelta(days=3)
    later = (NOW + timedelta(days=4)).isoformat()
    await put(lab, "another", starts_at=later)
    await put(lab, status=409)


@pytest.mark.parametrize(
    ("fields", "where"),
    [
        ({"scenario": "nowhere"}, "scenario"),
        ({"arms": [ARMS[0], {"name": "b", "scenario": "nowhere"}]}, "arms.1.scenario"),
        ({"arms": [ARMS[0], ARMS[0]]}, "arms"),
        ({"arms": ARMS[:1]}, "arms"),
        ({"arms": [ARMS[0], {"name": "hold_out", "scenario": "home"}]}, "arms"),
        ({"ends_at": (NOW + timedelta(days=84)).isoformat()}, "ends_at"),
        ({"ends_at": (NOW - timedelta(days=1)).isoformat()}, "ends_at"),
        ({"starts_at": (NOW - timedelta(days=1)).isoformat()}, "starts_at"),
        ({"starts_at": "9999-12-31T00:00:00-14:00", "ends_at": "9999-12-31T23:00:00-14:00"}, "starts_at"),
        ({"ends_at": "0001-01-01T00:00:00+14:00"}, "ends_at"),
    ],
)
async def test_what_cannot_be_is_refused_with_its_place(lab: Shop, fields: dict[str, Any], where: str) -> None:
    refused = await put(lab, status=422, **fields)

    assert any(error["field"].startswith(where) for error in refused["errors"]), refused


async def test_a_scenario_that_went_away_leaves_its_arm_to_the_one_that_was_asked_for(lab: Shop) -> None:
    await put(lab)
    assert (await lab.call("DELETE", "/v1/scenarios/home-new")).status_code == 204

    assert {(await first_of(lab, f"i{number}"))[0] for number in range(12)} == {"tea"}


async def test_another_tenants_experiment_is_none_of_ours(lab: Shop) -> None:
    await put(lab)
    other = Shop(f"{lab.tenant}-other", lab.client, lab.db)

    assert (await other.call("GET", "/v1/experiments/trial")).status_code == 404
    assert (await other.call("DELETE", "/v1/experiments/trial")).status_code == 404
    assert (await other.call("GET", "/v1/experiments")).json() == {"experiments": []}


async def test_a_key_of_insight_reads_and_does_not_write(lab: Shop) -> None:
    await put(lab)
    token = (await lab.issue(KeyRequest(("insight",)))).token
    key = {"X-API-Key": token}

    assert (await lab.client.get("/v1/experiments/trial", headers=key)).status_code == 200
    assert (await lab.client.delete("/v1/experiments/trial", headers=key)).status_code == 403
