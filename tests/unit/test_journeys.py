"""Stages of one identity: what they mean, and that nothing which comes later or belongs to others moves them."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.journeys import (
    GIFT_DAYS,
    HAND_OVER_DAYS,
    NEXT,
    STAGES,
    ActiveDay,
    Deed,
    Touch,
    find_product_crossings,
    find_stages,
    silence_of,
)

DEEDS: tuple[Deed, ...] = ("looked", "wanted", "bought", "other")
TODAY = 500
HORIZON = 60

days = st.builds(ActiveDay, st.integers(0, TODAY), st.frozensets(st.sampled_from(DEEDS), min_size=1, max_size=3))
lives = st.lists(days, max_size=40, unique_by=lambda one: one.day)
horizons = st.integers(7, 366)


def line(*days_: tuple[int, Deed], today: int = TODAY, horizon: int = HORIZON) -> list[tuple[str, int]]:
    """Stages with their days."""
    lived = [ActiveDay(day, frozenset({deed})) for day, deed in days_]
    return [(step.stage, step.day) for step in find_stages(lived, today, horizon)]


def buys(*days_: int, today: int = TODAY, horizon: int = HORIZON) -> list[tuple[str, int]]:
    bought: list[tuple[int, Deed]] = [(day, "bought") for day in days_]
    return line(*bought, today=today, horizon=horizon)


def test_a_whole_life_goes_through_all_stages() -> None:
    bought: list[tuple[int, Deed]] = [(day, "bought") for day in (5, 12, 19, 26, 200)]
    found = line((1, "looked"), (3, "looked"), *bought, today=205)

    assert found == [
        *(("first_seen", 1), ("considering", 3), ("first_purchase", 5), ("habit", 19)),
        *(("lapsing", 40), ("gone", 86), ("back", 200)),
    ]
    assert {stage for stage, _ in found} == set(STAGES)


def test_nobody_who_did_nothing_is_anywhere() -> None:
    assert line() == line((9, "looked"), today=8) == []


def test_one_look_is_not_considering_and_a_cart_is() -> None:
    assert line((1, "looked")) == [("first_seen", 1)]
    assert line((1, "wanted")) == [("first_seen", 1), ("considering", 1)]
    assert line((1, "other"), (2, "other")) == [("first_seen", 1)]
    assert line((1, "looked"), (1, "bought"), today=2) == [("first_seen", 1), ("first_purchase", 1)]


def test_gone_is_no_purchase_in_the_days_of_the_shop() -> None:
    assert buys(0, today=59)[-1] == ("lapsing", 30)
    assert buys(0, today=60)[-1] == ("gone", 60)
    assert buys(0, 60, today=61) == [("first_seen", 0), ("first_purchase", 0), ("lapsing", 30), ("back", 60)]
    assert buys(0, today=60, horizon=90)[-1] == ("lapsing", 45)


def test_lapsing_leans_on_the_own_rhythm() -> None:
    weekly, monthly = buys(*range(0, 71, 7), today=90), buys(*range(0, 301, 30), today=320, horizon=120)

    assert weekly[-1] == ("lapsing", 84)
    assert monthly[-1] == ("habit", 60)
    assert silence_of([7, 7, 7], HORIZON) == 14
    assert silence_of([7] * 9 + [40], HORIZON) == 14  # one holiday stretches nothing
    assert silence_of([7] * 8 + [40, 40], HORIZON) == 40
    assert silence_of([1, 1, 1], HORIZON) == 7
    assert silence_of([7], HORIZON) == 30


def test_whose_own_rhythm_is_slower_than_the_horizon_is_gone_without_lapsing() -> None:
    assert buys(0, 40, 80, today=200)[-1] == ("gone", 140)


def test_after_gone_a_habit_takes_three_days_of_purchase_again() -> None:
    assert buys(0, 7, 14, 200, 207, today=210)[-1] == ("back", 200)
    assert buys(0, 7, 14, 200, 207, 214, today=215)[-1] == ("habit", 214)
    assert buys(0, 7, 14, 35, 42, today=43)[-3:] == [("lapsing", 28), ("back", 35), ("habit", 42)]


@given(lives, horizons)
def test_a_line_is_in_order_and_goes_only_where_it_may(life: list[ActiveDay], horizon: int) -> None:
    steps = find_stages(life, TODAY, horizon)

    assert [step.day for step in steps] == sorted(step.day for step in steps)
    assert all(later.stage in NEXT[earlier.stage] for earlier, later in pairwise(steps))
    assert bool(steps) == bool(life)
    if life:
        assert (steps[0].stage, steps[0].day) == ("first_seen", min(one.day for one in life))


@given(lives, st.integers(0, TODAY), horizons)
def test_what_comes_later_moves_no_stage(life: list[ActiveDay], today: int, horizon: int) -> None:
    """The line up to a day is the beginning of the line: stages are told from the past alone."""
    earlier = find_stages(life, today, horizon)

    assert earlier == tuple(step for step in find_stages(life, TODAY, horizon) if step.day <= today)
    assert earlier == find_stages([one for one in life if one.day <= today], today, horizon)


@given(lives, st.randoms(), horizons)
def test_the_order_of_what_is_read_changes_nothing(life: list[ActiveDay], random: object, horizon: int) -> None:
    mixed = [*life]
    random.shuffle(mixed)  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]

    assert find_stages(mixed, TODAY, horizon) == find_stages(life, TODAY, horizon)


@given(lives, st.integers(0, 1000), horizons)
def test_only_distances_count(life: list[ActiveDay], shift: int, horizon: int) -> None:
    moved = find_stages([ActiveDay(one.day + shift, one.deeds) for one in life], TODAY + shift, horizon)

    assert [(step.stage, step.day - shift) for step in moved] == [
        (step.stage, step.day) for step in find_stages(life, TODAY, horizon)
    ]


@given(lives, horizons)
def test_gone_and_no_purchase_in_the_horizon_are_the_same(life: list[ActiveDay], horizon: int) -> None:
    bought = sorted(one.day for one in life if "bought" in one.deeds)
    silent = [last + horizon for last, day in pairwise([*bought, TODAY + 1]) if day - last > horizon]

    assert [step.day for step in find_stages(life, TODAY, horizon) if step.stage == "gone"] == silent


NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)


def touch(identity_id: str, how: str, days_: float, product: str = "tea") -> Touch:
    return Touch(identity_id, product, how, NOON + timedelta(days=days_))  # pyright: ignore[reportArgumentType]


def crossings(*touches: Touch) -> list[tuple[str, str, str]]:
    return [(one.kind, one.from_id, one.to_id) for one in find_product_crossings(touches)]


def test_browsed_at_work_and_bought_at_home_is_a_hand_over() -> None:
    assert crossings(touch("work", "looked", 0), touch("home", "bought", 2)) == [("hand_over", "work", "home")]


@pytest.mark.parametrize(
    "touches",
    [
        [touch("work", "looked", 0), touch("home", "bought", HAND_OVER_DAYS)],
        [touch("work", "looked", 2), touch("home", "bought", 0)],
        [touch("work", "looked", 0), touch("home", "bought", -9), touch("home", "bought", 2)],
        [touch("work", "looked", 0), touch("home", "bought", 1), touch("work", "bought", 1)],
        [touch("home", "looked", -1), touch("work", "looked", 0), touch("home", "bought", 1)],
        [touch("work", "looked", 0), touch("home", "bought", 1, "cup")],
        [touch("home", "looked", 0), touch("home", "bought", 1)],
    ],
    ids=["too late", "after it", "had it before", "bought by both", "saw it first", "another product", "its own"],
)
def test_what_may_as_well_be_chance_is_no_hand_over(touches: list[Touch]) -> None:
    assert crossings(*touches) == []


def test_bought_by_one_and_used_by_another_is_a_gift() -> None:
    given_, rated = touch("tom", "bought", 0), touch("ann", "used", 30)

    assert crossings(given_, rated) == [("gift", "tom", "ann")]
    assert crossings(given_, touch("ann", "bought", 1), rated) == []
    assert crossings(given_, touch("ann", "used", GIFT_DAYS)) == []
    assert crossings(given_, touch("ann", "used", -1)) == []


touches_ = st.builds(touch, st.sampled_from("ab"), st.sampled_from(("looked", "bought", "used")), st.floats(0, 99))


@given(st.lists(touches_, max_size=12), st.randoms())
def test_crossings_do_not_depend_on_the_order(touches: list[Touch], random: object) -> None:
    mixed = [*touches]
    random.shuffle(mixed)  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]

    assert sorted(crossings(*mixed)) == sorted(crossings(*touches))
