"""Microgenres: products alike in their tags and bought by the same people.

Tags are parted, by how often they come together on a product or on products that the same people like; a product is
in the genres of its tags, and of those of its neighbours. Where there are no tags the products themselves are parted.
"""

import numpy as np
from scipy.sparse import csr_array, diags_array

from app.taste.tags import CleanTags
from app.taste.values import Edges, Floats, Ints, Likes, Matrix, keep_best
from app.taste.words import MOOD_FACETS

NEIGHBOURS = 20
"""Similar products that speak for one."""
NEIGHBOURHOOD = 0.3
"""How much the neighbours' tags count beside a product's own."""
TOGETHER = 60.0
"""How much more two tags have to do with each other on products that the same people like than on one product: there
they often are a shelf and the aisle that it stands in, which says nothing of taste."""
HALF_SURE = 80.0
"""So many meetings of two tags, with ``TOGETHER`` in, count for half of what they say: few prove little."""
LIKES_OF_ONE = 200
"""Likes of an identity that say what goes together, the heaviest: pairs grow with their square."""
LEAST_LIKERS = 5
"""Likers of a product that goes together with another."""
HALF_LIKED = 30.0
"""So many who like both of two products count for half of what they say."""
BLOCK = 1000
"""Products that are compared with all others at a time, for the sake of memory."""
PER_TAG = 15
"""Tags that a tag is linked with."""
SMOOTHING = 0.75
"""Exponent on how common a tag is: without it rare pairs would lead (Levy et al., 2015)."""
MOST = 3
"""Microgenres of a product."""
MIN_SHARE = 0.2
"""What a product has of a microgenre at least."""


def around(similar: Edges, products: int) -> Matrix:
    """Each product's nearest others, shape (products, products); rows add up to 1 or are empty."""
    best = keep_best(similar, NEIGHBOURS, by=similar.source)
    return _scale_rows(best.matrix(products, products))


def liked_together(likes: Likes) -> Matrix:
    """Each product's nearest others by who likes both, shape (products, products); rows add up to 1 or are empty.

    By cosine above chance. The weights of similar products mostly tell which of a kind is bought in another's stead;
    this tells what else the same people like.
    """
    heaviest = keep_best(likes.edges, LIKES_OF_ONE, by=likes.edges.source)
    shape = len(likes.identities), len(likes.products)
    liked = csr_array((np.ones(len(heaviest)), (heaviest.source, heaviest.target)), shape=shape)
    likers: Floats = np.asarray(liked.sum(axis=0))
    known = np.flatnonzero(likers >= LEAST_LIKERS)
    liked, likers = csr_array(liked[:, known]), likers[known]
    nearest = [_go_together(liked, likers, start) for start in range(0, len(known), BLOCK)]
    if not nearest:
        return csr_array((shape[1], shape[1]))
    source, target, weight = (np.concatenate(column) for column in zip(*nearest, strict=True))
    return around(Edges(known[source], known[target], weight), shape[1])


def _go_together(liked: Matrix, likers: Floats, start: int) -> tuple[Ints, Ints, Floats]:
    """The nearest others of a block of products: columns of edges."""
    block = slice(start, start + BLOCK)
    both = csr_array(liked[:, block].T @ liked).tocoo()
    source, target = both.row.astype(np.int64) + start, both.col.astype(np.int64)
    chance = likers[source] * likers[target] / liked.shape[0]
    weight = (both.data - chance) / np.sqrt(likers[source] * likers[target]) * both.data / (both.data + HALF_LIKED)
    kept = (source != target) & (weight > 0)
    edges = Edges(source[kept], target[kept], weight[kept])
    best = keep_best(edges, NEIGHBOURS, by=edges.source)
    return best.source, best.target, best.weight


def link_tags(tags: CleanTags, near: Matrix) -> Edges:
    """The undirected graph of tags that is parted: by pointwise mutual information, above 0, each pair once, sorted.

    Two tags meet on a product, and, for more, on one and another ``near`` it (``liked_together``). Tags of a mood facet
    stand aside: they go with many kinds.
    """
    size = len(tags.names)
    aside = np.asarray([facet.casefold() in MOOD_FACETS for facet in tags.facets], dtype=bool)
    linked = ~aside[tags.edges.target]
    edges = Edges(tags.edges.source[linked], tags.edges.target[linked], tags.edges.weight[linked])
    worn = edges.matrix(near.shape[0], size)
    met = worn.T @ worn + TOGETHER * (worn.T @ near @ worn)
    met = csr_array(met + met.T).tocoo()
    apart = met.row != met.col
    row, col, count = met.row[apart].astype(np.int64), met.col[apart].astype(np.int64), met.data[apart] / 2
    common = np.bincount(row, weights=count, minlength=size)
    chance = common[row] / common.sum() * common[col] ** SMOOTHING / (common**SMOOTHING).sum()
    other = common[col] / common.sum() * common[row] ** SMOOTHING / (common**SMOOTHING).sum()
    information = np.log(count / common.sum() / np.sqrt(chance * other)) * count / (count + HALF_SURE)
    known = information > 0
    best = keep_best(Edges(row[known], col[known], information[known]), PER_TAG, by=row[known])
    pairs = csr_array(
        (best.weight, (np.minimum(best.source, best.target), np.maximum(best.source, best.target))), shape=(size, size)
    ).tocoo()
    order = np.lexsort((pairs.col, pairs.row))
    return Edges(pairs.row[order].astype(np.int64), pairs.col[order].astype(np.int64), pairs.data[order])


def join_by_tags(tags: CleanTags, parts: Ints, near: Matrix) -> Edges:
    """Edges from product to microgenre (part of its tags), weights up to 1: its share of the product; sorted.

    A rare tag counts more than a common one, and the neighbours' tags count for ``NEIGHBOURHOOD``; a product without
    tags is what its neighbours are. At most ``MOST`` of a product.
    """
    parted = parts[tags.edges.target] >= 0
    rarity: Floats = np.log(1 + near.shape[0] / np.maximum(tags.carriers, 1))
    source, target = tags.edges.source[parted], tags.edges.target[parted]
    own = csr_array(
        (tags.edges.weight[parted] * rarity[target], (source, parts[target])),
        shape=(near.shape[0], int(parts.max(initial=-1)) + 1),
    )
    own = _scale_rows(own)
    return _best(own * (1 - NEIGHBOURHOOD) + NEIGHBOURHOOD * _scale_rows(near @ own))


def join_by_likes(parts: Ints, near: Matrix) -> Edges:
    """Edges from product to microgenre where products themselves are parted: its own, and those of its neighbours."""
    inside = np.flatnonzero(parts >= 0)
    own = csr_array((np.ones(len(inside)), (inside, parts[inside])), shape=(len(parts), int(parts.max(initial=-1)) + 1))
    return _best(own * (1 - NEIGHBOURHOOD) + NEIGHBOURHOOD * _scale_rows(near @ own))


def first_genres(joined: Edges, products: int) -> Ints:
    """The microgenre that each product is mostly in, -1 for none."""
    best = keep_best(joined, 1, by=joined.source)
    firsts = np.full(products, -1, dtype=np.int64)
    firsts[best.source] = best.target
    return firsts


def without_small(parts: Ints, of_products: Ints, least: int) -> Ints:
    """The parts without those that fewer than ``least`` products are in, by ``of_products``.

    Parts are numbered anew; what was in a dropped one is in none, -1.
    """
    sizes = np.bincount(of_products[of_products >= 0], minlength=int(parts.max(initial=-1)) + 1)
    kept = sizes >= least
    number = np.where(kept, np.cumsum(kept) - 1, -1)
    return np.where(parts >= 0, number[parts], -1) if len(number) else parts


def _best(shares: Matrix) -> Edges:
    """The largest shares of each product, after rows were made to add up to 1."""
    found = _scale_rows(csr_array(shares)).tocoo()
    kept = found.data >= MIN_SHARE
    edges = Edges(found.row[kept].astype(np.int64), found.col[kept].astype(np.int64), found.data[kept])
    return keep_best(edges, MOST, by=edges.source)


def _scale_rows(matrix: Matrix) -> Matrix:
    """Rows that add up to 1; empty rows stay empty."""
    total: Floats = np.asarray(matrix.sum(axis=1)).ravel()
    return csr_array(diags_array(1 / np.where(total > 0, total, 1.0)) @ matrix)
