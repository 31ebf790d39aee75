"""Other ways to communities of taste, to hold ours against: graphs of people, factors, and a plain share of likes."""

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array, diags_array

from app.taste.communities import link_products
from app.taste.values import Edges, Floats, Ints, Likes, Matrix, keep_best

MOST, FLOOR = 4, 0.08
"""The plain rule: the four largest shares, each at least so large."""
NEIGHBOURS = 20
UPDATES = 200
"""Rounds of a factorisation; its error has stopped falling long before."""
NOTHING = 1e-12


@dataclass(frozen=True)
class Grouping:
    """What one way found from one seed."""

    members: Edges
    """From identity to community, with a strength."""
    parts: Ints
    """The one community of each thing that was parted, for how far seeds agree; -1 for none."""
    count: int
    """Communities."""


def as_identities(likes: Likes) -> Likes:
    """The same likes with the sides swapped, so that what parts products parts people."""
    order = np.lexsort((likes.edges.source, likes.edges.target))
    edges = Edges(likes.edges.target[order], likes.edges.source[order], likes.edges.weight[order])
    return Likes(likes.products, likes.identities, edges)


def compare_people(likes: Likes) -> Edges:
    """Edges between identities by the cosine of what they like."""
    rows = _scale_rows(likes.matrix, power=2)
    both = csr_array(rows @ rows.T).tocoo()
    apart = both.row != both.col
    edges = Edges(both.row[apart].astype(np.int64), both.col[apart].astype(np.int64), both.data[apart])
    return keep_best(edges, NEIGHBOURS, by=edges.source)


def link_people(similar: Edges, likes: Likes) -> Edges:
    """The undirected graph of people that is parted, made as that of products is."""
    return link_products(similar, as_identities(likes).likers, per_product=NEIGHBOURS)


def by_likes(likes: Likes, home: Ints) -> Grouping:
    """Identities by the plain rule, where products are parted: the share of like weight in each community."""
    return _grouping(likes.matrix @ _housed(home), home)


def by_neighbours(linked: Edges, parts: Ints) -> Grouping:
    """Identities by the plain rule, where people are parted: the share of an identity's links into each community."""
    one_way = linked.matrix(len(parts), len(parts))
    return _grouping((one_way + one_way.T) @ _housed(parts), parts)


def by_factors(likes: Likes, factors: int, seed: int) -> Grouping:
    """Identities by the plain rule on their shares of a non-negative factorisation (Lee and Seung, 2001)."""
    matrix = likes.matrix
    rng = np.random.default_rng(seed)
    size = np.sqrt(float(matrix.mean()) / factors)
    people, products = (size * (0.5 + rng.random((length, factors))) for length in matrix.shape)
    for _ in range(UPDATES):
        people *= (matrix @ products) / np.maximum(people @ (products.T @ products), NOTHING)
        products *= (matrix.T @ people) / np.maximum(products @ (people.T @ people), NOTHING)
    weight = people * products.sum(axis=0)
    return _grouping(csr_array(weight), np.where(weight.any(axis=1), weight.argmax(axis=1), -1))


def _grouping(weight: Matrix, parts: Ints) -> Grouping:
    """The plain rule on weights of shape (identities, communities)."""
    shares = _scale_rows(csr_array(weight)).tocoo()
    kept = shares.data >= FLOOR
    edges = Edges(shares.row[kept].astype(np.int64), shares.col[kept].astype(np.int64), shares.data[kept])
    return Grouping(keep_best(edges, MOST, by=edges.source), parts, weight.shape[1])


def _housed(parts: Ints) -> Matrix:
    inside = np.flatnonzero(parts >= 0)
    return csr_array(
        (np.ones(len(inside)), (inside, parts[inside])), shape=(len(parts), int(parts.max(initial=-1)) + 1)
    )


def _scale_rows(matrix: Matrix, power: int = 1) -> Matrix:
    """Rows of length 1: sums for ``power`` 1, Euclid's for 2; empty ones stay empty."""
    length: Floats = np.asarray((matrix**power).sum(axis=1)).ravel() ** (1 / power)
    return csr_array(diags_array(1 / np.where(length > 0, length, 1.0)) @ matrix)
