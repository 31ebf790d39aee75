"""What another policy would have earned: right on average, with intervals that count identities and not places."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from app.taste import off_policy
from app.taste.off_policy import Places, Ratio
from app.taste.values import Floats, Ints


def of_two(who: Ints, shown: Ints, reward: Floats, chance: float, wanted: float) -> Places:
    """Places with two candidates, 0 and 1; the second is shown with ``chance``, and by the policy with ``wanted``."""
    size = len(who)
    return Places(
        who=who,
        reward=reward,
        shown=2 * np.arange(size) + shown,
        chance=np.where(shown == 1, chance, 1 - chance),
        place=np.repeat(np.arange(size), 2),
        action=np.tile(np.arange(2), size),
        wanted=np.tile([1 - wanted, wanted], size),
    )


def drawn(seed: int, rates: tuple[float, float] = (0.1, 0.3), people: int = 4_000) -> Places:
    rng = np.random.default_rng(seed)
    who = np.repeat(np.arange(people), 3)
    shown = (rng.random(len(who)) < 0.2).astype(np.int64)
    reward = (rng.random(len(who)) < np.asarray(rates)[shown]).astype(np.float64)
    return of_two(who, shown, reward, 0.2, 0.9)


@pytest.mark.parametrize("estimator", [off_policy.ips, off_policy.snips, off_policy.doubly_robust])
def test_each_estimate_is_near_to_what_the_policy_earns(estimator: Callable[[Places], Ratio]) -> None:
    ratio = estimator(drawn(1))
    low, high = ratio.interval

    assert ratio.value == pytest.approx(0.1 * 0.1 + 0.9 * 0.3, abs=0.02)
    assert low < 0.28 < high
    assert high - low < 0.08


def test_the_change_is_against_what_was_earned() -> None:
    places = drawn(2)
    change = off_policy.change(places)

    assert off_policy.logged(places).value == pytest.approx(places.reward.mean())
    assert change.value == pytest.approx(off_policy.doubly_robust(places).value - off_policy.logged(places).value)
    assert change.interval[0] > 0


def test_the_policy_that_was_logged_earns_what_was_earned() -> None:
    places = replace(drawn(3), wanted=np.tile([0.8, 0.2], 12_000))

    for estimator in (off_policy.ips, off_policy.snips, off_policy.logged):
        assert estimator(places).value == pytest.approx(places.reward.mean())
    assert off_policy.effective_size(places.weight) == pytest.approx(places.size)
    assert off_policy.effective_rewards(places) == pytest.approx(places.reward.sum())


def test_a_place_that_is_there_ten_times_of_one_identity_says_no_more() -> None:
    once = drawn(4, people=500)
    ten = np.repeat(np.arange(once.size), 10)
    rows = (2 * np.arange(10 * once.size)).astype(np.int64)
    often = Places(
        who=once.who[ten],
        reward=once.reward[ten],
        shown=rows + (once.shown % 2)[ten],
        chance=once.chance[ten],
        place=np.repeat(np.arange(10 * once.size), 2),
        action=np.tile(np.arange(2), 10 * once.size),
        wanted=np.tile([0.1, 0.9], 10 * once.size),
    )

    assert off_policy.ips(often).error == pytest.approx(off_policy.ips(once).error)


def test_what_an_identity_did_says_nothing_of_itself_in_the_reward_model() -> None:
    places = drawn(5, people=50)
    other = replace(places, reward=np.where(places.who == 7, 1 - places.reward, places.reward))
    mine = places.who[places.place] == 7

    assert np.array_equal(places.expected[mine], other.expected[mine])
    assert not np.array_equal(places.expected[~mine], other.expected[~mine])


def test_few_heavy_places_leave_few_effective_rewards() -> None:
    who = np.arange(1_000)
    shown = (who < 3).astype(np.int64)
    reward = np.where((who % 10 == 0) | (shown == 1), 1.0, 0.0)  # what the heavy ones earned says nothing of enough
    places = of_two(who, shown, reward, 0.003, 1.0)

    assert off_policy.effective_rewards(places) < 1
    assert off_policy.effective_size(places.weight) == pytest.approx(3)


def test_where_the_policy_would_have_shown_something_else_only_the_rest_is_estimated() -> None:
    places = drawn(6)
    half = replace(places, wanted=places.wanted / 2)

    assert half.covered.mean() == pytest.approx(0.5)
    assert off_policy.doubly_robust(half).value == pytest.approx(off_policy.doubly_robust(places).value)


def test_fewer_identities_that_make_the_variance_widen_the_interval() -> None:
    alike = np.tile([1.0, -1.0], 500)
    one = np.where(np.arange(1_000) == 0, 100.0, 0.01)

    assert off_policy.quantile(alike) == pytest.approx(1.96, abs=0.01)
    assert off_policy.quantile(one) > 4
    assert np.isfinite(off_policy.quantile(np.zeros(5)))
