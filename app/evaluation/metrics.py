"""Ranking metrics at k, from lists of products and what was held out.

``ranked`` is a matrix of product positions, one row an identity, best first, -1 where a list is shorter than k.
``relevant`` holds each row's held-out products; rows without any do not belong here. Every function of accuracy
gives one number a row, 0 to 1; the run's figure is their mean.
"""

from collections.abc import Sequence, Set

import numpy as np
from numpy.typing import NDArray

from app.domain.models import Product
from app.evaluation.datasets.values import Floats, Ints

Relevant = Sequence[Set[int]]


def find_hits(ranked: Ints, relevant: Relevant) -> Floats:
    """1 where a place of a list holds a held-out product, else 0; shape of ``ranked``."""
    rows = [[product in wanted for product in row] for row, wanted in zip(ranked.tolist(), relevant, strict=True)]
    return np.asarray(rows, dtype=np.float64).reshape(ranked.shape)


def sizes(relevant: Relevant) -> Ints:
    """How many products were held out, by row."""
    return np.asarray([len(wanted) for wanted in relevant], dtype=np.int64)


def recall(hits: Floats, held_out: Ints) -> Floats:
    """Share of the held-out products that the list holds."""
    return hits.sum(axis=1) / held_out


def precision(hits: Floats) -> Floats:
    """Share of the k places that hit; places left empty count as misses."""
    return hits @ np.full(hits.shape[1], 1.0 / hits.shape[1])


def hit(hits: Floats) -> Floats:
    """1 where the list holds at least one held-out product."""
    return (hits.sum(axis=1) > 0) * np.ones(len(hits))


def reciprocal_rank(hits: Floats) -> Floats:
    """One over the place of the first hit; 0 where there is none."""
    return np.where(hits.any(axis=1), 1.0 / (np.argmax(hits, axis=1) + 1.0), 0.0)


def ndcg(hits: Floats, held_out: Ints) -> Floats:
    """Discounted gain over the best that k places can have (ideal over min(k, held out))."""
    return _gain(hits) / _ideal(np.minimum(held_out, hits.shape[1]))


def ndcg_all(hits: Floats, held_out: Ints) -> Floats:
    """Discounted gain over the ideal of **all** held-out products, as TAIW and Ferrari Dacrema et al. print it."""
    return _gain(hits) / _ideal(held_out)


def coverage(ranked: Ints, catalogue_size: int) -> float:
    """Share of the catalogue that appears in at least one list."""
    return len(np.unique(ranked[ranked >= 0])) / catalogue_size


def novelty(ranked: Ints, holders: Ints, identities: int) -> float:
    """Mean of -log2(share of train identities that hold the product) over all places; bits.

    ``holders`` counts them by product; a product that nobody holds counts as held by one. 0 for empty lists.
    """
    shown = ranked[ranked >= 0]
    if not len(shown):
        return 0.0
    return float(np.mean(-np.log2(np.maximum(holders[shown], 1) / identities)))


def diversity(ranked: Ints, products: Sequence[Product]) -> float | None:
    """Mean over the lists of 1 - mean tag cosine between the products of a list; None when no product has tags.

    Products without tags are unlike everything. Lists of fewer than two products are left out.
    """
    if not any(product.tags for product in products):
        return None
    tags = _TagVectors(products)
    lists = [tags.diversity(row[row >= 0]) for row in ranked if (row >= 0).sum() >= 2]
    return float(np.mean(lists)) if lists else 0.0


def _gain(hits: Floats) -> Floats:
    return hits @ _discounts(hits.shape[1])


def _ideal(counts: Ints) -> Floats:
    return np.cumsum(_discounts(int(counts.max(initial=1))))[counts - 1]


def _discounts(places: int) -> Floats:
    return 1.0 / np.log2(np.arange(2, places + 2))


class _TagVectors:
    """Tag weights of the products as unit vectors, kept sparse."""

    def __init__(self, products: Sequence[Product]) -> None:
        numbers: dict[str, int] = {}
        self._tags: list[NDArray[np.int64]] = []
        self._weights: list[Floats] = []
        for product in products:
            weights = np.asarray([tag.weight for tag in product.tags])
            self._tags.append(
                np.asarray([numbers.setdefault(tag.id, len(numbers)) for tag in product.tags], dtype=np.int64)
            )
            self._weights.append(weights / np.linalg.norm(weights) if weights.any() else weights)

    def diversity(self, row: Ints) -> float:
        """1 - mean cosine over the pairs of one list: the length of the summed vectors tells all pairs at once."""
        members: list[int] = row.tolist()
        tags = np.concatenate([self._tags[product] for product in members])
        weights = np.concatenate([self._weights[product] for product in members])
        _, place = np.unique(tags, return_inverse=True)
        summed = np.bincount(place, weights) if len(tags) else np.zeros(1)
        own = sum(1.0 for product in members if self._weights[product].any())
        return float(1.0 - (summed @ summed - own) / (len(members) * (len(members) - 1)))
