"""What each source says of the candidates of many identities at once, as the ranking statement would say it."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from app.taste.values import Floats, Ints, Likes, Matrix

POOL = 60
"""Candidates of each voice."""
MEMBERSHIPS, MIN_STRENGTH = 4, 0.08


@dataclass(frozen=True)
class Voices:
    """What speaks for products."""

    similar: Matrix
    """Shape (products, products): from what is liked to what is near."""
    peers: Matrix
    """Shape (identities, products): what those like whom an identity follows."""
    homes: Ints
    """Community of each product, -1 for none."""
    favours: Matrix
    """Shape (communities, products)."""


@dataclass(frozen=True)
class Pools:
    """Candidates in one block, one row an identity; rows are padded where ``open`` is False."""

    said: Floats
    """What similar products, peers, communities and popularity say, shape (identities, width, 4)."""
    open: NDArray[np.bool_]
    wanted: Floats
    """1 where a candidate is sought."""
    sought: Ints
    """How many products are sought, by identity."""


def gather_pools(
    likes: Likes,
    wanted: Mapping[int, frozenset[int]],
    voices: Voices,
    size: int,
    rng: np.random.Generator,
    *,
    cut: bool,
) -> Pools | None:
    """Candidates of the identities in ``wanted`` with at least ``size`` likes; ``None`` when there are none.

    With ``cut`` only ``size`` of their likes, drawn at random, are looked at. What is cut away is no candidate either:
    it was learned from, so it would look too easy to find.
    """
    popularity = np.log1p(likes.likers) / np.log1p(max(1, likes.likers.max(initial=0)))
    loved = np.argsort(-popularity, kind="stable")[: 8 * POOL]
    starts, liked, strengths = likes.starts, likes.edges.target, likes.edges.weight
    width = 4 * POOL
    identities = [one for one in wanted if starts[one + 1] - starts[one] >= size]
    if not identities:
        return None
    said = np.zeros((len(identities), width, 4))
    open_ = np.zeros((len(identities), width), dtype=np.bool_)
    sought = np.zeros((len(identities), width))
    for row, identity in enumerate(identities):
        own = np.arange(int(starts[identity]), int(starts[identity + 1]))
        heard = rng.choice(own, size=size, replace=False) if cut else own
        columns = _listen(voices, identity, liked[heard], strengths[heard], popularity)
        pool = _choose(columns, loved, liked[own])
        said[row, : len(pool)] = columns[pool]
        open_[row, : len(pool)] = True
        sought[row, : len(pool)] = np.isin(pool, list(wanted[identity]))
    return Pools(said, open_, sought, np.asarray([len(wanted[one]) for one in identities]))


def _listen(voices: Voices, identity: int, liked: Ints, strengths: Floats, popularity: Floats) -> Floats:
    """What each voice says of every product to one identity, shape (products, 4)."""
    shares = strengths / strengths.sum()
    own = csr_array((shares, (np.zeros(len(liked), dtype=np.int64), liked)), shape=(1, len(popularity)))
    belongs = _belong(voices, liked, shares)
    homes = np.arange(len(belongs))
    member = csr_array((belongs, (np.zeros(len(belongs), dtype=np.int64), homes)), shape=(1, len(belongs)))
    similar, peers, community = (
        np.asarray(said.toarray()).ravel()
        for said in (own @ voices.similar, voices.peers[[identity]], member @ voices.favours)
    )
    return np.stack([similar, peers, community, popularity], axis=1)


def _belong(voices: Voices, liked: Ints, shares: Floats) -> Floats:
    """Strength in each community: its share of the likes; the best few that are strong enough, else 0."""
    homes = voices.homes[liked]
    strength = np.bincount(homes[homes >= 0], shares[homes >= 0], minlength=voices.favours.shape[0])
    strength[np.argsort(-strength, kind="stable")[MEMBERSHIPS:]] = 0.0
    return np.where(strength >= MIN_STRENGTH, strength, 0.0)


def _choose(columns: Floats, loved: Ints, liked: Ints) -> Ints:
    """The best candidates of each voice without what is liked already; ascending, at most 4 x ``POOL``."""
    free = np.ones(len(columns), dtype=np.bool_)
    free[liked] = False
    best = [loved[free[loved]][:POOL]]
    for voice in range(3):
        said = np.where(free, columns[:, voice], 0.0)
        most = min(POOL, len(said))
        top = np.argpartition(-said, most - 1)[:most]
        best.append(top[said[top] > 0])
    return np.unique(np.concatenate(best))
