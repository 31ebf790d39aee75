"""The posterior of who is at the keyboard: what holds whatever the habits, and what a family would expect of it."""

import math
from itertools import permutations
from random import Random
from typing import get_args

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.recommend.attribution import (
    MOST,
    NOBODY,
    STRANGER,
    WEIGHTS,
    Belief,
    Clue,
    Feature,
    Habits,
    Member,
    believe,
    believe_by_event,
    posterior,
)

FEATURES: tuple[Feature, ...] = get_args(Feature)
values = st.sampled_from("abc")
clues = st.tuples(st.sampled_from(FEATURES), values)
ratios = st.floats(-50, 50)
habits = st.builds(
    Habits,
    st.dictionaries(st.sampled_from(FEATURES), st.dictionaries(values, ratios)),
    st.dictionaries(st.sampled_from(FEATURES), ratios),
)
families = st.lists(
    st.builds(Member, st.sampled_from("tduvw"), st.booleans(), st.floats(0, 1e6), habits),
    max_size=5,
    unique_by=lambda one: one.identity_id,
)
seen = st.lists(clues, max_size=8)
hints = st.sampled_from((None, *"tduvwx"))

DOGS = Habits({"product": {"dog food": 2.5, "lead": 1.5}, "hour": {"wed 18": 2.0}}, {"product": -1.0, "hour": -1.0})
CATS = Habits({"product": {"cat toy": 2.5}, "hour": {"sat 10": 2.0}}, {"product": -1.0, "hour": -1.0})


@given(families, seen, hints)
def test_probabilities_sum_to_one_and_somebody_else_is_never_nothing(
    family: list[Member], seen: list[Clue], hinted: str | None
) -> None:
    belief = believe(family, seen, hinted)

    assert math.isclose(sum(belief.members.values()) + belief.somebody_else, 1.0)
    assert all(0 <= p <= 1 for p in belief.members.values())
    assert 0 < belief.somebody_else <= 1


@given(families, seen, hints)
def test_who_does_not_consent_is_never_named_and_its_habits_say_nothing(
    family: list[Member], seen: list[Clue], hinted: str | None
) -> None:
    belief = believe(family, seen, hinted)
    secret = [one if one.may_be_named else Member(one.identity_id, may_be_named=False) for one in family]

    assert set(belief.members) == {one.identity_id for one in family if one.may_be_named}
    assert believe(secret, seen, hinted) == belief


@given(families, st.lists(clues, max_size=4), hints, st.randoms())
def test_the_order_of_events_and_of_members_does_not_matter(
    family: list[Member], seen: list[Clue], hinted: str | None, random: Random
) -> None:
    mixed = list(family)
    random.shuffle(mixed)
    beliefs = [believe(mixed, order, hinted) for order in permutations(seen)]

    assert all(one == believe(family, seen, hinted) for one in beliefs)
    assert believe(family, [*seen, *seen], hinted) == beliefs[0]


@given(families, st.lists(st.lists(clues, max_size=3), max_size=4), hints)
def test_event_by_event_ends_where_all_at_once_does(
    family: list[Member], events: list[list[Clue]], hinted: str | None
) -> None:
    moved = list(believe_by_event(family, events, hinted))

    assert len(moved) == len(events) + 1
    assert moved[0] == believe(family, [], hinted)
    assert moved[-1] == believe(family, [clue for event in events for clue in event], hinted)


@given(st.integers(1, 9), st.floats(0, 1e6))
def test_a_lone_consenting_member_is_not_everybody(others: int, visits: float) -> None:
    family = [Member("t", may_be_named=True, visits=visits)]
    family += [Member(f"o{n}", may_be_named=False, visits=1e9) for n in range(others)]

    belief = believe(family, [])

    assert math.isclose(belief.members["t"], 1 / (1 + others))
    assert belief.surest(0.8) is None


@given(habits, clues)
def test_one_clue_moves_nobody_without_bound(known: Habits, clue: Clue) -> None:
    family = [Member("t", may_be_named=True, habits=known)]

    odds = believe(family, [clue]).members["t"] / (1 - believe(family, [clue]).members["t"])
    before = (1 - STRANGER) / STRANGER

    assert before * math.exp(-MOST) * 0.999 <= odds <= before * math.exp(MOST) * 1.001


def test_nobody_is_named_where_there_is_nobody_to_name() -> None:
    assert believe([], [("product", "dog food")], "t") == NOBODY
    assert believe([Member("t", may_be_named=False)], [("product", "dog food")], "t") == NOBODY
    assert NOBODY.surest(0.0) is None


def test_a_family_is_told_apart_by_what_it_does_and_a_neutral_page_is_nobodys() -> None:
    family = [Member("tom", True, 50, DOGS), Member("debbie", True, 40, CATS)]

    wednesday = believe(family, [("hour", "wed 18"), ("product", "dog food")]).surest(0.8)
    saturday = believe(family, [("hour", "sat 10"), ("product", "cat toy")]).surest(0.8)

    assert wednesday is not None
    assert wednesday[0] == "tom"
    assert saturday is not None
    assert saturday[0] == "debbie"
    assert believe(family, []).surest(0.8) is None


def test_what_no_member_ever_touches_is_somebody_elses() -> None:
    family = [Member("tom", True, 50, DOGS), Member("debbie", True, 40, CATS)]

    belief = believe(family, [("product", word) for word in ("motor oil", "tyre", "horn", "jack")])

    assert belief.somebody_else > believe(family, []).somebody_else
    assert belief.surest(0.8) is None


def test_a_named_identity_is_a_hint_and_no_proof() -> None:
    family = [Member("tom", True, 50, DOGS), Member("debbie", True, 50, CATS)]

    assert believe(family, [], "tom").members["tom"] > believe(family, []).members["tom"]
    assert believe(family, [], "tom").surest(0.8) is None
    assert believe(family, [("product", "cat toy"), ("hour", "sat 10")], "tom").surest(0.8) == (
        "debbie",
        pytest.approx(0.9, abs=0.09),
    )
    guest = believe(family, [], "aunt")
    assert guest.somebody_else > 0.5


def test_a_flip_drops_the_earlier_member_at_once() -> None:
    family = [Member("tom", True, 50, DOGS), Member("debbie", True, 50, CATS)]
    events: list[list[Clue]] = [[("product", "dog food")], [("product", "lead")], [("product", "cat toy")]]

    named = [belief.surest(0.8) for belief in believe_by_event(family, events)]

    assert [one and one[0] for one in named] == [None, "tom", "tom", None]


def test_many_values_of_one_feature_count_less_than_each_by_itself() -> None:
    food = {f"dog food {n}": 1.0 for n in range(9)}
    family = [Member("tom", True, 1, Habits({"product": food})), Member("debbie", True, 1)]

    odds = [
        math.log(belief.members["tom"] / belief.members["debbie"])
        for belief in (believe(family, [("product", f"dog food {n}") for n in range(count)]) for count in (1, 9))
    ]

    assert odds[0] == pytest.approx(WEIGHTS["product"])
    assert odds[1] == pytest.approx(3 * WEIGHTS["product"])


def test_every_feature_has_a_weight_and_equal_beliefs_are_broken_the_same_way() -> None:
    assert set(WEIGHTS) == set(FEATURES)
    assert Belief({"a": 0.5, "b": 0.5}, 0.0).surest(0.5) == ("b", 0.5)


def test_bayes_rule_leaves_out_who_cannot_be() -> None:
    found = posterior(np.array([[0.5, 0.5, 0.0], [0.2, 0.3, 0.5]]), np.array([[0.0, np.log(3), 99.0], [7.0, 7.0, 7.0]]))

    assert found[0] == pytest.approx([0.25, 0.75, 0.0])
    assert found[1] == pytest.approx([0.2, 0.3, 0.5])
