"""Taste communities: products parted by who likes them together, and identities in the ones that they like from.

The products are parted, not the people: an identity that likes from three communities is then in three of them by
itself, with its share of likes as the strength, and a new event counts at once.
"""

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array

from app.taste.values import Edges, Floats, Ints, Likes, keep_best

ROUNDING = 1e-9
"""Differences of sums that are none."""
UNSURE_PEOPLE = 5
"""Likers added to every product when its share of the crowd is taken: a lone liker proves little."""


@dataclass(frozen=True)
class MembershipRules:
    """Who belongs to what; the same for every shop."""

    most: int = 4
    """Communities of an identity."""
    surprise: float = 2.0
    """Standard deviations by which an identity's share lies above the crowd's, given how many likes it has."""
    min_share: float = 0.02
    """Share of its likes that an identity has in a community at least."""
    min_products: int = 2
    """Products of a community that an identity likes at least."""


def link_products(similar: Edges, likers: Ints, *, per_product: int = 20, min_likers: int = 2) -> Edges:
    """The undirected graph that is parted: the best similar products of each, those of enough likers only.

    ``similar`` is as learned, in both directions or one; weights of the two are added up. Each pair comes once, the
    lower number first, sorted.
    """
    common = likers >= min_likers
    kept = (similar.weight > 0) & common[similar.source] & common[similar.target] & (similar.source != similar.target)
    edges = Edges(similar.source[kept], similar.target[kept], similar.weight[kept])
    edges = keep_best(edges, per_product, by=edges.source)
    low, high = np.minimum(edges.source, edges.target), np.maximum(edges.source, edges.target)
    pairs = csr_array((edges.weight, (low, high)), shape=(len(likers), len(likers))).tocoo()
    order = np.lexsort((pairs.col, pairs.row))
    return Edges(pairs.row[order].astype(np.int64), pairs.col[order].astype(np.int64), pairs.data[order])


@dataclass(frozen=True)
class Members:
    """Who belongs where."""

    edges: Edges
    """From identity to community; the weight is the share of the identity's like weight there, sorted."""
    usual: Floats
    """The crowd's mean share in each community."""


def find_members(likes: Likes, home: Ints, rules: MembershipRules | None = None) -> Members:
    """Let identities belong where they like more than the crowd does, beyond what so few likes may show by chance.

    ``home`` is the community of each product, -1 for none. Of an identity the ``rules.most`` largest shares, which
    add up to at most 1. A fixed share would make everybody a member of what everybody buys, and nobody one of a
    special taste where people like many things.
    """
    rules = rules or MembershipRules()
    people = len(likes.identities)
    shares, products = _shares(likes, home)
    usual = np.bincount(shares.target, weights=shares.weight, minlength=home.max(initial=-1) + 1) / max(1, people)
    evidence = np.bincount(likes.edges.source, minlength=people)[shares.source]
    expected = usual[shares.target]
    chance = np.sqrt(expected * (1 - expected) / evidence)
    kept = (shares.weight >= np.maximum(rules.min_share, expected + rules.surprise * chance)) & (
        products >= rules.min_products
    )
    members = Edges(shares.source[kept], shares.target[kept], shares.weight[kept])
    return Members(keep_best(members, rules.most, by=members.source), usual)


def _shares(likes: Likes, home: Ints) -> tuple[Edges, Ints]:
    """Each identity's share of like weight by community, sorted, and how many products it is of.

    What is at home nowhere counts in the whole.
    """
    total = np.asarray(likes.matrix.sum(axis=1)).ravel()
    housed = home[likes.edges.target] >= 0
    source, target = likes.edges.source[housed], home[likes.edges.target[housed]]
    weight = likes.edges.weight[housed] / total[source]
    pairs, place, products = np.unique(
        source * (home.max(initial=-1) + 1) + target, return_inverse=True, return_counts=True
    )
    source, target = np.divmod(pairs, max(1, home.max(initial=-1) + 1))
    return Edges(source, target, np.bincount(place, weights=weight, minlength=len(pairs)).astype(np.float64)), products


def find_favours(likes: Likes, members: Edges, communities: int, *, gamma: float, most: int) -> Edges:
    """Edges from community to product: how much more its members like it than the crowd does, weights above 0.

    The difference of the mean like weights, over the product's share of the crowd ^ ``gamma``: the higher, the rarer
    what comes first. What everybody likes is nobody's taste. The ``most`` best of a community, sorted.
    """
    belonging = Edges(members.target, members.source, members.weight).matrix(communities, len(likes.identities))
    people = np.bincount(members.target, weights=members.weight, minlength=communities)
    liked = (belonging @ likes.matrix).tocoo()
    share = (likes.likers + UNSURE_PEOPLE) / max(1, len(likes.identities))
    crowd: Floats = np.asarray(likes.matrix.sum(axis=0)).ravel() / max(1, len(likes.identities))
    more: Floats = liked.data / people[liked.row] - crowd[liked.col]
    apart = more > ROUNDING
    row, col = liked.row[apart].astype(np.int64), liked.col[apart].astype(np.int64)
    return keep_best(Edges(row, col, more[apart] / share[col] ** gamma), most, by=row)
