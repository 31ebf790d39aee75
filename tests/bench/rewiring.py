"""Data in which everybody has as much, and every product is had by as many, as before, but by pure chance."""

from dataclasses import replace

import numpy as np

from app.evaluation.datasets.values import Dataset, Ints
from app.evaluation.protocols import merge_pairs

SWAPS_A_PAIR = 10


def rewire(dataset: Dataset, seed: int) -> Dataset:
    """Swap the products of two random pairs, ten times a pair; a swap that would make a pair twice is left out.

    All degrees stay, and with them popularity and how busy everybody is; weights stay with the identity, tags go.
    """
    rows = merge_pairs(dataset.interactions)
    identity, product = rows.identity.tolist(), rows.product.tolist()
    there = set(zip(identity, product, strict=True))
    rng = np.random.default_rng(seed)
    draws: Ints = rng.integers(0, len(identity), (SWAPS_A_PAIR * len(identity), 2))
    for one, other in draws.tolist():
        mine, theirs = (identity[one], product[other]), (identity[other], product[one])
        if mine in there or theirs in there:
            continue
        there -= {(identity[one], product[one]), (identity[other], product[other])}
        there |= {mine, theirs}
        product[one], product[other] = product[other], product[one]
    swapped = replace(rows, product=np.asarray(product, dtype=np.int64))
    return replace(dataset, name=f"{dataset.name}, rewired", interactions=swapped, tag_acts=None)
