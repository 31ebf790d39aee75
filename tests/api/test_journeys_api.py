"""Journeys over HTTP and in the terminal: lanes with their stages, crossings as evidence."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from app.cli.journey import MARKS, write_lane
from app.cli.main import app
from app.domain.journeys import STAGES, step
from tests.api.conftest import Shop
from tests.graph.conftest import command_line
from tests.graph.taste import Taste
from tests.graph.test_journeys_job import lived, publish

__all__ = ("command_line", "lived")

WORK, HOME = "tom-work", "tom-home"


def ago(days: float) -> str:
    return (datetime.now(UTC) - timedelta(days=days)).isoformat()


def event(type_: str, identity_id: str, days: float, product: str = "tea") -> dict[str, Any]:
    id_ = f"{type_}-{identity_id}-{days}"
    return {
        "event_id": id_,
        "type": type_,
        "identity_id": identity_id,
        "at": ago(days),
        "lines": [{"product_id": product}],
        **({"order_id": id_} if type_ == "purchase" else {}),
    }


@pytest.fixture
async def tom(shop: Shop) -> Shop:
    """Tom buys at home every week, and what he saw at work."""
    products = [{"id": id_, "title": f"Best {id_}"} for id_ in ("tea", "mug")]
    people = [
        {"id": WORK, "kind": "work", "person_id": "tom"},
        {"id": HOME, "kind": "personal", "person_id": "tom", "household_id": "home"},
    ]
    events = [
        *(event("purchase", HOME, days) for days in (29, 22, 15, 8, 1)),
        event("view", WORK, 5, "mug"),
        event("purchase", HOME, 3, "mug"),
    ]
    for path, body in (
        ("products", {"products": products}),
        ("identities", {"identities": people}),
        ("events", {"events": events}),
    ):
        answer = await shop.call("POST" if path == "events" else "PUT", f"/v1/{path}", body)
        assert answer.is_success, answer.text
    return shop


async def consent(shop: Shop, status: str, *ids: str) -> None:
    for id_ in ids:
        answer = await shop.call("PUT", f"/v1/identities/{id_}/consents/link_identities", {"status": status})
        assert answer.is_success, answer.text


async def get(shop: Shop, path: str) -> Any:
    answer = await shop.call("GET", path)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def typed(*words: str) -> str:
    result = await asyncio.to_thread(CliRunner().invoke, app, list(words))
    assert result.exit_code == 0, result.output
    return result.stdout


async def test_lanes_stand_side_by_side_and_cross_when_both_consent(tom: Shop) -> None:
    alone = await get(tom, "/v1/persons/tom/journeys")
    await consent(tom, "granted", WORK, HOME)
    found = await get(tom, "/v1/persons/tom/journeys")

    assert [(lane["identity_id"], lane["kind"], lane["stage"]) for lane in found["lanes"]] == [
        (HOME, "personal", "habit"),
        (WORK, "work", "first_seen"),
    ]
    assert [(step["stage"], step["since"]) for step in found["lanes"][0]["steps"]] == [
        ("first_seen", ago(29)[:10]),
        ("first_purchase", ago(29)[:10]),
        ("habit", ago(15)[:10]),
    ]
    assert (found["horizon_days"], found["as_of"], found["is_complete"]) == (60, ago(0)[:10], True)
    (crossing,) = found["crossings"]
    assert (crossing["kind"], crossing["from_id"], crossing["to_id"]) == ("hand_over", WORK, HOME)
    assert (crossing["product_id"], crossing["title"]) == ("mug", "Best mug")
    assert alone["crossings"] == []
    assert [lane["steps"] for lane in alone["lanes"]] == [lane["steps"] for lane in found["lanes"]]
    await consent(tom, "withdrawn", WORK)
    assert (await get(tom, "/v1/persons/tom/journeys"))["crossings"] == []


async def test_a_household_has_the_lanes_of_all_who_live_in_it(tom: Shop) -> None:
    people = [
        {"id": "tom-home", "kind": "personal", "person_id": "tom", "account_id": "login", "household_id": "home"},
        {"id": "ann", "kind": "personal", "person_id": "ann", "account_id": "login", "household_id": "home"},
    ]
    assert (await tom.call("PUT", "/v1/identities", {"identities": people})).is_success

    found = await get(tom, "/v1/households/home/journeys")
    assert {lane["identity_id"] for lane in found["lanes"]} >= {"ann", HOME}
    assert [lane["stage"] for lane in found["lanes"] if lane["identity_id"] == "ann"] == [None]


async def test_nobody_but_an_admin_sees_journeys_and_of_nobody_there_are_none(tom: Shop) -> None:
    for path in ("/v1/persons/tom/journeys", "/v1/households/home/journeys"):
        key = {"X-API-Key": await tom.token("insight", "insight:members", "recommend", "ingest")}
        assert (await tom.call("GET", path, headers=key)).status_code == 403
    for path in ("/v1/persons/nobody/journeys", "/v1/households/tom/journeys"):
        assert (await tom.call("GET", path)).status_code == 404


async def test_erasing_one_identity_leaves_the_lane_of_the_other(tom: Shop) -> None:
    await consent(tom, "granted", WORK, HOME)
    before = await get(tom, "/v1/persons/tom/journeys")
    assert (await tom.call("DELETE", f"/v1/identities/{WORK}")).is_success

    after = await get(tom, "/v1/persons/tom/journeys")
    assert after["lanes"] == [lane for lane in before["lanes"] if lane["identity_id"] == HOME]
    assert after["crossings"] == []


async def test_the_terminal_draws_lanes(command_line: Path, tom: Shop) -> None:
    await consent(tom, "granted", WORK)
    told = await typed("journey", "tom", "--tenant", tom.tenant)

    for words in ("lines side by side", HOME, "work", "habit", MARKS["habit"] * 10, "Gone: no purchase in 60 days"):
        assert words in told, words
    assert f"link_identities: {HOME}." in told
    assert "No line crosses another" in told
    await consent(tom, "granted", HOME)
    assert "Best mug" in await typed("journey", "tom", "--tenant", tom.tenant)
    assert HOME in await typed("journey", "home", "--tenant", tom.tenant)
    as_json = json.loads((await typed("journey", "tom", "--tenant", tom.tenant, "--json")).splitlines()[-1])
    assert [lane["stage"] for lane in as_json["lanes"]] == ["habit", "first_seen"]
    assert as_json["lanes"][0]["steps"][0]["since"] == ago(29)[:10]
    nobody = await asyncio.to_thread(CliRunner().invoke, app, ["journey", "nobody", "--tenant", tom.tenant])
    assert nobody.exit_code == 1


def test_a_lane_is_drawn_by_the_stage_that_began_last() -> None:
    begin = datetime(1970, 1, 1, tzinfo=UTC).date()
    steps = [step("first_seen", 2), step("first_purchase", 2), step("habit", 5)]

    assert write_lane(steps, begin, begin + timedelta(days=9), 10) == "  111█████"
    assert write_lane(steps, begin, begin + timedelta(days=9), 5) == " 1███"
    assert write_lane((), begin, begin, 3) == "   "
    assert list(MARKS) == list(STAGES)


async def test_figures_are_told_of_the_shop_and_of_a_community(shop: Shop, lived: Taste) -> None:
    assert await get(shop, "/v1/journeys") == {"published": None}
    assert await get(shop, "/v1/communities/c1/journeys") == {"community_id": "c1", "published": None}
    await publish(lived)
    whole = (await get(shop, "/v1/journeys"))["published"]
    part = (await get(shop, "/v1/communities/c1/journeys"))["published"]

    for told in (whole, part):
        assert [one["stage"] for one in told["stages"]] == list(STAGES)
        first = next(one for one in told["stages"] if one["stage"] == "first_purchase")
        habit = next(one for one in first["next_stage"] if one["stage"] == "habit")
        assert habit["chance"]["low"] <= 0.6 <= habit["chance"]["high"]
        assert habit["median_days"]["value"] == pytest.approx(14, abs=0.5)
        assert told["measure"] == "association"
        assert "not a cause" in told["reason"]
    small = (await get(shop, "/v1/communities/c2/journeys"))["published"]
    assert (small["people"], small["stages"]) == (None, [])
    assert (await shop.call("GET", "/v1/communities/c9/journeys")).status_code == 404
    key = {"X-API-Key": await shop.token("insight")}
    assert (await shop.call("GET", "/v1/journeys", headers=key)).status_code == 200


async def test_the_terminal_says_what_comes_next(command_line: Path, lived: Taste) -> None:
    tenant = lived.shop.tenant
    assert "Nothing was published yet" in await typed("journey", "--tenant", tenant)
    await lived.draws()
    assert "what came next" not in await typed("community", "c1", "--tenant", tenant)
    await publish(lived)

    for words in (("journey",), ("community", "c1")):
        told = await typed(*words, "--tenant", tenant)
        assert "what came next" in told
        assert "habit 6" in told or "habit 5" in told
        assert "not a cause" in told
    as_json = json.loads((await typed("journey", "--tenant", tenant, "--json")).splitlines()[-1])
    assert [one["stage"] for one in as_json["published"]["flows"]["stages"]] == list(STAGES)
    of_one = json.loads((await typed("community", "c1", "--tenant", tenant, "--json")).splitlines()[-1])
    assert of_one["journeys"]["flows"]["people"]
