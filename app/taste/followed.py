"""What those like whom an identity follows: the first thing to say to somebody who is new."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array

from app.taste.values import Edges, Ints, Likes, choose, keep_best


@dataclass(frozen=True)
class Follows:
    """Who follows whom; a follower need not like anything yet."""

    followers: tuple[str, ...]
    """Ids, sorted."""
    edges: Edges
    """From follower to a position in ``Likes.identities``, one a pair, sorted; weights are 1."""


def find_followed_likes(likes: Likes, follows: Follows, *, at_least: int, most: int) -> Edges:
    """Edges from follower to product: likes of those it follows, added up and divided by the root of their number.

    Only what ``at_least`` of them like, so that nothing shows what a single one does; the ``most`` heaviest of each
    follower, sorted.
    """
    shape = len(follows.followers), len(likes.identities)
    followed: Ints = np.bincount(follows.edges.source, minlength=shape[0])
    weights = 1.0 / np.sqrt(followed[follows.edges.source])
    said = csr_array(Edges(follows.edges.source, follows.edges.target, weights).matrix(*shape) @ likes.matrix)
    heads = csr_array(follows.edges.matrix(*shape) @ likes.matrix.sign())
    said.sort_indices()
    heads.sort_indices()
    several = heads.data >= at_least
    found = said.tocoo()
    source, target = found.row[several].astype(np.int64), found.col[several].astype(np.int64)
    return keep_best(Edges(source, target, found.data[several] / np.log(2.0)), most, by=source)


def of_identities(followed_likes: Edges, followers: Sequence[str], identities: Sequence[str]) -> Edges:
    """The edges of those followers who are among ``identities``, from positions there; sorted."""
    places = {id_: place for place, id_ in enumerate(identities)}
    place: Ints = np.asarray([places.get(id_, -1) for id_ in followers], dtype=np.int64)
    source = place[followed_likes.source]
    return choose(Edges(source, followed_likes.target, followed_likes.weight), source >= 0)
