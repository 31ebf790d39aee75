"""What members of a login are known by: counts that can be worked out by hand."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.recommend.habits import (
    HOURS_A_WEEK,
    MS_A_DAY,
    Deed,
    Piece,
    Portrait,
    clues_of,
    count_clues,
    hour_of_week,
    learn_portrait,
    price_band,
)

MONDAY = 4 * MS_A_DAY  # 1970-01-05
NOW = MONDAY + 700 * MS_A_DAY
pieces = st.builds(Piece, st.sampled_from("abc"), st.just(("t",)), st.just(("g",)), st.none() | st.floats(0, 1e6))
deeds = st.builds(
    Deed,
    st.integers(0, NOW),
    st.lists(pieces, max_size=3).map(tuple),
    st.sampled_from((None, "web", "app")),
    st.sampled_from((None, "mobile")),
    st.booleans(),
)


def test_an_event_says_its_hour_its_products_and_what_they_are() -> None:
    deed = Deed(MONDAY + 3_600_000, (Piece("p", ("pets",), ("g1",), 4.0),), "web", "mobile")

    assert clues_of(deed) == {
        ("hour", "1"), ("channel", "web"), ("device", "mobile"), ("product", "p"), ("rhythm", "p"), ("tag", "pets"),
        ("genre", "g1"), ("price", "4"),
    }  # fmt: skip
    assert hour_of_week(MONDAY - 1) == HOURS_A_WEEK - 1
    assert [price_band(price) for price in (1.0, 1.4, 1.5, 2.0, 0.5)] == ["0", "0", "1", "2", "-2"]


@given(st.lists(deeds, max_size=6))
def test_every_event_counts_once_for_the_hours_whatever_is_near(done: list[Deed]) -> None:
    counts = count_clues(done, NOW, math.inf)

    assert math.fsum(counts.get("hour", {}).values()) == pytest.approx(len(done))
    assert all(0 <= int(hour) < HOURS_A_WEEK for hour in counts.get("hour", {}))


@given(st.lists(deeds, max_size=6), st.lists(deeds, max_size=6))
def test_a_portrait_is_finite_and_survives_being_written(mine: list[Deed], others: list[Deed]) -> None:
    portrait = learn_portrait(mine, count_clues(others, NOW, 120), NOW, 120)

    kept = Portrait.from_json(portrait.to_json())
    assert kept.to_json() == portrait.to_json()
    assert kept.at(NOW).ratios == portrait.at(NOW).ratios
    assert all(math.isfinite(one) for values in kept.at(NOW).ratios.values() for one in values.values())
    assert all(one <= 0 for one in kept.habits.unseen.values())


def test_what_one_does_more_than_others_speaks_for_it_and_what_it_never_does_against_it() -> None:
    mine = [Deed(NOW - n * 7 * MS_A_DAY, (Piece("dog food"),), "web") for n in range(20)]
    others = [Deed(NOW - n * MS_A_DAY, (Piece("cat toy"),), "app") for n in range(100)]

    habits = learn_portrait(mine, count_clues(others, NOW, 120), NOW, 120).habits

    assert habits.ratio(("product", "dog food")) > 0.2
    assert habits.ratio(("product", "cat toy")) < 0
    assert habits.ratio(("hour", str(hour_of_week(NOW)))) > 1
    assert habits.ratio(("hour", str((hour_of_week(NOW) + 1) % 168))) > habits.ratio(("hour", "60"))
    assert habits.ratio(("channel", "web")) > 0 > habits.ratio(("channel", "app"))
    assert habits.ratio(("device", "mobile")) == 0  # nothing is known of devices


def test_what_is_about_due_speaks_for_whoever_buys_it_again_and_again() -> None:
    mine = [Deed(NOW - n * 7 * MS_A_DAY, (Piece("dog food"),), bought=True) for n in range(1, 5)]
    portrait = learn_portrait([*mine, Deed(NOW, (Piece("tea"),), bought=True)], {}, NOW, 120)
    last = NOW - 7 * MS_A_DAY

    just_now, due, late = (portrait.at(last + days * MS_A_DAY).ratio(("rhythm", "dog food")) for days in (0, 7, 70))

    assert portrait.due == {"dog food": (last, 7.0)}
    assert just_now == pytest.approx(-0.5)
    assert due == pytest.approx(1.0, abs=0.51)
    assert late == pytest.approx(0.0, abs=0.01)
    assert portrait.at(NOW).ratio(("rhythm", "tea")) == 0
