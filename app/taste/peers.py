"""What those like whom an identity follows: the first thing to say to somebody who is new."""

import numpy as np
from scipy.sparse import csr_array

from app.taste.values import Edges, Ints, Likes, keep_best


def find_peer_likes(likes: Likes, follows: Edges, *, at_least: int, most: int) -> Edges:
    """Edges from identity to product: likes of those it follows, added up and divided by the root of their number.

    Only what ``at_least`` of them like, so that nothing shows what a single one does; the ``most`` heaviest of each
    identity, sorted. ``follows`` runs from identity to identity, one edge a pair.
    """
    people = len(likes.identities)
    followed: Ints = np.bincount(follows.source, minlength=people)
    weights = 1.0 / np.sqrt(followed[follows.source])
    said = csr_array(Edges(follows.source, follows.target, weights).matrix(people, people) @ likes.matrix)
    heads = csr_array(
        Edges(follows.source, follows.target, np.ones(len(follows))).matrix(people, people) @ likes.matrix.sign()
    )
    said.sort_indices()
    heads.sort_indices()
    several = heads.data >= at_least
    found = said.tocoo()
    source, target = found.row[several].astype(np.int64), found.col[several].astype(np.int64)
    return keep_best(Edges(source, target, found.data[several] / np.log(2.0)), most, by=source)
