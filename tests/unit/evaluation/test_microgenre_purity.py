"""How well groups fit baskets, beside chance."""

import numpy as np
import pytest

from app.evaluation.microgenres import measure_purity, share_across

GROUP = np.asarray([0, 0, 1, 1, -1])


def test_baskets_of_one_group_each_are_all_together() -> None:
    found = measure_purity("kinds", GROUP, [{0, 1}, {2, 3}])

    assert found is not None
    assert (found.groups, found.together, found.by_chance, found.lift) == (2, 1.0, 0.5, 2.0)


def test_a_large_basket_counts_by_its_products_and_what_is_in_no_group_not_at_all() -> None:
    found = measure_purity("kinds", GROUP, [{0, 1, 2, 4}, {2, 3}])

    assert found is not None
    assert found.together == pytest.approx((2 / 2 + 2 / 1) / 5)
    assert found.by_chance == pytest.approx((2 / 5) ** 2 + (3 / 5) ** 2)


def test_without_a_pair_there_is_no_figure() -> None:
    assert measure_purity("kinds", GROUP, [{0}, {4, 3}, set()]) is None


def test_a_genre_is_across_categories_where_none_holds_more_than_nine_tenths() -> None:
    genre = np.asarray([0] * 10 + [1] * 10 + [2, -1])
    category = np.asarray([0] * 10 + [0] * 9 + [1] + [-1, 0])

    assert share_across(genre, category) == 0.5
    assert share_across(np.asarray([-1]), np.asarray([0])) == 0.0
