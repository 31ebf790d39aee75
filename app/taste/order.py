"""What follows what: products that people come to one after the other, as weights from the earlier to the later.

Sequential association rules (Ludewig and Jannach, 2018) over whole histories: each pair counts the less the more visits
lie between, the wrong way round it counts little, and what many like anyway is held back on both sides.
"""

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array

from app.taste.values import Edges, Floats, Ints, keep_best

REACH = 30
"""Likes further ahead than this are not paired; bounds the work by the number of likes."""


@dataclass(frozen=True)
class OrderRules:
    """How pairs in a row are counted."""

    fading: float = 0.8
    """What is left of a pair for each further visit that lies between."""
    backwards: float = 0.2
    """What a pair counts from the later to the earlier."""
    from_power: float = 0.5
    """Exponent on the likers of the earlier one, by which a weight is divided,"""
    to_power: float = 0.2
    """... and of the later one."""
    shrinkage: float = 10.0
    """Added to the divisor: what few have done says little."""
    per_product: int = 20


@dataclass(frozen=True)
class Sequence:
    """Likes in the order in which they came: columns of equal length, sorted by identity and visit."""

    identity: Ints
    product: Ints
    visit: Ints
    """Number of the visit within its identity, from 0; likes of one time are of one visit."""


def in_order(identity: Ints, product: Ints, at: Floats) -> Sequence:
    """Sort likes by identity, time and product, and number each identity's distinct times."""
    order = np.lexsort((product, at, identity))
    identity, product, at = identity[order], product[order], at[order]
    first = np.diff(identity, prepend=-1) != 0
    visit = np.cumsum(first | (np.diff(at, prepend=np.nan) != 0))
    starts = np.maximum.accumulate(np.where(first, np.arange(len(identity)), 0)) if len(identity) else identity
    return Sequence(identity, product, (visit - visit[starts]).astype(np.int64))


def find_next(liked: Sequence, likers: Ints, rules: OrderRules) -> Edges:
    """Edges from a product to those that people come to next, weights above 0, the heaviest of each; sorted.

    ``likers`` counts by product. An identity all of whose likes are of one visit shows no order and is left out.
    """
    products = len(likers)
    visits = np.bincount(liked.identity, liked.visit)  # above 0 where there is more than one
    ordered = visits[liked.identity] > 0
    identity, product, visit = liked.identity[ordered], liked.product[ordered], liked.visit[ordered]
    total = csr_array((products, products))
    for ahead in range(1, min(REACH, len(identity) - 1) + 1):
        same = identity[ahead:] == identity[:-ahead]
        earlier, later = product[:-ahead][same], product[ahead:][same]
        gap = (visit[ahead:] - visit[:-ahead])[same]
        weight = rules.fading ** np.maximum(gap - 1, 0)
        back = np.where(gap > 0, rules.backwards, 1.0) * weight
        total += csr_array(
            (np.concatenate([weight, back]), (np.concatenate([earlier, later]), np.concatenate([later, earlier]))),
            shape=(products, products),
        )
    found = total.tocoo()
    source, target = found.row.astype(np.int64), found.col.astype(np.int64)
    divisor = likers[source] ** rules.from_power * likers[target] ** rules.to_power + rules.shrinkage
    return keep_best(Edges(source, target, found.data / divisor), rules.per_product, by=source)
