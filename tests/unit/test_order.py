"""What follows what: weights from the earlier product to the later."""

from collections.abc import Sequence

import numpy as np
import pytest

from app.taste.order import OrderRules, find_next, in_order
from app.taste.values import Edges

PLAIN = OrderRules(from_power=0.0, to_power=0.0, shrinkage=0.0)
"""Weights are what was counted."""


def found(
    pairs: Sequence[tuple[int, int, float]], rules: OrderRules = PLAIN, products: int = 4
) -> dict[tuple[int, int], float]:
    """From (identity, product, time) to weights by pair."""
    identity, product, at = (np.asarray(column) for column in zip(*pairs, strict=True))
    likers = np.bincount(product, minlength=products)
    edges: Edges = find_next(in_order(identity, product, at.astype(float)), likers, rules)
    return {
        (int(a), int(b)): float(weight) for a, b, weight in zip(edges.source, edges.target, edges.weight, strict=True)
    }


def test_what_comes_next_counts_whole_and_the_wrong_way_round_little() -> None:
    assert found([(0, 0, 1), (0, 1, 2)]) == pytest.approx({(0, 1): 1.0, (1, 0): 0.2})


def test_a_pair_counts_the_less_the_more_visits_lie_between() -> None:
    weights = found([(0, 0, 1), (0, 1, 5), (0, 2, 99)])

    assert weights[0, 2] == pytest.approx(0.8 * weights[0, 1])
    assert weights[2, 0] == pytest.approx(0.8 * weights[1, 0])


def test_what_is_bought_together_counts_both_ways() -> None:
    weights = found([(0, 0, 1), (0, 1, 1), (0, 2, 2)])

    assert weights[0, 1] == weights[1, 0] == weights[0, 2] == pytest.approx(1.0)


def test_whoever_did_all_at_one_time_shows_no_order() -> None:
    assert found([(0, 0, 1), (0, 1, 1), (0, 2, 1)]) == {}


def test_nobody_is_led_from_one_identity_to_another() -> None:
    assert found([(0, 0, 1), (0, 1, 2), (1, 2, 3), (1, 3, 4)]).keys() == {(0, 1), (1, 0), (2, 3), (3, 2)}


def test_what_many_like_anyway_is_held_back() -> None:
    rows = [(who, product, product) for who in range(9) for product in (0, 1)] + [(9, 2, 1), (9, 3, 2)]
    rules = OrderRules(shrinkage=0.0)

    weights = found(rows, rules)

    assert weights[0, 1] == pytest.approx(9 / (9**0.5 * 9**0.2))
    assert weights[2, 3] == pytest.approx(1.0)


def test_only_the_heaviest_of_a_product_are_kept() -> None:
    rows = [(who, 0, 1) for who in range(3)] + [(0, 1, 2), (1, 1, 2), (2, 2, 2)]

    weights = found(rows, OrderRules(per_product=1, from_power=0.0, to_power=0.0, shrinkage=0.0))

    assert (0, 1) in weights
    assert (0, 2) not in weights


def test_of_nobody_nothing_is_learned() -> None:
    none = np.zeros(0, np.int64)

    assert len(find_next(in_order(none, none, np.zeros(0)), np.zeros(3, np.int64), OrderRules())) == 0
