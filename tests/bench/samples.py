"""Likes without a database: of a data set, and of a part of Complete Journey that is quick to learn from."""

from dataclasses import replace

import numpy as np

from app.evaluation.datasets import Dataset, read_complete_journey
from app.evaluation.datasets.values import Interactions
from app.evaluation.protocols import merge_pairs
from app.taste.values import Edges, Likes, Tagging

HOUSEHOLDS, BUYERS = 800, 5
"""How many households, and how many of them a product needs."""


def some_households() -> Dataset:
    """Random households of Complete Journey and what enough of them bought, one row a pair."""
    whole = read_complete_journey()
    chosen = np.random.default_rng(0).permutation(len(whole.identities))[:HOUSEHOLDS]
    rows = merge_pairs(whole.interactions[np.isin(whole.interactions.identity, chosen)])
    common = np.bincount(rows.product, minlength=len(whole.products)) >= BUYERS
    rows = rows[common[rows.product]]
    people, identity = np.unique(rows.identity, return_inverse=True)
    kept, product = np.unique(rows.product, return_inverse=True)
    names: list[int] = people.tolist()
    places: list[int] = kept.tolist()
    return replace(
        whole,
        identities=tuple(whole.identities[place] for place in names),
        products=tuple(whole.products[place] for place in places),
        interactions=replace(rows, identity=identity, product=product),
    )


def to_likes(dataset: Dataset, rows: Interactions) -> Likes:
    """Likes as a refresh reads them, but over all identities and products of the data set, in its order."""
    pairs = merge_pairs(rows)
    evidence = 1.0 + np.log(pairs.weight)
    people = len(dataset.identities)
    had = np.maximum(1, np.bincount(pairs.identity, minlength=people))
    mean = np.bincount(pairs.identity, evidence, minlength=people) / had
    weight = np.log1p(evidence / mean[pairs.identity])
    products = tuple(product.id for product in dataset.products)
    return Likes(dataset.identities, products, Edges(pairs.identity, pairs.product, weight))


def no_tags() -> Tagging:
    """Nothing is tagged."""
    nothing = np.empty(0, dtype=np.int64)
    return Tagging((), Edges(nothing, nothing, np.empty(0)))
