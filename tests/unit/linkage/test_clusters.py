"""Groups of records: average linkage, and what may never come together."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from app.linkage.clusters import Constraints, cluster

Weights = dict[tuple[int, int], float]


def _cluster(count: int, weights: Weights, constraints: Constraints | None = None) -> list[int]:
    pairs = sorted(weights)
    left, right = (np.array([pair[side] for pair in pairs], dtype=np.int64) for side in (0, 1))
    bits = np.array([weights[pair] for pair in pairs], dtype=np.float64)
    return cluster(count, left, right, bits, constraints).tolist()


def test_records_that_all_agree_are_one_group() -> None:
    assert _cluster(4, {(0, 1): 9.0, (0, 2): 8.0, (1, 2): 9.0}) == [0, 0, 0, 3]


def test_one_likely_pair_does_not_chain_two_groups_together() -> None:
    weights = {(0, 1): 9.0, (2, 3): 9.0, (1, 2): 3.0, (0, 2): -9.0, (0, 3): -9.0, (1, 3): -9.0}

    assert _cluster(4, weights) == [0, 0, 2, 2]


def test_pairs_that_were_never_looked_at_count_against_joining() -> None:
    assert _cluster(4, {(0, 1): 9.0, (2, 3): 9.0, (1, 2): 2.0}) == [0, 0, 2, 2]


def test_two_ends_of_not_same_as_never_come_together_however_likely() -> None:
    weights = {(0, 1): 20.0, (0, 2): 15.0, (1, 2): 15.0}

    assert _cluster(3, weights, Constraints(apart=[(0, 1)])) in ([0, 1, 0], [0, 1, 1])


def test_two_values_of_a_unique_identifier_never_come_together() -> None:
    weights = {(0, 1): 20.0, (1, 2): 15.0, (0, 2): 15.0}
    unique = {0: {"customer_number": "a"}, 2: {"customer_number": "b"}}

    assert _cluster(3, weights, Constraints(unique=unique)) == [0, 0, 2]


def test_what_is_one_already_stays_one() -> None:
    assert _cluster(3, {(0, 1): -9.0, (1, 2): 9.0}, Constraints(together=[(0, 1)]))[:2] == [0, 0]


_pairs = st.dictionaries(
    st.tuples(st.integers(0, 9), st.integers(0, 9)).filter(lambda pair: pair[0] < pair[1]),
    st.floats(-20, 20),
)


@given(_pairs, st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)).filter(lambda pair: pair[0] != pair[1])))
def test_no_group_ever_holds_two_that_are_apart_or_differ_in_a_unique_value(
    weights: Weights, apart: list[tuple[int, int]]
) -> None:
    unique = {record: {"number": str(record // 3)} for record in range(0, 10, 2)}

    groups = _cluster(10, weights, Constraints(apart=apart, unique=unique))

    assert all(groups[one] != groups[other] for one, other in apart)
    for group in set(groups):
        values = {unique[record]["number"] for record in range(10) if groups[record] == group and record in unique}
        assert len(values) <= 1


@given(_pairs)
def test_groups_do_not_depend_on_the_order_of_the_pairs(weights: Weights) -> None:
    pairs = sorted(weights)
    for order in (pairs, pairs[::-1]):
        left, right = (np.array([pair[side] for pair in order], dtype=np.int64) for side in (0, 1))
        bits = np.array([weights[pair] for pair in order], dtype=np.float64)
        assert cluster(10, left, right, bits).tolist() == _cluster(10, weights)
