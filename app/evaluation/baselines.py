"""Rankings that need no service, printed beside it: they certify the evaluator against published figures."""

import numpy as np

from app.evaluation.datasets.values import Ints
from app.evaluation.task import Task


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
    pairs, times = np.unique(np.stack([task.train.identity, task.train.product], axis=1), axis=0, return_counts=True)
    order = np.lexsort((pairs[:, 1], -_counts(task)[pairs[:, 1]], -times, pairs[:, 0]))
    identity, product = pairs[order, 0], pairs[order, 1]
    starts = np.searchsorted(identity, task.asked)
    ends = np.searchsorted(identity, task.asked, side="right")
    ranked = np.full((len(task.asked), k), -1, dtype=np.int64)
    for row, (start, end) in enumerate(zip(starts, ends, strict=True)):
        best = product[start : min(end, start + k)]
        ranked[row, : len(best)] = best
    return ranked


def _counts(task: Task) -> Ints:
    """Training rows by product."""
    return np.bincount(task.train.product, minlength=len(task.dataset.products))


def _train_products(task: Task) -> dict[int, frozenset[int]]:
    by_identity: dict[int, set[int]] = {}
    for identity, product in zip(task.train.identity.tolist(), task.train.product.tolist(), strict=True):
        by_identity.setdefault(identity, set()).add(product)
    return {identity: frozenset(products) for identity, products in by_identity.items()}
