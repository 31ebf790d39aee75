"""What a policy would have shown at logged places, and what the log cannot say of it."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from app.domain.recommendation import Offer, Rule
from app.domain.replay import LoggedDecision, Policy
from app.domain.scenarios import Pin
from app.recommend.replay import Collected, Place, Replay

NOW = datetime(2026, 11, 1, tzinfo=UTC)
OFFERS: dict[str, Offer | None] = {
    id_: Offer(id_, id_, brand, "Drinks > Tea", tags=frozenset({f"mood:{id_}"}))
    for id_, brand in (("a", "Leaf"), ("b", "Clay"), ("c", "Leaf"), ("d", "Clay"), ("e", "Leaf"))
}
DECISION = LoggedDecision(
    id="d",
    identity_id="tom",
    at=NOW,
    product_ids=("a", "c"),
    propensities=(0.7 + 0.3 / 5, 0.3 / 4),
    candidate_ids=("a", "b", "c", "d", "e"),
    candidate_scores=(5.0, 4.0, 3.0, 2.0, 1.0),
    exploration=0.3,
)
"""Two places of fewer candidates than three times as many: there were no others."""


def places(
    policy: Policy, decision: LoggedDecision = DECISION, offers: Mapping[str, Offer | None] = OFFERS
) -> list[Place]:
    return list(Replay(policy, offers).places(decision, "products"))


def wanted(policy: Policy, decision: LoggedDecision = DECISION) -> list[dict[str, float]]:
    return [{id_: round(chance, 9) for id_, chance in one.wanted.items()} for one in places(policy, decision)]


def test_a_policy_that_changes_nothing_wants_what_was_logged() -> None:
    for place in places(Policy(exploration=0.3)):
        assert dict(place.wanted) == pytest.approx(dict(place.chances))
        assert sum(place.wanted.values()) == pytest.approx(1)


def test_without_anything_by_lot_the_best_that_is_left_is_shown() -> None:
    assert wanted(Policy(exploration=0.0)) == [
        {"a": 1, "b": 0, "c": 0, "d": 0, "e": 0},
        {"b": 1, "c": 0, "d": 0, "e": 0},
    ]


def test_rules_take_out_and_move() -> None:
    [first, second] = wanted(Policy(rules=(Rule("brand", ("leaf",), "exclude"),), exploration=0.2))
    assert first == {"b": 0.9, "d": 0.1}
    assert second == {"b": 0.9, "d": 0.1}
    [first, _] = wanted(Policy(rules=(Rule("tag", ("mood:e",), "boost", 6.0),), exploration=0.0))
    assert first["e"] == 1
    [first, _] = wanted(Policy(rules=(Rule("category", ("drinks",), "include"),), exploration=0.0))
    assert first["a"] == 1


def test_a_pinned_product_has_its_place_and_no_other() -> None:
    policy = Policy(pins=(Pin("d", 2),), exploration=0.0)

    assert wanted(policy) == [{"a": 1, "b": 0, "c": 0, "e": 0}, {"d": 1}]
    assert wanted(policy, replace(DECISION, first_place=13))[0]["a"] == 1
    over = Policy(pins=(Pin("d", 2, valid_until=NOW - timedelta(days=1)),), exploration=0.0)
    assert wanted(over)[1]["b"] == 1


def test_what_was_no_candidate_is_not_covered() -> None:
    assert places(Policy(pins=(Pin("new", 1),)))[0].wanted == {}
    no_leaf = Policy(rules=(Rule("brand", ("leaf",), "include"), Rule("brand", ("clay",), "include")))
    assert wanted(no_leaf) == [{}, {}]


def test_where_others_may_have_followed_a_full_list_they_take_the_places_of_what_a_rule_takes_away() -> None:
    full = replace(DECISION, product_ids=("a",), propensities=(0.7 + 0.3 / 5,))
    [chances] = wanted(Policy(rules=(Rule("brand", ("leaf",), "exclude"),), exploration=0.5), full)

    assert chances == {"b": 0.6, "d": 0.1}  # three of five are unknown and take .3
    [chances] = wanted(Policy(rules=(Rule("brand", ("clay",), "boost", 9.0),), exploration=0.0), full)
    assert chances["b"] == 1
    rules = (Rule("tag", ("mood:e",), "exclude"), Rule("brand", ("nobody's",), "boost", 9.0))
    [chances] = wanted(Policy(rules=rules, exploration=0.0), full)
    assert sum(chances.values()) == 0  # one of the brand that was not logged may score up to 9


def test_a_rule_is_applied_to_no_product_that_is_gone() -> None:
    gone = {**OFFERS, "a": None}

    first = places(Policy(rules=(Rule("brand", ("clay",), "boost", 1.2),), exploration=0.0), offers=gone)[0]
    assert first.wanted == {"b": 0.0, "c": 0.0, "d": 0.0, "e": 0.0}
    assert places(Policy(exploration=0.0), offers={})[0].wanted["a"] == 1


def test_left_out_is_what_was_pinned_and_what_the_logged_chance_does_not_fit() -> None:
    policy = Policy(exploration=1.0)

    assert [one.shown for one in places(policy, replace(DECISION, deterministic=(True, False)))] == ["c"]
    assert [one.shown for one in places(policy, replace(DECISION, propensities=(0.5, 0.3 / 4)))] == ["c"]
    assert places(policy, replace(DECISION, candidate_ids=(), candidate_scores=())) == []


CREATIVES = LoggedDecision(
    id="d",
    identity_id="tom",
    at=NOW,
    product_ids=("tea", "mug", "pot"),
    propensities=(1.0, 1.0, 1.0),
    deterministic=(False, False, True),
    creative_ids=("x", "y", "p"),
    creative_propensities=(0.7, 0.6, 1.0),
    eligible=({"x": 0.7, "y": 0.2, "z": 0.1}, {"y": 0.6, "z": 0.4}, {"p": 1.0}),
)


@pytest.mark.parametrize(
    ("policy", "first", "second"),
    [
        (Policy(uniform=True), {"x": 1 / 3, "y": 1 / 3, "z": 1 / 3}, {"y": 0.5, "z": 0.5}),
        (Policy(first=("p", "x")), {"x": 1.0}, {"y": 0.6, "z": 0.4}),
        (Policy(without=("x",)), {"y": 2 / 3, "z": 1 / 3}, {"y": 0.6, "z": 0.4}),
        (Policy(without=("x", "y", "z"), uniform=True), {}, {}),
    ],
)
def test_creatives_are_chosen_among_those_that_fitted(
    policy: Policy, first: dict[str, float], second: dict[str, float]
) -> None:
    found = list(Replay(policy, {}).places(CREATIVES, "creatives"))

    assert [one.product_id for one in found] == ["tea", "mug"]
    assert dict(found[0].wanted) == pytest.approx(first)
    assert dict(found[1].wanted) == pytest.approx(second)


def test_places_are_put_together_as_arrays() -> None:
    collected = Collected()
    for who in ("tom", "ann", "tom"):
        for place in places(Policy(exploration=1.0)):
            collected.add(who, place, 1.0)
    found = collected.places()

    assert list(collected.people) == ["tom", "ann"]
    assert (found.size, found.who.tolist()) == (6, [0, 0, 1, 1, 0, 0])
    assert found.covered == pytest.approx(np.ones(6))
    assert found.weight[:2] == pytest.approx([0.2 / 0.76, 0.25 / 0.075])
    assert collected.rows == 27
