"""What may be told of people in numbers, and what is expected of a brand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import csr_array

from app.domain.disclosure import UNKNOWN, Disclosure, Measured, significant
from app.taste.facets import choose_aspects, count_buyers, group_lines
from app.taste.intervals import mean, median, poisson, wilson
from app.taste.niches import expect_buyers
from app.taste.values import Edges, Matrix

rules = st.builds(Disclosure, st.integers(2, 200))


def matrix(rows: list[list[int]]) -> Matrix:
    return csr_array(np.array(rows, dtype=np.float64))


@pytest.mark.parametrize(("people", "told"), [(49, None), (50, 50), (75, 50), (76, 76), (1000, 986)])
def test_people_are_told_in_steps_from_fifty_on(people: int, told: int | None) -> None:
    assert Disclosure(50).count(people) == told


@given(rules, st.integers(0, 5000), st.integers(1, 5000))
def test_a_difference_of_two_told_numbers_may_be_nobody_or_reaches_k(rule: Disclosure, part: int, more: int) -> None:
    whole = part + more
    told_part, told_whole = rule.count(part), rule.count(whole)
    if told_part is not None and told_whole is not None:
        least, most = told_whole - rule.most(part), rule.most(whole) - told_part

        assert least <= more <= most
        assert least <= 0 or most >= rule.k


def test_a_figure_of_too_few_is_unknown() -> None:
    rule = Disclosure(50)

    assert rule.figure(Measured(1.0, 0.9, 1.1, 49)) == rule.figure(None) == UNKNOWN
    assert rule.figure(Measured(1.2345, 1.1, 1.3, 60)).value == 1.2


def test_numbers_are_rounded_to_what_is_significant() -> None:
    assert [significant(one) for one in (1234.0, 0.01234, 0.0, -0.999)] == [1200.0, 0.012, 0.0, -1.0]


def test_intervals_agree_with_published_examples() -> None:
    assert wilson(81, 263) == pytest.approx((0.2553, 0.3662), abs=1e-4)  # Newcombe 1998, table I
    assert poisson(10) == pytest.approx((4.795, 18.390), abs=1e-3)  # Garwood 1936
    assert poisson(0)[0] == 0.0


def test_one_big_spender_does_not_carry_an_average() -> None:
    spend = np.concatenate([np.full(99, 10.0), [1e6]])

    measured = mean(spend)
    assert measured is not None
    assert measured.value == pytest.approx(10.0)
    assert mean(np.ones(3)) is median(np.ones(3)) is None


def test_a_brand_is_what_its_buyers_in_a_community_choose_more_often() -> None:
    members = matrix([[1, 0], [1, 0], [0, 1], [0, 1]])
    bought = matrix([[1, 0], [1, 1], [0, 1], [0, 1]])
    brand_of = np.array([0, 0])
    lines = group_lines(brand_of, Edges(np.array([0, 1]), np.array([0, 1]), np.ones(2)))
    of_brand = count_buyers(members, bought, matrix([[1], [1]]))
    buyers = count_buyers(members, bought, lines.groups)

    first, second = choose_aspects(buyers, lines, 0, 0, of_brand, 1, 10)
    assert (first.other, first.buyers, first.overall) == (0, 2, 2)
    assert (second.other, second.buyers, second.overall) == (1, 1, 3)
    assert choose_aspects(buyers, lines, 0, 0, of_brand, 2, 10) == [first]


def test_a_brand_is_expected_where_its_microgenre_is_bought() -> None:
    """Half of those who buy in the microgenre buy the brand, all of them in the first community."""
    members = matrix([[1, 0]] * 10 + [[0, 1]] * 10 + [[0, 0]] * 20)
    bought = matrix([[1, 1]] * 10 + [[0, 1]] * 10 + [[0, 0]] * 20)
    genres, brands = matrix([[1], [1]]), matrix([[1], [0]])
    lines = group_lines(np.array([0, -1]), Edges(np.array([0, 1]), np.array([0, 0]), np.ones(2)))
    expected = expect_buyers(members, bought, genres, lines, brands)

    assert expected.buyers[:, 0] == pytest.approx([5.0, 5.0])
    assert expected.spread[1, 0] == pytest.approx(np.sqrt(10 * 0.25))
