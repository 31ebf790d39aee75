"""The chance that is logged for a creative is the one that it had."""

import itertools
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.stats import beta as beta_distribution

from app.recommend.sampler import (
    EVERYBODY,
    FIRST_RATE,
    FLOOR,
    Beliefs,
    Count,
    Outcomes,
    believe,
    chances,
    mixed,
    narrowed,
)

DRAWS = 200_000
SHAPES = [
    [(1.0, 1.0), (1.0, 1.0)],
    [(1.2, 58.8), (1.2, 58.8), (1.2, 58.8)],
    [(3.0, 97.0), (5.0, 95.0), (2.0, 150.0), (8.0, 190.0)],
    [(2.0, 8.0), (400.0, 1600.0), (30.0, 120.0)],
    [(40.0, 960.0), (41.0, 959.0), (20.0, 980.0), (1.0, 49.0), (0.5, 30.0)],
    [(10_000.0, 490_000.0), (10_200.0, 489_800.0), (1.0, 60.0)],
]


def beliefs(shapes: Sequence[tuple[float, float]]) -> Beliefs:
    alpha, beta = zip(*shapes, strict=True)
    return Beliefs(np.asarray(alpha), np.asarray(beta))


@pytest.mark.parametrize("shapes", SHAPES)
def test_chances_are_those_of_200_000_draws(shapes: list[tuple[float, float]]) -> None:
    draws = np.random.default_rng(7)
    held = beliefs(shapes)
    best = draws.beta(held.alpha, held.beta, (DRAWS, len(shapes))).argmax(axis=1)
    seen = np.bincount(best, minlength=len(shapes)) / DRAWS
    expected = (chances(held) - FLOOR / len(shapes)) / (1 - FLOOR)

    error = np.sqrt(np.maximum(expected * (1 - expected), 1e-6) / DRAWS)
    assert np.all(np.abs(seen - expected) < 4.5 * error + 1e-4)


@pytest.mark.parametrize("shapes", SHAPES[:4])
def test_chances_are_the_integrals_to_a_thousandth(shapes: list[tuple[float, float]]) -> None:
    laws = [beta_distribution(*shape) for shape in shapes]
    exact = [
        quad(
            lambda u, own=own: float(np.prod([one.cdf(own.ppf(u)) for one in laws if one is not own])), 0, 1, limit=200
        )[0]
        for own in laws
    ]

    found = (chances(beliefs(shapes)) - FLOOR / len(shapes)) / (1 - FLOOR)

    assert found == pytest.approx(exact, abs=1e-3)


SHAPE = st.tuples(st.floats(0.01, 1e5), st.floats(0.01, 1e6))


@given(st.lists(SHAPE, min_size=1, max_size=30))
def test_each_has_a_chance_and_they_sum_to_1(shapes: list[tuple[float, float]]) -> None:
    found = chances(beliefs(shapes))

    assert np.all(found > 0)
    assert found.sum() == pytest.approx(1, abs=1e-9)
    assert np.all(found >= FLOOR / len(shapes) * 0.999)


def test_without_candidates_there_is_no_chance() -> None:
    assert list(chances(Beliefs(np.zeros(0), np.zeros(0)))) == []


def test_the_order_in_which_they_are_named_does_not_matter() -> None:
    shapes = SHAPES[2]
    by_shape = dict(zip(shapes, chances(beliefs(shapes)), strict=True))
    for order in itertools.permutations(shapes):
        assert chances(beliefs(order)) == pytest.approx([by_shape[shape] for shape in order])


def rate(found: Beliefs) -> list[float]:
    return list(found.alpha / (found.alpha + found.beta))


def test_before_anything_is_known_only_content_speaks() -> None:
    assert rate(believe(Outcomes(), "c", ["a", "b"], [1, 1])) == pytest.approx([FIRST_RATE, FIRST_RATE])
    one, other = rate(believe(Outcomes(), "c", ["a", "b"], [2, 0.5]))
    assert one == pytest.approx(4 * other)


def test_what_a_creative_did_elsewhere_speaks_for_it_and_what_it_did_here_speaks_louder() -> None:
    elsewhere = Outcomes({("d", "a"): Count(500, 50), ("d", "b"): Count(500, 5)})
    a, b = rate(believe(elsewhere, "c", ["a", "b"], [1, 1]))
    assert a > 2 * b

    here = Outcomes({**elsewhere.counts, ("c", "a"): Count(500, 5), ("c", "b"): Count(500, 50)})
    a, b = rate(believe(here, "c", ["a", "b"], [1, 1]))
    assert b > 2 * a


def test_no_outcome_anywhere_moves_the_order_of_equals() -> None:
    outcomes = Outcomes({("c", "x"): Count(1000, 100)})

    assert chances(believe(outcomes, "c", ["a", "b"], [1, 1])) == pytest.approx([0.5, 0.5])


def test_whoever_is_in_several_communities_is_between_them_by_their_strength() -> None:
    outcomes = Outcomes(
        {("c", "a"): Count(300, 60), ("d", "b"): Count(300, 60), ("c", "b"): Count(300, 3), ("d", "a"): Count(300, 3)}
    )
    each = [believe(outcomes, one, ["a", "b"], [1, 1]) for one in ("c", "d", EVERYBODY)]
    [alone] = [rate(mixed([1.0], each[:1]))]

    assert alone == pytest.approx(rate(each[0]))
    parts = np.asarray([0.5, 0.3, 0.2]) @ np.asarray([rate(one) for one in each])
    assert rate(mixed([0.5, 0.3, 0.2], each)) == pytest.approx(list(parts))
    assert chances(narrowed(each[0]))[0] > 0.9 > 0.1 > chances(narrowed(each[1]))[0]


def test_a_mixture_has_the_spread_of_200_000_draws_of_it() -> None:
    each = [beliefs([(3.0, 97.0), (5.0, 95.0)]), beliefs([(9.0, 91.0), (2.0, 98.0)])]
    draws = np.random.default_rng(7)
    drawn = sum(
        weight * draws.beta(one.alpha, one.beta, (DRAWS, 2)) for weight, one in zip((0.7, 0.3), each, strict=True)
    )

    found = mixed([0.7, 0.3], each)

    law = beta_distribution(found.alpha, found.beta)
    assert law.mean() == pytest.approx(np.mean(drawn, axis=0), rel=0.01)
    assert law.std() == pytest.approx(np.std(drawn, axis=0), rel=0.02)


def test_being_surer_moves_no_mean_and_narrows() -> None:
    held = beliefs(SHAPES[2])

    assert rate(narrowed(held)) == pytest.approx(rate(held))
    assert chances(narrowed(held)).max() > chances(held).max()
