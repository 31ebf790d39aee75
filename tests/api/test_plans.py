"""A marketer plans who of an audience is contacted with what: counts first, then lines that leave or are taken back."""

import asyncio
import csv
import json
import re
import shlex
from collections.abc import AsyncGenerator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
import pytest_asyncio
from typer.testing import CliRunner

from app.cli.main import app
from app.domain import clock
from app.graph.database import Database
from app.settings import Settings
from app.taste.noise import REACH
from tests.api.conftest import ServeWith, Shop
from tests.api.test_audiences import COMMUNITIES, ENOUGH, K, bring, consent, numbered, put
from tests.api.test_decide import put_creatives
from tests.graph.conftest import command_line

__all__ = ("command_line",)

PLANS = "/v1/plans"
ALL = numbered(ENOUGH + 8)
PRODUCTS = [
    {"id": "tea", "title": "Tea", "price": "4.50 EUR", "link": "https://a.example/tea"},
    {"id": "mug", "title": "Mug", "price": "9.00 EUR"},
    {"id": "pot", "title": "Pot", "price": "30.00 EUR"},
]
TEMPLATE = {"id": "block", "headline": "{product.title} for {product.price}"}


@pytest_asyncio.fixture
async def fair(serve_with: ServeWith, settings: Settings, db: Database, tenant: str) -> AsyncGenerator[Shop]:
    """A shop in which few are enough: three products, a block for each, an audience that all of it are in."""
    async with serve_with(settings.model_copy(update={"k_look": K, "k_export": K})) as client:
        shop = Shop(tenant, client, db)
        await shop.call("PUT", "/v1/products", {"products": PRODUCTS})
        await put_creatives(shop, TEMPLATE)
        await bring(shop, ALL)
        await put(shop)
        yield shop


async def plan(shop: Shop, status: int = 200, **fields: Any) -> dict[str, Any]:
    named = {} if {"audience", "identity_ids"} & fields.keys() else {"audience": "tea"}
    answer = await shop.call("POST", PLANS, {**named, **fields})
    assert answer.status_code == status, answer.text
    return answer.json()


async def freeze(shop: Shop, **fields: Any) -> str:
    made = await plan(shop, dry_run=False, **fields)
    assert made["state"] == "frozen"
    return made["id"]


async def leave(shop: Shop, plan_id: str, mode: str = "delta", status: int = 200) -> dict[str, Any]:
    answer = await shop.call("POST", f"{PLANS}/{plan_id}:export", {"mode": mode})
    assert answer.status_code == status, answer.text
    return answer.json()


def whom(export: dict[str, Any], action: str = "add") -> set[str | None]:
    return {line["identity_id"] for line in export["lines"] if line["action"] == action}


def line_of(export: dict[str, Any], identity_id: str | None) -> dict[str, Any]:
    [line] = [line for line in export["lines"] if line["identity_id"] == identity_id]
    return line


async def why_not(shop: Shop, who: str, channel: str = "newsletter") -> str | None:
    decided = (await shop.call("POST", "/v1/decisions", {"identity_id": who, "channel": channel})).json()
    return next((one["code"] for one in decided["why_not"] if one["creative_id"] is None), None)


async def test_a_dry_run_says_about_how_many_and_keeps_nothing(fair: Shop) -> None:
    made = await plan(fair, slots=2, budget="0.5")

    assert (made["id"], made["state"], made["exact"], made["gap"]) == (None, "dry_run", True, 0)
    assert abs(made["contacts"] - len(ALL)) <= REACH
    assert float(made["cost"]) == pytest.approx(0.001 * made["contacts"])
    assert made["gain"] > 0
    assert await fair.count("(p:Plan {tenant: $tenant})") == 0
    assert (await fair.call("GET", PLANS)).json() == {"plans": []}
    again = await plan(fair, slots=2, budget="0.5")
    assert again == {**made, "at": again["at"]}


async def test_a_frozen_plan_leaves_as_blocks_with_a_link_to_be_rid_of_it(fair: Shop) -> None:
    plan_id = await freeze(fair, slots=2)
    read = (await fair.call("GET", f"{PLANS}/{plan_id}")).json()
    assert (read["state"], read["channel"], read["audience"], read["slots"]) == ("frozen", "newsletter", "tea", 2)
    assert [one["id"] for one in (await fair.call("GET", PLANS)).json()["plans"]] == [plan_id]

    export = await leave(fair, plan_id)

    assert (export["mode"], export["added"], export["removed"]) == ("full", len(ALL), 0)
    assert whom(export) == set(ALL)
    for line in export["lines"]:
        assert len({block["product_id"] for block in line["blocks"]}) == len(line["blocks"]) == 2
        assert {block["creative_id"] for block in line["blocks"]} == {"block"}
    titles = {block["headline"] for line in export["lines"] for block in line["blocks"]}
    assert titles <= {"Tea for 4.50 EUR", "Mug for 9.00 EUR", "Pot for 30.00 EUR"}
    assert (await leave(fair, plan_id))["lines"] == []

    token = line_of(export, ALL[3])["unsubscribe_token"]
    assert (await fair.client.post(f"/unsubscribe/{token}")).status_code == 200
    after = await leave(fair, plan_id)
    assert (whom(after, "add"), whom(after, "remove")) == (set(), {ALL[3]})
    assert whom(await leave(fair, plan_id, "full")) == set(ALL) - {ALL[3]}


async def test_no_limit_is_passed(fair: Shop) -> None:
    plan_id = await freeze(fair, slots=3, budget="0.0269", stock=[{"product_id": "tea", "pieces": 5}], pieces_each=24)
    export = await leave(fair, plan_id)

    shown = [block["product_id"] for line in export["lines"] for block in line["blocks"]]
    assert export["added"] <= 26
    assert shown.count("tea") == 5
    assert max(shown.count("mug"), shown.count("pot")) <= 24
    read = (await fair.call("GET", f"{PLANS}/{plan_id}")).json()
    assert float(read["cost"]) <= 0.0269
    assert await plan(fair, 409, budget="0", dry_run=False)


async def test_mail_is_sent_only_while_it_pays(fair: Shop) -> None:
    await bring(fair, ALL, purpose="direct_mail", reachable="direct_mail")
    await put(fair, "mail", channel="direct_mail")

    never = await plan(fair, audience="mail", margin=0.3)  # a fiftieth of 9 EUR is no 75 cents
    assert (never["contacts"], never["note"]) == (None, f"too few: at least {K} are needed to look")
    await fair.call("PUT", "/v1/channels", {"channels": [{"channel": "direct_mail", "cost": "0.10"}]})
    pays = await plan(fair, audience="mail", margin=0.3, budget="9")
    assert pays["contacts"] is not None
    assert pays["gain"] > 0
    demanding = await plan(fair, audience="mail", margin=0.3, least_gain=1.0)
    assert demanding["contacts"] is None


async def test_what_left_counts_towards_caps_until_it_is_recalled(fair: Shop) -> None:
    await fair.call("PUT", "/v1/channels", {"channels": [{"channel": "newsletter", "cap": {"contacts": 1, "days": 7}}]})
    plan_id, other = await freeze(fair), await freeze(fair, slots=2)
    assert await why_not(fair, ALL[0]) is None

    export = await leave(fair, plan_id)

    assert await why_not(fair, ALL[0]) == "cap_reached"
    assert "may be contacted" in (await leave(fair, other, status=409))["detail"]
    assert (await plan(fair, slots=3))["contacts"] is None
    line = line_of(export, ALL[0])["line_id"]
    event = {"event_id": "s1", "type": "sent", "identity_id": ALL[0], "channel": "newsletter", "decision_id": line}
    sent = {"events": [{**event, "at": clock.now().isoformat()}]}
    assert (await fair.call("POST", "/v1/events", sent)).json()["accepted"] == 1
    await fair.call("PUT", "/v1/channels", {"channels": [{"channel": "newsletter", "cap": {"contacts": 2, "days": 7}}]})
    assert await why_not(fair, ALL[0]) is None  # it is one contact, exported and sent
    await fair.call("PUT", "/v1/channels", {"channels": [{"channel": "newsletter", "cap": {"contacts": 1, "days": 7}}]})

    recalled = (await fair.call("POST", f"{PLANS}/{plan_id}:recall")).json()

    assert recalled["state"] == "recalled"
    assert await why_not(fair, ALL[1]) is None
    assert await why_not(fair, ALL[0]) == "cap_reached"  # it was sent
    back = await leave(fair, plan_id)
    assert whom(back, "remove") == set(ALL)
    assert (await leave(fair, plan_id))["lines"] == []


async def test_a_plan_that_was_recalled_before_it_left_never_does(fair: Shop) -> None:
    plan_id = await freeze(fair)
    await fair.call("POST", f"{PLANS}/{plan_id}:recall")

    assert "recalled" in (await leave(fair, plan_id, status=409))["detail"]


async def test_consent_and_reach_are_looked_at_again_when_it_leaves(fair: Shop) -> None:
    plan_id = await freeze(fair)
    await consent(fair, ALL[0], "newsletter", "withdrawn")
    await fair.call("PUT", "/v1/identities", {"identities": [{"id": ALL[1], "kind": "personal", "reachable": []}]})

    first = await leave(fair, plan_id)

    assert whom(first) == set(ALL) - set(ALL[:2])
    await consent(fair, ALL[0], "newsletter")
    alone = await leave(fair, plan_id)  # it would stand out
    assert (alone["lines"], alone["waiting"]) == ([], True)
    await consent(fair, ALL[2], "newsletter", "withdrawn")
    assert whom(await leave(fair, plan_id), "remove") == {ALL[2]}


async def test_whoever_left_the_audience_since_is_taken_back(fair: Shop) -> None:
    more = numbered(ENOUGH, "m")
    await bring(fair, more)
    await fair.query(COMMUNITIES, members=[*ALL, *more])
    await put(fair, "home", communities=["c1"])
    plan_id = await freeze(fair, audience="home")
    await leave(fair, plan_id)
    await fair.query(
        "MATCH (:Identity {tenant: $tenant, id: $id})-[m:MEMBER_OF]->(:TasteCommunity) DELETE m", id=ALL[4]
    )

    assert whom(await leave(fair, plan_id), "remove") == {ALL[4]}


async def test_two_plans_of_filters_that_differ_by_few_do_not_tell_them_apart(fair: Shop) -> None:
    await fair.query(COMMUNITIES, members=ALL[1:])
    await put(fair, "home", communities=["c1"])
    everybody, home = await freeze(fair), await freeze(fair, audience="home")
    await leave(fair, everybody)

    assert "may be contacted" in (await leave(fair, home, status=409))["detail"]
    assert await fair.count(
        "(:Identity)-[p:PLANNED_IN WHERE p.exported_at IS NOT NULL]->(:Plan {tenant: $tenant})"
    ) == len(ALL)


async def test_an_erased_one_is_in_no_plan_and_known_by_its_line_alone(fair: Shop) -> None:
    plan_id = await freeze(fair)
    first = await leave(fair, plan_id)
    held = (await fair.call("GET", f"/v1/identities/{ALL[5]}/export")).json()
    [mine] = held["plans"]
    line = line_of(first, ALL[5])
    assert (mine["plan"], mine["line"]) == (plan_id, line["line_id"])
    assert mine["product_ids"] == [block["product_id"] for block in line["blocks"]]
    assert line["line_id"] in [one["id"] for one in held["decisions"]]
    assert [one["type"] for one in held["links"]] == ["LISTED_IN"]

    erased = (await fair.call("DELETE", f"/v1/identities/{ALL[5]}")).json()

    assert erased["counts"]["relationships"]["PLANNED_IN"] == 1
    assert await fair.count("(p:Plan {tenant: $tenant})") == 1
    after = await leave(fair, plan_id)
    assert [(row["action"], row["line_id"], row["identity_id"]) for row in after["lines"]] == [
        ("remove", line["line_id"], None)
    ]
    assert (await leave(fair, plan_id))["lines"] == []


async def test_an_exported_line_is_a_decision_that_outcomes_join_and_nothing_is_learned_from(fair: Shop) -> None:
    plan_id = await freeze(fair, slots=2)
    line = line_of(await leave(fair, plan_id), ALL[0])

    [kept] = await fair.query(
        "MATCH (:Identity {tenant: $tenant, id: $who})-[:RECEIVED]->(d:Decision {tenant: $tenant, id: $id}) RETURN d",
        who=ALL[0],
        id=line["line_id"],
    )
    decision = kept["d"]
    assert decision["product_ids"] == [block["product_id"] for block in line["blocks"]]
    assert (decision["placement"], decision["channel"], decision["deterministic"]) == (
        "plan",
        "newsletter",
        [True, True],
    )


async def test_identities_that_are_named_are_contacted_only_where_they_may_be(fair: Shop) -> None:
    await bring(fair, ["elsewhere"], purpose="email_marketing")
    named = [*ALL[:-1], "elsewhere", "nobody"]

    plan_id = await freeze(fair, identity_ids=named, channel="newsletter")

    assert whom(await leave(fair, plan_id)) == set(ALL[:-1])


async def test_a_plan_of_few_is_not_kept(fair: Shop) -> None:
    refused = await plan(fair, 409, identity_ids=ALL[:3], channel="newsletter", dry_run=False)

    assert refused["detail"].startswith(f"Too few would be contacted: at least {K} are needed")
    assert await fair.count("(p:Plan {tenant: $tenant})") == 0
    assert (await plan(fair, identity_ids=ALL[:1], channel="newsletter"))["contacts"] is None


async def test_a_plan_that_a_kill_left_half_written_is_none_and_goes(fair: Shop) -> None:
    half = """
        MATCH (i:Identity {tenant: $tenant, id: $who})
        CREATE (i)-[:PLANNED_IN {line: $id}]->(:Plan {tenant: $tenant, id: $id, state: 'unfinished', erased: [],
          at: datetime() - duration($ago)})
    """
    for id_, ago in (("old", "PT2H"), ("new", "PT1M")):
        await fair.query(half, who=ALL[0], id=id_, ago=ago)
    for id_ in ("old", "new"):
        assert (await fair.call("GET", f"{PLANS}/{id_}")).status_code == 404
        assert (await fair.call("POST", f"{PLANS}/{id_}:recall")).status_code == 404
        await leave(fair, id_, status=404)

    plan_id = await freeze(fair)

    left = await fair.query("MATCH (p:Plan {tenant: $tenant}) RETURN p.id AS id")
    assert {one["id"] for one in left} == {"new", plan_id}


async def test_what_cannot_be_planned_says_why(fair: Shop, other_shop: Shop) -> None:
    for channel in ("web", "app", "paid_social"):
        assert "planned by contact" in (await plan(fair, 422, identity_ids=["a"], channel=channel))["detail"]
    assert "no audience" in (await plan(fair, 404, audience="none"))["detail"]
    await fair.call("DELETE", "/v1/creatives/block")
    assert "no creative for newsletter" in (await plan(fair, 409))["detail"]
    wrong: list[dict[str, Any]] = [
        {"audience": "tea", "identity_ids": ["a"], "channel": "email"},
        {"audience": "tea", "channel": "email"},
        {"identity_ids": ["a"]},
        {"identity_ids": [], "channel": "email"},
        {"slots": 0},
        {"margin": 0},
        {"least_gain": -1},
        {"stock": [{"product_id": "tea", "pieces": -1}]},
        {"budget": "-1"},
    ]
    for body in wrong:
        await plan(fair, 422, **body)
    plan_id = "0" * 16
    for shop in (fair, other_shop):
        assert (await shop.call("GET", f"{PLANS}/{plan_id}")).status_code == 404
        assert (await shop.call("POST", f"{PLANS}/{plan_id}:recall")).status_code == 404
        assert (await shop.call("POST", f"{PLANS}/{plan_id}:export", {})).status_code == 404


async def test_another_shop_has_not_got_it(fair: Shop, other_shop: Shop) -> None:
    plan_id = await freeze(fair)

    assert (await other_shop.call("GET", PLANS)).json() == {"plans": []}
    assert (await other_shop.call("GET", f"{PLANS}/{plan_id}")).status_code == 404
    assert (await other_shop.call("POST", f"{PLANS}/{plan_id}:export", {})).status_code == 404
    assert (await other_shop.call("POST", f"{PLANS}/{plan_id}:recall")).status_code == 404
    assert (await fair.call("GET", f"{PLANS}/{plan_id}")).json()["state"] == "frozen"


async def test_nothing_sensitive_and_nothing_sold_out_is_sent(fair: Shop) -> None:
    await fair.call("PUT", "/v1/products", {"products": [{"id": "test", "title": "Pregnancy test", "price": "5 EUR"}]})
    plan_id = await freeze(fair, slots=4)
    await fair.call("PATCH", "/v1/products/mug", {"availability": "out_of_stock"})

    export = await leave(fair, plan_id)

    assert {block["product_id"] for line in export["lines"] for block in line["blocks"]} == {"tea", "pot"}


async def test_quiet_hours_and_expiry_are_of_when_it_is_sent(fair: Shop) -> None:
    until = clock.now() + timedelta(days=2)
    for who in ALL:
        answer = await fair.call(
            "PUT", f"/v1/identities/{who}/consents/sms", {"status": "granted", "expires_at": until.isoformat()}
        )
        assert answer.is_success
    rows = [{"id": who, "kind": "personal", "reachable": ["sms"]} for who in ALL]
    await fair.call("PUT", "/v1/identities", {"identities": rows})
    await put(fair, "text", channel="sms")
    noon = (clock.now() + timedelta(days=1)).replace(hour=12)
    night = (clock.now() + timedelta(days=1)).replace(hour=23)
    late = (clock.now() + timedelta(days=4)).replace(hour=12)

    assert (await plan(fair, audience="text", send_at=noon.isoformat()))["contacts"] is not None
    assert (await plan(fair, audience="text", send_at=night.isoformat()))["contacts"] is None
    assert (await plan(fair, audience="text", send_at=late.isoformat()))["contacts"] is None


async def test_so_many_plans_are_counted_and_no_more(fair: Shop) -> None:
    for number in range(30):
        await plan(fair, pieces_each=1000 + number)
    beyond = await plan(fair, pieces_each=5000)

    assert (beyond["contacts"], beyond["note"][:24]) == (None, "30 filters were counted ")
    await plan(fair, 409, pieces_each=5000, dry_run=False)


async def test_the_audit_log_has_what_was_frozen_exported_and_recalled(fair: Shop) -> None:
    plan_id = await freeze(fair)
    export = await leave(fair, plan_id)
    await fair.call("POST", f"{PLANS}/{plan_id}:recall")
    await fair.call("POST", f"{PLANS}/{plan_id}:recall")

    entries = (await fair.call("GET", "/v1/audit?limit=20")).json()["entries"]
    acts = [(one["action"], one["detail"]) for one in entries if one["action"].startswith("plan_")]
    assert [action for action, _ in acts] == ["plan_recalled", "plan_exported", "plan_frozen"]
    assert {detail["plan"] for _, detail in acts} == {plan_id}
    assert (acts[1][1]["added"], acts[1][1]["sha256"]) == (len(ALL), export["sha256"])


async def typed(*words: str, code: int = 0) -> str:
    result = await asyncio.to_thread(CliRunner().invoke, app, ["plans", *words])
    assert result.exit_code == code, result.output
    return result.stdout


@pytest.fixture
def few_are_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLURAL_K_LOOK", str(K))
    monkeypatch.setenv("PLURAL_K_EXPORT", str(K))


@pytest.mark.usefixtures("command_line", "few_are_enough")
async def test_plans_leave_as_files_in_which_no_spreadsheet_computes(fair: Shop, tmp_path: Path) -> None:
    await fair.call("PUT", "/v1/products", {"products": [{"id": "sum", "title": "=1+1", "price": "1 EUR"}]})
    await bring(fair, ["-2+3"])
    here = ("--tenant", fair.tenant)
    assert "No plans yet" in await typed(*here)
    plan_id = await freeze(fair, slots=4)
    [listed] = json.loads((await typed(*here, "--json")).splitlines()[-1])
    assert (listed["id"], listed["audience"], listed["slots"]) == (plan_id, "tea", 4)
    assert plan_id in (await typed(*here))

    told = await typed("export", plan_id, str(tmp_path / "all.csv"), *here)

    assert f"{len(ALL) + 1} contacts, 0 to forget" in told
    rows = list(csv.DictReader((tmp_path / "all.csv").read_text().splitlines()))
    assert {row["identity_id"] for row in rows} == {*ALL, "'-2+3"}
    titles = {row[f"title_{slot}"] for row in rows for slot in range(1, 5)}
    assert titles == {"Tea", "Mug", "Pot", "'=1+1"}
    assert {row["headline_1"][0] for row in rows} <= set("TMP'")
    receipt = json.loads((tmp_path / "all.csv.receipt.json").read_text())
    assert (receipt["plan"], receipt["added"]) == (plan_id, len(ALL) + 1)

    whole = await typed("export", plan_id, str(tmp_path / "all.parquet"), *here, "--full", "--json")
    assert json.loads(whole.splitlines()[-1])["mode"] == "full"
    table: Any = pq.read_table(tmp_path / "all.parquet")  # pyright: ignore[reportUnknownMemberType]
    assert table.num_rows == len(ALL) + 1
    assert table.column_names[:5] == ["action", "line_id", "identity_id", "unsubscribe_token", "product_id_1"]
    assert "recalled" in await typed("recall", plan_id, *here)
    await typed("export", plan_id, str(tmp_path / "back.jsonl"), *here)
    back = [json.loads(line) for line in (tmp_path / "back.jsonl").read_text().splitlines()]
    assert {row["action"] for row in back} == {"remove"}
    assert {row["identity_id"] for row in back} == {*ALL, "-2+3"}


@pytest.mark.usefixtures("command_line", "few_are_enough")
async def test_a_newsletter_for_one_community_is_five_commands(fair: Shop, tmp_path: Path) -> None:
    """Those of docs/plans.md, as they stand there."""
    block = (Path(__file__).parents[2] / "docs" / "plans.md").read_text(encoding="utf-8").split("```")[1]
    commands = [shlex.split(text) for text in re.split(r"(?m)^# \d\. .*$", block)[1:]]
    assert len(commands) == 5
    await fair.query(COMMUNITIES.replace("'c1", "'c12"), members=ALL)
    await fair.call("DELETE", "/v1/creatives/block")
    answers: list[dict[str, Any]] = []
    for words in commands:
        if words[0] == "curl":
            url, body = words[3].removeprefix("$PLURAL"), json.loads(words[words.index("-d") + 1])
            answer = await fair.call(words[2], url, body)
            assert answer.is_success, answer.text
            answers.append(answer.json())
        else:
            named = {"$PLAN": answers[-1].get("id"), "shop": fair.tenant, "newsletter.csv": str(tmp_path / "n.csv")}
            await typed(*(named.get(word) or word for word in words[2:]))

    assert [one.get("state") for one in answers] == [None, None, "dry_run", "frozen"]
    rows = list(csv.DictReader((tmp_path / "n.csv").read_text().splitlines()))
    assert {row["identity_id"] for row in rows} == set(ALL)
    assert all(row["headline_3"] for row in rows)
