"""How interactions are held out."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.evaluation.datasets import Interactions
from app.evaluation.protocols import (
    SECONDS_A_DAY,
    TEST,
    TRAIN,
    VALIDATION,
    hold_out_fifth,
    keep_regular_shoppers,
    leave_one_out,
    merge_pairs,
    split_by_ratio,
    split_last_basket,
)


def rows(*triples: tuple[int, int, int]) -> Interactions:
    """Interactions from (identity, product, day)."""
    table = np.asarray(triples, dtype=np.int64)
    return Interactions(table[:, 0], table[:, 1], np.ones(len(table)), table[:, 2] * SECONDS_A_DAY)


def counts(parts: Any) -> tuple[int, int, int]:
    return tuple(np.bincount(parts, minlength=3).tolist())


@pytest.mark.parametrize(
    ("total", "expected"),
    [
        (1, (1, 0, 0)),
        (2, (1, 0, 1)),
        (3, (1, 1, 1)),
        (9, (7, 1, 1)),
        (10, (8, 1, 1)),
        (19, (17, 1, 1)),
        (20, (16, 2, 2)),
        (50, (40, 5, 5)),
    ],
)
def test_the_ratio_is_rounded_as_recbole_rounds(total: int, expected: tuple[int, int, int]):
    assert counts(split_by_ratio(np.zeros(total, dtype=np.int64), seed=1)) == expected


@given(st.lists(st.integers(0, 5), min_size=1, max_size=60), st.integers(0, 9))
def test_the_ratio_split_repeats_with_its_seed_and_leaves_everybody_something_to_learn(owners: list[int], seed: int):
    identity = np.asarray(owners, dtype=np.int64)
    parts = split_by_ratio(identity, seed)

    assert (parts == split_by_ratio(identity, seed)).all()
    assert set(identity[parts == TRAIN]) == set(owners)


def test_another_seed_holds_out_other_rows():
    identity = np.zeros(100, dtype=np.int64)

    assert (split_by_ratio(identity, 1) != split_by_ratio(identity, 2)).any()


def test_leave_one_out_takes_the_last_and_the_one_before():
    parts = leave_one_out(np.asarray([0, 1, 0, 0, 1]), np.asarray([30, 5, 10, 20, 6]), seed=3)

    assert parts.tolist() == [TEST, TRAIN, TRAIN, VALIDATION, TRAIN]


def test_leave_one_out_without_times_draws_by_seed():
    identity = np.zeros(40, dtype=np.int64)
    parts = leave_one_out(identity, None, seed=3)

    assert counts(parts) == (38, 1, 1)
    assert (parts == leave_one_out(identity, None, seed=3)).all()
    assert (parts != leave_one_out(identity, None, seed=4)).any()


def test_the_last_basket_is_all_that_was_bought_at_the_last_time():
    parts = split_last_basket(rows((0, 1, 3), (0, 2, 1), (0, 3, 2), (0, 4, 3), (1, 1, 1), (1, 2, 2)))

    assert parts.tolist() == [TEST, TRAIN, VALIDATION, TEST, TRAIN, TRAIN]


def test_regular_shoppers_have_visits_and_their_products_have_lines():
    steady = [(identity, 0, day) for identity in range(12) for day in range(0, 25, 5)]
    rare_product = (0, 7, 3)
    few_visits = [(20, 0, day) for day in range(4)]
    kept = keep_regular_shoppers(rows(*steady, rare_product, *few_visits))

    assert kept.tolist() == [True] * len(steady) + [False] * 5


def test_who_bought_all_on_one_day_is_no_regular_shopper():
    steady = [(identity, 0, day) for identity in range(6) for day in range(0, 25, 5)]
    table = rows(*steady, *[(6, 0, 0)] * 5)
    one_day = Interactions(table.identity, table.product, table.weight, np.asarray(table.at) + np.arange(len(table)))

    assert keep_regular_shoppers(one_day).tolist() == [True] * len(steady) + [False] * 5


def test_who_buys_at_an_outliers_rate_is_no_regular_shopper():
    steady = [(identity, 0, day) for identity in range(20) for day in range(0, 50, 10)]
    reseller = [(20, 0, day) for day in range(5) for _ in range(30)]

    assert keep_regular_shoppers(rows(*steady, *reseller)).tolist() == [True] * len(steady) + [False] * 150


def test_pairs_are_merged_with_their_weights_added_and_the_latest_time():
    merged = merge_pairs(rows((1, 5, 2), (0, 5, 1), (1, 5, 7), (1, 4, 3)))

    assert merged.at is not None
    assert list(zip(merged.identity, merged.product, merged.weight, merged.at // SECONDS_A_DAY, strict=True)) == [
        (0, 5, 1.0, 1),
        (1, 4, 1.0, 3),
        (1, 5, 2.0, 7),
    ]


def test_a_fifth_of_all_rows_is_held_out_at_random():
    parts = hold_out_fifth(100, seed=3)

    assert np.bincount(parts).tolist() == [64, 16, 20]
    assert np.array_equal(parts, hold_out_fifth(100, seed=3))
    assert not np.array_equal(parts, hold_out_fifth(100, seed=4))
