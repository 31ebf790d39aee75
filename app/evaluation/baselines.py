"""Rankings that need no service, printed beside it: they certify the evaluator against published figures."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from app.evaluation.datasets.values import Floats, Ints
from app.evaluation.item_models import fit_cosine, fit_ease, pairs_of_products, rank_unseen
from app.evaluation.protocols import visits_ago
from app.evaluation.task import Task

MOST_DENSE = 4_000
"""Identities or products, whichever are fewer, that EASE inverts a matrix of."""
MOST_PAIRS = 2_000_000_000
"""Pairs of products, summed over the identities that have both, that the item-item cosine counts."""


@dataclass(frozen=True, slots=True)
class Baseline:
    """One ranking to compare with."""

    name: str
    rank: Callable[[Task, int], Ints]
    """Product positions of everybody asked, shape (asked, k), best first, -1 where there are fewer."""
    too_big: Callable[[Task], str | None] = lambda task: None
    """Why a task is too big for it; ``None`` when it is not."""


def baselines_of(task: Task) -> tuple[Baseline, ...]:
    """Those that fit what is asked: where products may repeat, the own ones; else what learns from all."""
    popularity = Baseline("popularity", rank_by_popularity)
    if task.repeats:
        return popularity, Baseline("own most frequent", rank_by_own_frequency)
    return (
        popularity,
        Baseline("item-item cosine", lambda task, k: rank_unseen(task, fit_cosine(task), k), _too_big_for_cosine),
        Baseline("EASE", lambda task, k: rank_unseen(task, fit_ease(task), k), _too_big_for_ease),
    )


def rank_by_popularity(task: Task, k: int) -> Ints:
    """For everybody the products with most training interactions, what the protocol forbids left out.

    Shape (asked, k), best first; equal counts in order of the products.
    """
    order = np.argsort(-_counts(task), kind="stable").tolist()
    seen = _train_products(task)
    ranked = np.full((len(task.asked), k), -1, dtype=np.int64)
    for row, (identity, barred) in enumerate(zip(task.asked.tolist(), task.barred, strict=True)):
        own: frozenset[int] = frozenset() if task.repeats else seen.get(identity, frozenset())
        best = [product for product in order[: k + len(own) + len(barred)] if product not in own | barred][:k]
        ranked[row, : len(best)] = best
    return ranked


def rank_by_own_frequency(task: Task, k: int) -> Ints:
    """TAIW's TopPersonal: each identity's own products by how often it bought them, equal counts by popularity.

    Shape (asked, k), best first, -1 where an identity has fewer products.
    """
    return _rank_own(task, np.ones(len(task.train)), k)


def rank_by_undiscounted_frequency(task: Task, k: int) -> Ints:
    """Own products by how often and lately they were bought, times how seldom anybody gets them at a discount.

    .98 a visit ago; nothing of the identity's own deals. Shape (asked, k), best first, -1 where there are fewer.
    """
    if task.train.discounted is None:
        raise ValueError("discounts need prices")
    lines = np.maximum(_counts(task), 1)
    discounts = np.bincount(task.train.product, task.train.discounted, minlength=len(lines)) / lines
    return _rank_own(task, 0.98 ** visits_ago(task.train) * (1.0 - discounts[task.train.product]), k)


def _rank_own(task: Task, weight: Floats, k: int) -> Ints:
    """Own products by the sum of ``weight``, one number a training row; equal sums by popularity."""
    pairs, pair = np.unique(np.stack([task.train.identity, task.train.product], axis=1), axis=0, return_inverse=True)
    score = np.bincount(pair.ravel(), weight)
    order = np.lexsort((pairs[:, 1], -_counts(task)[pairs[:, 1]], -score, pairs[:, 0]))
    identity, product = pairs[order, 0], pairs[order, 1]
    starts = np.searchsorted(identity, task.asked)
    ends = np.searchsorted(identity, task.asked, side="right")
    ranked = np.full((len(task.asked), k), -1, dtype=np.int64)
    for row, (start, end) in enumerate(zip(starts, ends, strict=True)):
        best = product[start : min(end, start + k)]
        ranked[row, : len(best)] = best
    return ranked


def _too_big_for_ease(task: Task) -> str | None:
    fewer = min(len(np.unique(task.train.identity)), len(np.unique(task.train.product)))
    return None if fewer <= MOST_DENSE else f"more than {MOST_DENSE:,} identities and products"


def _too_big_for_cosine(task: Task) -> str | None:
    return None if pairs_of_products(task) <= MOST_PAIRS else f"more than {MOST_PAIRS:,} pairs of products"


def _counts(task: Task) -> Ints:
    """Training rows by product."""
    return np.bincount(task.train.product, minlength=len(task.dataset.products))


def _train_products(task: Task) -> dict[int, frozenset[int]]:
    by_identity: dict[int, set[int]] = {}
    for identity, product in zip(task.train.identity.tolist(), task.train.product.tolist(), strict=True):
        by_identity.setdefault(identity, set()).add(product)
    return {identity: frozenset(products) for identity, products in by_identity.items()}
