"""How far two ways to part or to group the same things agree; 1 when they are the same, about 0 by chance."""

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


def nmi(one: Ints, other: Ints) -> float:
    """Normalised mutual information of two partitions, over the arithmetic mean of their entropies, 0 to 1."""
    joint = _table(one, other) / len(one)
    a, b = joint.sum(axis=1), joint.sum(axis=0)
    filled = joint > 0
    information = float((joint[filled] * np.log(joint[filled] / np.outer(a, b)[filled])).sum())
    mean = (_entropy(a) + _entropy(b)) / 2
    return 1.0 if mean == 0 else information / mean


def ari(one: Ints, other: Ints) -> float:
    """Adjusted Rand index of two partitions (Hubert and Arabie, 1985), at most 1."""
    table = _table(one, other)
    both, a, b = (float(_pairs(counts).sum()) for counts in (table, table.sum(axis=1), table.sum(axis=0)))
    chance = a * b / float(_pairs(np.asarray(len(one))))
    most = (a + b) / 2
    return 1.0 if most == chance else (both - chance) / (most - chance)


def omega(one: NDArray[np.bool_], other: NDArray[np.bool_]) -> float:
    """Omega index of two overlapping groupings (Collins and Dent, 1988), at most 1.

    Shape (things, groups), true where a thing is in a group. Two things agree when they share as many groups in one
    as in the other.
    """
    shared = [
        (grouping.astype(np.float64) @ grouping.T)[np.triu_indices(len(grouping), 1)] for grouping in (one, other)
    ]
    a, b = (pairs.astype(np.int64) for pairs in shared)
    most = int(max(a.max(initial=0), b.max(initial=0))) + 1
    chance = float((np.bincount(a, minlength=most) / len(a)) @ (np.bincount(b, minlength=most) / len(b)))
    seen = float((a == b).mean())
    return 1.0 if chance == 1 else (seen - chance) / (1 - chance)


def f1(found: NDArray[np.bool_], true: NDArray[np.bool_]) -> tuple[float, float, float]:
    """Precision, recall and F1 of memberships, shape (things, groups); 0 where nothing is found or true."""
    right = float((found & true).sum())
    precision, recall = right / max(1, int(found.sum())), right / max(1, int(true.sum()))
    return precision, recall, 2 * precision * recall / max(1e-12, precision + recall)


def _table(one: Ints, other: Ints) -> Floats:
    """How many things are in each part of the one and of the other."""
    rows, columns = (np.unique(parts, return_inverse=True)[1] for parts in (one, other))
    shape = int(rows.max()) + 1, int(columns.max()) + 1
    return csr_array((np.ones(len(one)), (rows, columns)), shape=shape).toarray()


def _entropy(shares: Floats) -> float:
    inside = shares[shares > 0]
    return float(-(inside * np.log(inside)).sum())


def _pairs(counts: NDArray[np.float64] | NDArray[np.int64]) -> Floats:
    return counts * (counts - 1) / 2.0
