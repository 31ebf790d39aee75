"""How interactions are parted into train, validation and test; pure functions, seeded where they draw."""

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from app.evaluation.datasets.values import Interactions, Ints, Mask

Protocol = Literal["ratio", "leave-one-out", "last-basket", "holdout", "taiw"]
"""``taiw`` is ``last-basket`` as TAIW (RecSys 2023) runs it: asked for the test basket, the one before is not told."""
Parts = NDArray[np.int8]
"""One number an interaction: ``TRAIN``, ``VALIDATION`` or ``TEST``."""

TRAIN, VALIDATION, TEST = 0, 1, 2
SECONDS_A_DAY = 86_400


def merge_pairs(rows: Interactions) -> Interactions:
    """One row a pair of identity and product, sorted by both: weights added, the latest time and its prices."""
    if not len(rows):
        return rows
    at = np.zeros(len(rows), dtype=np.int64) if rows.at is None else rows.at
    ordered = rows[np.lexsort((at, rows.product, rows.identity))]
    same = (ordered.identity[1:] == ordered.identity[:-1]) & (ordered.product[1:] == ordered.product[:-1])
    starts = np.flatnonzero(np.concatenate([[True], ~same]))
    lasts = np.concatenate([starts[1:] - 1, [len(rows) - 1]])
    merged = ordered[lasts]
    merged.weight[:] = np.add.reduceat(ordered.weight, starts)
    return merged


def split_by_ratio(identity: Ints, seed: int) -> Parts:
    """Part each identity's rows 8:1:1 at random, rounded as RecBole does it.

    Validation and test get a tenth rounded down each; a part that would stay empty takes one row, test first, as
    long as train keeps more than one.
    """
    rng = np.random.default_rng(seed)
    parts = np.full(len(identity), TRAIN, dtype=np.int8)
    for rows in _rows_by_identity(rng.permutation(len(identity)), identity):
        validation, test = _held_out_counts(len(rows))
        parts[rows[:test]] = TEST
        parts[rows[test : test + validation]] = VALIDATION
    return parts


def leave_one_out(identity: Ints, at: Ints | None, seed: int) -> Parts:
    """Hold out each identity's last row for test and the one before for validation.

    Without times, and between equal times, chance decides. Identities with fewer than three rows stay in train.
    """
    drawn = np.random.default_rng(seed).permutation(len(identity))
    order = drawn if at is None else drawn[np.argsort(at[drawn], kind="stable")]
    parts = np.full(len(identity), TRAIN, dtype=np.int8)
    for rows in _rows_by_identity(order, identity):
        if len(rows) >= 3:
            parts[rows[-1]], parts[rows[-2]] = TEST, VALIDATION
    return parts


def hold_out_fifth(rows: int, seed: int) -> Parts:
    """Hold out a fifth of all rows at random for test, and of what is left a fifth for validation (rounded down)."""
    order = np.random.default_rng(seed).permutation(rows)
    test = rows // 5
    parts = np.full(rows, TRAIN, dtype=np.int8)
    parts[order[:test]] = TEST
    parts[order[test : test + (rows - test) // 5]] = VALIDATION
    return parts


def keep_regular_shoppers(rows: Interactions, min_visits: int = 5, min_lines: int = 10) -> Mask:
    """Which rows the last-basket protocol of TAIW (RecSys 2023) keeps.

    Identities with ``min_visits`` distinct times and products with ``min_lines`` lines, both counted before anything
    is left out; of these, identities that did not buy all on one day and whose lines a day stay below the mean plus
    two standard deviations.
    """
    at = times_of(rows)
    visits, _ = _baskets(rows.identity, at)
    often = np.bincount(visits) >= min_visits
    popular = np.bincount(rows.product) >= min_lines
    kept = often[rows.identity] & popular[rows.product]
    if not kept.any():
        return kept
    return kept & _steady(rows.identity, at, kept)[rows.identity]


def split_last_basket(rows: Interactions) -> Parts:
    """Hold out each identity's last basket (rows of one time) for test and the one before for validation.

    Identities with fewer than three baskets stay in train.
    """
    at = times_of(rows)
    owner, basket = _baskets(rows.identity, at)
    count = np.bincount(owner)
    from_the_end = _from_the_end(owner)
    enough = count[owner] >= 3
    part = np.select([enough & (from_the_end == 0), enough & (from_the_end == 1)], [TEST, VALIDATION], TRAIN)
    return part.astype(np.int8)[basket]


def visits_ago(rows: Interactions) -> Ints:
    """How many visits of its identity came after each row; 0 in the last one."""
    owner, basket = _baskets(rows.identity, times_of(rows))
    return _from_the_end(owner)[basket]


def times_of(rows: Interactions) -> Ints:
    """The times, which baskets need."""
    if rows.at is None:
        raise ValueError("baskets need a time on every interaction")
    return rows.at


def _held_out_counts(total: int) -> tuple[int, int]:
    """Rows of validation and of test among ``total``."""
    validation = test = int(0.1 * total)
    train = total - validation - test
    if train > 1 and 0 < 0.1 * total < 1:
        test, train = test + 1, train - 1
    if train > 1 and 0 < 0.1 * total < 1:
        validation += 1
    return validation, test


def _rows_by_identity(order: Ints, identity: Ints) -> list[Ints]:
    """Row numbers of each identity, in the sequence that ``order`` gives them; ascending by identity."""
    grouped = order[np.argsort(identity[order], kind="stable")]
    borders = np.flatnonzero(np.diff(identity[grouped])) + 1
    return np.split(grouped, borders) if len(grouped) else []


def _baskets(identity: Ints, at: Ints) -> tuple[Ints, Ints]:
    """The identity of each basket, by identity and time ascending, and the basket of each row."""
    times, time = np.unique(at, return_inverse=True)
    baskets, basket = np.unique(identity * len(times) + time, return_inverse=True)
    return baskets // len(times), basket


def _from_the_end(owner: Ints) -> Ints:
    """How many baskets of its owner follow each basket."""
    return np.cumsum(np.bincount(owner))[owner] - 1 - np.arange(len(owner))


def _steady(identity: Ints, at: Ints, kept: Mask) -> Mask:
    """By identity: bought on more than one day, and not at an outlier's rate."""
    size = int(identity.max()) + 1
    lines = np.bincount(identity[kept], minlength=size)
    first = np.full(size, np.iinfo(np.int64).max)
    last = np.full(size, np.iinfo(np.int64).min)
    np.minimum.at(first, identity[kept], at[kept])
    np.maximum.at(last, identity[kept], at[kept])
    there = lines > 0
    days = np.ceil(1e-10 + (last[there] - first[there]) / SECONDS_A_DAY)
    lines_a_day = lines[there] / days
    several_days = first[there] // SECONDS_A_DAY != last[there] // SECONDS_A_DAY
    steady = np.zeros(size, dtype=np.bool_)
    steady[there] = several_days & (lines_a_day < lines_a_day.mean() + 2 * lines_a_day.std())
    return steady
