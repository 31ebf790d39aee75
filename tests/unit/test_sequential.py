"""Intervals that hold at every look: what they hold, how they narrow, and how often they are wrong."""

import numpy as np
import pytest

from app.taste.sequential import Tally, difference_interval, share_interval, split_is_off


def test_nothing_seen_says_nothing() -> None:
    none = Tally(0, 0)

    assert share_interval(none, 0.05) == pytest.approx((0, 1))
    assert difference_interval(none, none, 0.05) == pytest.approx((-1, 1))
    assert not split_is_off([0, 0], [0.5, 0.5], 0.01)


def test_intervals_narrow_and_hold_what_was_seen() -> None:
    widths: list[float] = []
    for times in (1, 10, 100):
        low, high = difference_interval(Tally(30 * times, 200 * times), Tally(20 * times, 200 * times), 0.05)
        assert low < 0.05 < high
        widths.append(high - low)
    assert widths == sorted(widths, reverse=True)
    assert low > 0


def test_the_other_way_round_is_the_same_interval_turned_round() -> None:
    one, other = Tally(30, 400), Tally(55, 500)

    low, high = difference_interval(one, other, 0.05)

    assert difference_interval(other, one, 0.05) == pytest.approx((-high, -low))


def test_all_and_nothing_are_apart() -> None:
    low, high = difference_interval(Tally(50, 50), Tally(0, 50), 0.05)

    assert low > 0.8
    assert high == pytest.approx(1)


@pytest.mark.parametrize(("taken", "shown"), [(3, 80), (0, 60), (70, 70), (400, 9000)])
def test_noise_widens_an_interval_to_hold_that_of_every_number_behind_it(taken: int, shown: int) -> None:
    reach = 10.0
    other = Tally(50, 1000)
    share = share_interval(Tally(taken, shown), 0.05, reach)
    difference = difference_interval(Tally(taken, shown), other, 0.05, reach)

    for more in (-10, -3, 0, 10):
        for others in (-10, 0, 10):
            there = max(0, shown + others)
            behind = Tally(min(max(0, taken + more), there), there)
            low, high = share_interval(behind, 0.05)
            assert share[0] <= low + 1e-9
            assert high - 1e-9 <= share[1]
            low, high = difference_interval(behind, other, 0.05)
            assert difference[0] <= low + 1e-9
            assert high - 1e-9 <= difference[1]


def test_looked_at_after_every_unit_it_is_wrong_in_at_most_as_many_as_it_says() -> None:
    rng = np.random.default_rng(7)
    wrong = 0
    for _ in range(60):
        taken = rng.random((2, 600)) < 0.2
        sums = taken.cumsum(axis=1)
        looks = [
            difference_interval(Tally(sums[0, n], n + 1), Tally(sums[1, n], n + 1), 0.2) for n in range(9, 600, 40)
        ]
        wrong += any(not low <= 0 <= high for low, high in looks)

    assert wrong <= 0.2 * 60


def test_a_split_as_planned_is_fine_and_another_one_is_found() -> None:
    assert not split_is_off([5000, 5100], [0.5, 0.5], 0.01)
    assert split_is_off([5000, 5600], [0.5, 0.5], 0.01)
    assert not split_is_off([70, 90], [0.5, 0.5], 0.01, reach=10)
    assert not split_is_off([900, 8100, 1000], [0.09, 0.81, 0.1], 0.01)
