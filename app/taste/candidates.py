"""What each source says of the candidates of many identities at once, as the ranking statement would say it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from app.taste.values import Floats, Ints, Likes, Matrix

POOL = 60
"""Candidates of each voice."""
NEAREST = 6
"""Communities that speak to an identity."""


@dataclass(frozen=True)
class Voices:
    """What speaks for products."""

    nearest: Matrix
    """Shape (products, products): from what is liked to what is nearest to it,"""
    further: Matrix
    """... and to what is near, but further."""
    heard: int
    """So many of an identity's likes, the strongest, speak,"""
    far_reaching: int
    """... and so many of these for what is further, too."""
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
    """What similar products, peers, communities and popularity say, shape (identities, width, 4).

    All but the first as much quieter as the likes are more: times the root of the sum of their shares' squares.
    What many likes say is spread over many products, so their loudest is about that loud.
    """
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
        heard = rng.choice(own, size=size, replace=False) if cut else _strongest(own, strengths, voices.heard)
        spoken = _listen(voices, identity, liked[heard], strengths[heard])
        pool = _choose(spoken, loved, liked[own])
        said[row, : len(pool)] = np.stack([*(one.of(pool) for one in spoken), popularity[pool]], axis=1)
        said[row, :, 1:] *= _concentration(strengths[heard])
        open_[row, : len(pool)] = True
        sought[row, : len(pool)] = np.isin(pool, list(wanted[identity]))
    return Pools(said, open_, sought, np.asarray([len(wanted[one]) for one in identities]))


@dataclass(frozen=True)
class _Spoken:
    """What one voice says to one identity: products, ascending, and how loudly. It is silent on most."""

    products: Ints
    loudness: Floats

    def of(self, products: Ints) -> Floats:
        """What it says of each of some products; 0 where it is silent."""
        if not len(self.products):
            return np.zeros(len(products))
        place = np.minimum(np.searchsorted(self.products, products), len(self.products) - 1)
        return np.where(self.products[place] == products, self.loudness[place], 0.0)

    def best_but(self, liked: Ints) -> Ints:
        """The ``POOL`` products of which it says most, without what is liked already."""
        free = ~np.isin(self.products, liked)
        products, loudness = self.products[free], self.loudness[free]
        return products if len(products) <= POOL else products[np.argpartition(-loudness, POOL - 1)[:POOL]]


def _listen(voices: Voices, identity: int, liked: Ints, strengths: Floats) -> tuple[_Spoken, ...]:
    """What similar products, peers and communities say to one identity."""
    shares = strengths / strengths.sum()
    far = _strongest(np.arange(len(liked)), shares, voices.far_reaching)
    similar = _row(voices, liked, shares) @ voices.nearest + _row(voices, liked[far], shares[far]) @ voices.further
    near_to = csr_array(_near_to(voices, liked, shares)[None, :])
    return tuple(_spoken(said) for said in (similar, voices.peers[[identity]], near_to @ voices.favours))


def _strongest(places: Ints, strengths: Floats, most: int) -> Ints:
    """The places of up to ``most`` strongest likes, ties as they come."""
    return places[np.argsort(-strengths[places], kind="stable")[:most]]


def _row(voices: Voices, products: Ints, shares: Floats) -> Matrix:
    """Some likes' shares as one row, shape (1, products)."""
    place = np.zeros(len(products), dtype=np.int64)
    return csr_array((shares, (place, products)), shape=(1, voices.nearest.shape[0]))


def _concentration(strengths: Floats) -> float:
    """1 for one like, less the more there are: 1 / sqrt(n) for n equal ones."""
    return float(np.linalg.norm(strengths) / strengths.sum())


def _spoken(said: Matrix) -> _Spoken:
    row = csr_array(said)
    row.eliminate_zeros()
    row.sort_indices()
    return _Spoken(row.indices.astype(np.int64), row.data)


def _near_to(voices: Voices, liked: Ints, shares: Floats) -> Floats:
    """Share of the likes in each community; 0 in all but the nearest few."""
    homes = voices.homes[liked]
    strength: Floats = np.bincount(homes[homes >= 0], shares[homes >= 0], minlength=voices.favours.shape[0]).astype(
        np.float64
    )
    strength[np.argsort(-strength, kind="stable")[NEAREST:]] = 0.0
    return strength


def _choose(spoken: Sequence[_Spoken], loved: Ints, liked: Ints) -> Ints:
    """The best candidates of each voice without what is liked already; ascending, at most 4 x ``POOL``."""
    popular = loved[~np.isin(loved, liked)][:POOL]
    return np.unique(np.concatenate([popular, *(one.best_but(liked) for one in spoken)]))
