"""Which of its products, tags and microgenres a brand is to each community."""

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array

from app.taste.values import Edges, Floats, Ints, Matrix


@dataclass(frozen=True)
class Buyers:
    """How many people buy something of each group of products, in each community and overall."""

    by_community: Floats
    """Shape (communities, groups)."""
    overall: Ints


@dataclass(frozen=True)
class Lines:
    """Products grouped by brand and by something that they wear or are: a line of a brand."""

    groups: Matrix
    """Shape (products, lines)."""
    brand: Ints
    """Of each line."""
    other: Ints
    """The tag, microgenre or product of each line."""


@dataclass(frozen=True, slots=True)
class Aspect:
    """One line of a brand among a community's buyers of the brand."""

    other: int
    buyers: int
    overall: int


def group_lines(brand_of: Ints, worn: Edges) -> Lines:
    """Group products by their brand (-1: none) and by what they wear (edges from product)."""
    branded = brand_of[worn.source] >= 0
    product, other = worn.source[branded], worn.target[branded]
    both = np.stack([brand_of[product], other], axis=1).reshape(-1, 2)
    lines, place = np.unique(both, axis=0, return_inverse=True)
    groups = csr_array((np.ones(len(product)), (product, place.ravel())), shape=(len(brand_of), len(lines)))
    return Lines(groups, lines[:, 0], lines[:, 1])


def count_buyers(members: Matrix, bought: Matrix, groups: Matrix) -> Buyers:
    """Count who buys something of each group.

    ``members`` is of shape (people, communities), ``bought`` (people, products), ``groups`` (products, groups); all
    that matters is where they are not 0.
    """
    has = mark(mark(bought) @ mark(groups))
    counts = (mark(members).T @ has).toarray()
    return Buyers(np.asarray(counts, dtype=np.float64), np.asarray(has.sum(axis=0), dtype=np.int64).ravel())


def choose_aspects(
    buyers: Buyers, lines: Lines, community: int, brand: int, of_brand: Buyers, least: int, most: int
) -> list[Aspect]:
    """Choose what a brand is to a community: what its buyers there buy of it more often than its buyers elsewhere.

    Lines with fewer than ``least`` buyers in the community are left out. Best first, by how much more often, at most
    ``most``.
    """
    own = np.flatnonzero(lines.brand == brand)
    own = own[buyers.by_community[community, own] >= least]
    there = buyers.by_community[community, own] / max(1.0, of_brand.by_community[community, brand])
    overall = buyers.overall[own] / max(1, of_brand.overall[brand])
    best = own[np.lexsort((own, -there / np.maximum(overall, 1e-12)))[:most]]
    return [
        Aspect(int(lines.other[line]), int(buyers.by_community[community, line]), int(buyers.overall[line]))
        for line in best
    ]


def mark(matrix: Matrix) -> Matrix:
    """The same places, each 1."""
    copy = csr_array(matrix)
    copy.data = (copy.data != 0).astype(np.float64)
    return copy
