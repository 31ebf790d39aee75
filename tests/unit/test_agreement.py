"""How far two ways to group the same things agree."""

import numpy as np
import pytest

from tests.bench.agreement import ari, f1, nmi, omega


def test_the_names_of_parts_do_not_matter():
    one, other = np.asarray([0, 0, 1, 1, 2]), np.asarray([7, 7, 3, 3, 5])

    assert (nmi(one, other), ari(one, other)) == (pytest.approx(1), 1)


def test_parts_that_say_nothing_of_each_other_agree_by_chance_alone():
    one, other = np.asarray([0, 0, 1, 1]), np.asarray([0, 1, 0, 1])

    assert nmi(one, other) == pytest.approx(0)
    assert ari(one, other) == pytest.approx(-0.5)


def test_agreement_is_what_the_textbooks_count():
    one, other = np.asarray([0, 0, 0, 1, 1, 1, 2, 2, 2, 2]), np.asarray([0, 0, 1, 1, 2, 2, 3, 3, 3, 3])

    # Of 45 pairs 12 and 9 are together, 8 of them in both; 2.4 would be by chance.
    assert ari(one, other) == pytest.approx((8 - 2.4) / (10.5 - 2.4))
    information = 0.4 * np.log(10 / 3) + 0.2 * np.log(5 / 3) + 0.4 * np.log(5 / 2)
    entropies = -0.6 * np.log(0.3) - 0.4 * np.log(0.4), -0.6 * np.log(0.2) - 0.4 * np.log(0.4)
    assert nmi(one, other) == pytest.approx(2 * information / sum(entropies))


def test_random_partitions_have_no_adjusted_agreement():
    chance = np.random.default_rng(0)

    assert abs(ari(chance.integers(0, 5, 5_000), chance.integers(0, 5, 5_000))) < 0.01


def test_overlapping_groups_agree_when_pairs_share_as_many():
    groups = np.asarray([[1, 1, 0], [1, 0, 0], [0, 1, 1], [0, 0, 1]], dtype=bool)
    shuffled = groups[:, [2, 0, 1]]

    assert omega(groups, shuffled) == 1
    assert omega(groups, ~groups) < 0.5


def test_recovered_memberships_are_counted():
    true = np.asarray([[1, 1, 0], [0, 1, 1]], dtype=bool)
    found = np.asarray([[1, 0, 0], [0, 1, 0]], dtype=bool)

    assert f1(found, true) == (1.0, 0.5, pytest.approx(2 / 3))
    assert f1(np.zeros_like(true), true) == (0.0, 0.0, 0.0)
