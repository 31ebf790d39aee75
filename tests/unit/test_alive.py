"""Who is still a customer, on crowds whose truth is known and against numbers that others have published."""

from dataclasses import astuple

import numpy as np
import pytest

from app.domain.disclosure import UNKNOWN, Disclosure, Figure
from app.taste.alive import (
    LEAST_RETURNING,
    TENTHS,
    Chances,
    Habits,
    Histories,
    chance_alive,
    fit_habits,
    measure_alive,
)
from app.taste.noise import REACH, Noise
from app.taste.portraits import Caps, Deeds, draw_portrait
from app.taste.publisher import Publisher
from app.taste.values import Floats

SEED = 7
CDNOW = Habits(r=0.525, alpha=6.183, a=0.891, b=1.614)
"""Of CDNOW's customers, in weeks, as lifetimes 0.11.3 finds them (ModifiedBetaGeoFitter); ours are the same there."""


def histories(*rows: tuple[int, float, float]) -> Histories:
    """Of (again, last, age)."""
    again, last, age = (np.array(column) for column in zip(*rows, strict=True))
    return Histories(again.astype(np.int64), last.astype(np.float64), age.astype(np.float64))


def crowd(habits: Habits, people: int, most_days: float) -> tuple[Histories, Floats]:
    """Customers who came and went by these habits, and who of them had not left in the end (1) or had (0)."""
    rng = np.random.default_rng(SEED)
    rates: Floats = rng.gamma(habits.r, 1 / habits.alpha, people)
    leaves = rng.beta(habits.a, habits.b, people)
    age = rng.uniform(most_days / 4, most_days, people)
    again, (last, alive) = np.zeros(people, dtype=np.int64), (np.zeros(people), np.ones(people))
    for who in range(people):
        at = 0.0
        while alive[who]:
            if rng.random() < leaves[who]:
                alive[who] = 0
            else:
                at += rng.standard_exponential() / float(rates[who])
                if at > age[who]:
                    break
                again[who], last[who] = again[who] + 1, at
    return Histories(again, last, age), alive


@pytest.mark.parametrize("habits", [Habits(0.8, 20.0, 0.8, 2.5), Habits(2.0, 15.0, 1.5, 12.0)], ids=["rare", "often"])
def test_the_habits_of_a_generated_crowd_are_found_again(habits: Habits) -> None:
    seen, alive = crowd(habits, 8000, 400)

    found = fit_habits(seen)

    assert found is not None
    assert astuple(found) == pytest.approx(astuple(habits), rel=0.25)
    chances = chance_alive(found, seen)
    assert chances.mean() == pytest.approx(alive.mean(), abs=0.02)
    for low in np.arange(0, 1, 0.2):
        some = (chances >= low) & (chances < low + 0.2)
        if some.sum() > 300:
            assert chances[some].mean() == pytest.approx(alive[some].mean(), abs=0.06)


def test_chances_are_those_of_the_library_that_is_no_longer_kept() -> None:
    seen = histories((0, 0, 30), (1, 10, 30), (5, 28, 30), (5, 10, 30), (20, 30, 38.86))

    assert chance_alive(CDNOW, seen) == pytest.approx([0.4174, 0.4623, 0.8442, 0.0801, 0.2130], abs=3e-4)


def test_the_unit_of_time_does_not_matter() -> None:
    seen, _ = crowd(Habits(0.8, 20.0, 0.8, 2.5), 2000, 400)
    in_weeks = Histories(seen.again, seen.last / 7, seen.age / 7)
    days, weeks = fit_habits(seen), fit_habits(in_weeks)

    assert days is not None
    assert weeks is not None
    assert chance_alive(days, seen) == pytest.approx(chance_alive(weeks, in_weeks), abs=1e-4)


def test_whoever_is_silent_for_longer_is_less_likely_a_customer() -> None:
    chances = chance_alive(CDNOW, histories((5, 30, 30), (5, 20, 30), (5, 10, 30), (5, 1, 30)))

    assert np.all(np.diff(chances) < 0)


def test_days_are_counted_once_and_the_record_ends_with_the_last_purchase_of_anybody() -> None:
    regulars = [list(range(0, 100, 7)) for _ in range(60)]
    passers = [[day, day + 7, day + 14][: day % 3 + 1] for day in range(80)]
    chances = measure_alive([*regulars, *passers, [0, 7, 14], [], [85, 92, 99]]).value

    assert np.isnan(chances[-2])
    assert np.count_nonzero(np.isnan(chances)) == 1
    gone, back = chances[-3], chances[-1]
    assert gone < 0.2 < 0.8 < back
    later = measure_alive(
        [[day + 20_000 for day in own] for own in [*regulars, *passers, [0, 7, 14], [], [85, 92, 99]]]
    )
    assert later.value == pytest.approx(chances, nan_ok=True)


@pytest.mark.parametrize(("returning", "told"), [(LEAST_RETURNING - 1, False), (LEAST_RETURNING, True)])
def test_where_hardly_anybody_came_again_nothing_is_said(returning: int, told: bool) -> None:
    days = [[0, 10 + place % 7] for place in range(returning)] + [[place % 30] for place in range(200)]

    assert np.isnan(measure_alive(days).value).all() != told


def test_without_any_purchase_nothing_is_said() -> None:
    assert measure_alive([]).value.tolist() == []
    assert np.isnan(measure_alive([[], []]).value).all()


def deeds(alive: Chances) -> Deeds:
    """Of people who did nothing else."""
    nothing, unknown = np.zeros(len(alive.value), dtype=np.int64), np.full(len(alive.value), np.nan)
    counts = dict.fromkeys(
        ("purchases", "recent", "earlier", "priced_lines", "deal_lines", "products", "again"), nothing
    )
    return Deeds(**counts, days_since_last=unknown, spend=unknown, full_price_spend=unknown, alive=alive)


def alive_share(alive: Chances) -> Figure:
    """Of a community of all of them."""
    people = len(alive.value)
    publisher = Publisher(Noise(b"secret", [f"i{n}" for n in range(people)]), Disclosure(2))
    caps, who = Caps(1.0, 1.0, 1.0), np.arange(people)
    return draw_portrait(publisher, caps, deeds(alive), who, np.full(people, 0.5), "c1").figures["alive_share"]


def test_the_share_of_a_community_is_as_doubtful_as_any_share_and_as_the_habits() -> None:
    value = np.array([0.9] * 60 + [0.1] * 20 + [np.nan] * 20)
    sure = Chances(value, np.tile(value, (TENTHS, 1)))
    doubtful = Chances(value, value + np.linspace(-0.05, 0.05, TENTHS)[:, None])
    told = [alive_share(one) for one in (sure, doubtful)]

    for one in told:
        assert one.value == pytest.approx(0.7, abs=0.1)
        assert one.n == pytest.approx(80, abs=REACH)
    assert told[0].low is not None
    assert told[1].low is not None
    assert told[1].low < told[0].low


def test_the_share_of_those_who_never_bought_is_not_known() -> None:
    nobody = Chances(np.full(90, np.nan), np.full((TENTHS, 90), np.nan))

    assert alive_share(nobody) == UNKNOWN


def visits(people: int) -> list[list[int]]:
    """Days on which each bought."""
    rng = np.random.default_rng(SEED)
    often = [(rng.uniform(3, 30), rng.geometric(0.3)) for _ in range(people)]
    return [np.cumsum(rng.exponential(pause, times)).astype(int).tolist() for pause, times in often]


def test_habits_are_the_more_doubtful_the_smaller_the_shop() -> None:
    days = visits(1200)
    small, large = measure_alive(days[:100]), measure_alive(days)

    assert large.without.std(axis=0)[:100].mean() < small.without.std(axis=0).mean() / 2


def test_a_huge_shop_is_fitted_on_some_of_its_customers(monkeypatch: pytest.MonkeyPatch) -> None:
    days = visits(2400)
    whole = measure_alive(days)
    monkeypatch.setattr("app.taste.alive.MOST_FITTED", 1200)
    part = measure_alive(days)

    assert part.value.shape == whole.value.shape
    assert 0 < abs(part.value.mean() - whole.value.mean()) < 0.03
    assert part.without.mean(axis=1).std() < 2 * whole.without.mean(axis=1).std()
