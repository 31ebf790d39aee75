"""`plural replay` on the real graph: what another shelf would have earned, of whoever may be measured."""

import asyncio
import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
import pytest_asyncio
from typer.testing import CliRunner

from app.cli.main import app
from app.domain.errors import InvalidError, NotFoundError
from app.domain.models import Consent, Identity
from app.domain.recommendation import Choice, Decision, Drawn, Item
from app.graph.audit import AuditTrail
from app.graph.decisions import DecisionGraph
from app.graph.scenarios import ScenarioGraph
from app.recommend.explore import explore
from tests.graph.conftest import command_line
from tests.graph.shop import HASHER, NOW, Shop

__all__ = ("command_line",)

PEOPLE = [f"i{number}" for number in range(200)]
POOL = tuple(Item(id_, rank, 1 / rank, "similar", "") for rank, id_ in enumerate(("tea", "mug", "pot", "cup"), 1))
LIKED = {"tea": 0.1, "mug": 0.2, "pot": 0.7, "cup": 0.1}
EPSILON = 0.8
LONG_AGO = 20


def decisions_of(who: str, number: int) -> list[Decision]:
    """A shelf that was drawn, and two products in creatives, the second of which was pinned."""
    name = f"{who}-{number}"
    shelf = Decision(
        id=name,
        at=NOW - timedelta(days=LONG_AGO),
        channel="web",
        placement="home",
        outcome="granted",
        run_id=None,
        identity_id=who,
        items=explore(POOL, 2, EPSILON, name),
        scenario="home",
        drawn=Drawn(POOL, EPSILON, 1),
    )
    drawn = Choice(Random(name).choice("xy"), 0.5, False, (("x", 0.5), ("y", 0.5)))
    pinned = Choice("p", 1.0, True, (("p", 1.0),))
    worn = replace(shelf, id=f"{name}-c", items=POOL[:2], choices=(drawn, pinned), drawn=None)
    return [shelf, replace(worn, communities=(("", 1.0),))]


@pytest_asyncio.fixture
async def log(shop: Shop, command_line: Path) -> Shop:
    """People who were shown two of four things three times each, twenty days ago, and most like the pot."""
    await shop.offers("tea", "mug", brand="Leaf")
    await shop.offers("pot", "cup", brand="Clay")
    await shop.knows(*(Identity(who, "personal") for who in (*PEOPLE, "unmeasured")))
    await shop.grants(*PEOPLE, purposes=["personalise_content", "measurement"])
    await shop.grants("unmeasured", purposes=["personalise_content"])
    everybody = (*PEOPLE, "unmeasured")
    decisions = [one for who in everybody for number in range(3) for one in decisions_of(who, number)]
    await DecisionGraph(shop.db).write_decisions(shop.tenant, decisions)
    luck = Random(1)
    events = [
        shop.event("click", one.identity_id or "", item.product_id, days_ago=LONG_AGO, decision_id=one.id)
        for one in decisions
        for item in one.items
        if luck.random() < LIKED[item.product_id]
    ]
    await shop.saw(*events)
    return shop


async def typed(shop: Shop, policy: dict[str, Any] | str, *words: str) -> str:
    if isinstance(policy, dict):
        text, policy = json.dumps(policy), "policy.json"
        await asyncio.to_thread(Path(policy).write_text, text)
    line = ["replay", "--policy", policy, "--tenant", shop.tenant, *words]
    result = await asyncio.to_thread(CliRunner().invoke, app, line)
    if result.exception:
        raise result.exception
    assert result.exit_code == 0, result.output
    return result.stdout


async def replayed(shop: Shop, policy: dict[str, Any] | str, *words: str) -> dict[str, Any]:
    said = json.loads((await typed(shop, policy, "--json", *words)).splitlines()[-1])
    return said["estimates"][0]


async def test_another_shelf_is_judged_by_what_was_drawn_of_it(log: Shop) -> None:
    pot_first = {"pins": [{"product_id": "pot", "place": 1}], "exploration": 0}

    found = await replayed(log, pot_first)

    assert (found["kind"], found["note"], found["covered"]) == ("products", None, 1.0)
    assert found["people"] == pytest.approx(len(PEOPLE), abs=10)
    # The pot, then the best of the others that is left under what was logged above it: the tea, or else the mug.
    best = (LIKED["pot"] + LIKED["tea"]) / 2
    for name in ("ips", "snips", "doubly_robust"):
        assert found[name]["low"] < best + 0.02
        assert found[name]["high"] > best
        assert found[name]["high"] - found[name]["low"] < 0.3
    assert found["change"]["low"] > 0
    assert found == await replayed(log, pot_first)


async def test_it_is_read_as_a_table(log: Shop) -> None:
    told = " ".join((await typed(log, {"creatives": {"first": ["x"]}})).split())

    for words in ("creatives", "doubly robust", "SNIPS", "IPS", "as it was", "of places whose product was clicked"):
        assert words in told, words


async def test_only_what_may_be_measured_and_is_not_pinned_counts(log: Shop) -> None:
    both = await replayed(log, {"creatives": {"uniform": True}})
    assert both["places"] == pytest.approx(600, abs=40)  # one of two places; nobody's who has not consented

    for who in PEOPLE[:170]:
        await log.says(who, Consent(f"{who}-no", "measurement", "withdrawn", NOW - timedelta(days=1)))
    few = await replayed(log, {"creatives": {"uniform": True}})
    assert "at least 50 people are needed" in few["note"]
    assert (few["people"], few["doubly_robust"]["value"]) == (None, None)


async def test_an_order_that_is_credited_is_a_reward_too(log: Shop) -> None:
    await log.saw(
        *(
            log.event("purchase", who, "pot", "tea", "mug", "cup", days_ago=LONG_AGO - 1, decision_id=f"{who}-0")
            for who in PEOPLE
        )
    )

    found = await replayed(log, {"exploration": 1}, "--reward", "bought")

    assert found["logged"]["value"] == pytest.approx(1 / 3, abs=0.05)
    assert found["doubly_robust"]["low"] < 1 / 3 < found["doubly_robust"]["high"]


async def test_what_the_log_says_too_little_of_is_no_figure(log: Shop) -> None:
    unknown = await replayed(log, {"pins": [{"product_id": "new", "place": 1}]})
    assert "not enough overlap: 50% of what the policy would show was no candidate in the log" in unknown["note"]
    assert unknown["doubly_robust"]["value"] is None
    assert unknown["covered"] == 0.5

    only = {"rules": [{"field": "brand", "values": ["nobody's"], "action": "include"}]}
    assert "100% of what" in (await replayed(log, only))["note"]


async def test_a_scenario_is_compared_with_the_one_that_decisions_named(log: Shop) -> None:
    scenarios = ScenarioGraph(log.db, AuditTrail(HASHER))
    leaf: dict[str, Any] = {"field": "brand", "values": ["leaf"], "action": "exclude"}
    before = NOW - timedelta(days=LONG_AGO + 1)
    await scenarios.write(log.tenant, "home", {"diversity": 0.3}, before, "test")
    await scenarios.write(log.tenant, "bold", {"diversity": 0.3, "rules": [leaf]}, before, "test")

    found = await replayed(log, "bold", "--scenario", "home")
    assert (found["note"], found["covered"]) == (None, 1.0)

    with pytest.raises(InvalidError, match="diversity cannot be replayed"):
        await typed(log, "bold")
    with pytest.raises(InvalidError, match="diversity cannot be replayed"):
        await typed(log, {"diversity": 0.8, "rules": [leaf]}, "--scenario", "home")
    with pytest.raises(InvalidError, match="without a rule"):
        await typed(log, {"diversity": 0.3, "exploration": 0}, "--scenario", "bold")
    with pytest.raises(InvalidError, match="nothing that differs"):
        await typed(log, "home", "--scenario", "home")
    with pytest.raises(InvalidError, match="a rule of price cannot be replayed"):
        await typed(log, {"rules": [{"field": "price", "values": ["..5"], "action": "exclude"}]})
    with pytest.raises(InvalidError, match=r"cannot be read: creatives\.best"):
        await typed(log, {"creatives": {"best": True}})
    with pytest.raises(NotFoundError):
        await typed(log, "nobody")
    await scenarios.write(log.tenant, "home", {}, NOW, "test")
    since_it_was_put = await replayed(log, {"exploration": 0}, "--scenario", "home")
    assert "no place was drawn by lot" in since_it_was_put["note"]
