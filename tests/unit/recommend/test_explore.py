"""What chance shows, and how likely it was."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.recommendation import Item
from app.recommend.explore import chances_at, explore, propensities

RANKED = tuple(Item(f"p{place}", place, 1 - place / 100, "similar", "") for place in range(1, 13))


@given(st.integers(1, 500), st.floats(1e-6, 1))
def test_propensities_are_above_0_and_sum_to_1(candidates: int, epsilon: float) -> None:
    likely = propensities(candidates, epsilon)

    assert min(likely) > 0
    assert sum(likely) == pytest.approx(1)
    assert likely[0] == max(likely)


@given(st.integers(0, 12), st.integers(0, 15), st.floats(0, 1), st.text())
def test_an_answer_holds_each_item_once_and_the_same_seed_draws_the_same(
    number: int, limit: int, epsilon: float, seed: str
) -> None:
    shown = explore(RANKED[:number], limit, epsilon, seed)

    assert shown == explore(RANKED[:number], limit, epsilon, seed)
    assert len({item.product_id for item in shown}) == len(shown) == min(number, limit)
    assert [item.rank for item in shown] == list(range(1, len(shown) + 1))
    assert all(0 < item.propensity <= 1 for item in shown)


def test_without_exploration_the_best_are_shown_for_certain() -> None:
    assert explore(RANKED, 5, 0.0, "any") == RANKED[:5]


def test_the_propensity_is_how_often_it_happens() -> None:
    draws = 4_000
    first = Counter(explore(RANKED[:4], 1, 0.4, str(seed))[0].product_id for seed in range(draws))

    for item, likely in zip(RANKED[:4], propensities(4, 0.4), strict=True):
        assert first[item.product_id] / draws == pytest.approx(likely, abs=0.03)


def test_the_chances_of_each_place_follow_from_the_candidates_and_what_stands_above() -> None:
    ids = [item.product_id for item in RANKED]
    shown = explore(RANKED, 4, 0.3, "any")

    for place, item in enumerate(shown):
        likely = dict(chances_at(ids, 0.3, [one.product_id for one in shown[:place]]))
        assert len(likely) == 12 - place
        assert sum(likely.values()) == pytest.approx(1)
        assert likely[item.product_id] == item.propensity
    assert chances_at(["p1", "p2"], 0.3, ["p1", "p2"]) == ()


def test_unbiased_estimates_follow_from_the_logged_propensities() -> None:
    """The share of clicks that always showing p3 would have had, from a log that seldom showed it."""
    clicks = {"p1": 0.0, "p2": 0.0, "p3": 1.0, "p4": 0.0}
    shown = [explore(RANKED[:4], 1, 0.5, str(seed))[0] for seed in range(4_000)]

    estimate = sum(clicks[item.product_id] / item.propensity for item in shown) / len(shown)

    assert estimate == pytest.approx(1, abs=0.1)
