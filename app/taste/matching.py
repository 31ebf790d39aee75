"""How much more a community likes of a kind of thing than chance would have it, and how sure that is."""

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array
from scipy.stats import gamma

from app.taste.values import Edges, Floats, Ints, Likes, Matrix, keep_best

PRIOR_LIKES = 5.0
"""Likes, as many as chance would have them, that are added to both sides: few likes prove little."""
COVER = 0.95


@dataclass(frozen=True)
class Matches:
    """Columns of equal length, one row a pair of a community and a kind; sorted by both."""

    community: Ints
    kind: Ints
    lift: Floats
    """Likes of the kind over those expected; 1 is what chance would have."""
    low: Floats
    high: Floats
    """95 % interval of the lift."""
    support: Ints
    """Members who like something of the kind."""

    def __len__(self) -> int:
        return len(self.community)


def match(likes: Likes, members: Edges, kinds: Matrix, communities: int, *, least: int, most: int) -> Matches:
    """Compare what members like with what the crowd likes, kind by kind.

    ``kinds`` is of shape (products, kinds): how much of each a product is, at most 1 in a row. A member counts by
    strength. The number of likes of a kind is taken as Poisson, with a gamma prior around the expected one
    (``PRIOR_LIKES``), and as that much less proof as members differ more among each other than chance would have them:
    likes of one person are no independent word. Pairs of fewer than ``least`` supporting members are left out; of a
    community the ``most`` best supported ones are kept.
    """
    people = len(likes.identities)
    liked = csr_array((np.ones(len(likes.edges)), (likes.edges.source, likes.edges.target)), shape=likes.matrix.shape)
    each = csr_array(liked @ kinds)
    busy: Floats = np.asarray(liked.sum(axis=1)).ravel()
    usual: Floats = np.asarray(each.sum(axis=0)).ravel() / max(1.0, float(busy.sum()))
    belonging = Edges(members.target, members.source, members.weight).matrix(communities, people)
    support = (csr_array((belonging > 0).astype(float)) @ csr_array((each > 0).astype(float))).toarray()
    counted = (belonging @ each).toarray()
    acts: Floats = np.asarray(belonging @ busy, dtype=np.float64)
    expected: Floats = np.outer(acts, usual)
    spread = _spread(belonging, each, busy, counted, expected)
    shape, rate = (counted + PRIOR_LIKES) / spread, (expected + PRIOR_LIKES) / spread
    tail = (1 - COVER) / 2
    known = np.argwhere((support >= least) & (expected > 0))
    kept = keep_best(Edges(known[:, 0], known[:, 1], support[known[:, 0], known[:, 1]]), most, by=known[:, 0])
    at = (kept.source, kept.target)
    return Matches(
        community=kept.source,
        kind=kept.target,
        lift=shape[at] / rate[at],
        low=gamma.ppf(tail, shape[at]) / rate[at],
        high=gamma.ppf(1 - tail, shape[at]) / rate[at],
        support=support[at].astype(np.int64),
    )


def _spread(belonging: Matrix, each: Matrix, busy: Floats, counted: Floats, expected: Floats) -> Floats:
    """How much more the sums vary than Poisson counts would, at least 1, when members are drawn with all their likes.

    The variance of a ratio, linearised: the sum over members of (strength x (likes - ratio x likes expected))^2.
    """
    squared = csr_array(belonging.multiply(belonging))
    ratio = np.divide(counted, expected, out=np.zeros_like(counted), where=expected > 0)
    share = np.divide(expected, np.asarray(belonging @ busy)[:, None], out=np.zeros_like(expected), where=expected > 0)
    of_kind = (squared @ csr_array(each.multiply(each))).toarray()
    mixed = (squared @ csr_array(each.multiply(busy[:, None]))).toarray()
    of_all: Floats = np.asarray(squared @ busy**2)[:, None]
    scale = ratio * share
    variance = of_kind - 2 * scale * mixed + scale**2 * of_all
    return np.maximum(1.0, np.divide(variance, counted, out=np.ones_like(counted), where=counted > 0))
