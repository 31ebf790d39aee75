"""How loudly each source speaks, learned on likes that were held out: by length of history, since it matters most.

Popularity helps whoever is new and misleads whoever is known, so its weight even changes sign.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from app.taste.candidates import Pools, Voices, gather_pools
from app.taste.values import Edges, Floats, Likes

SIZES = (1, 3, 5, 10, 20)
"""Histories of so many likes, and more, have weights of their own."""
STEPS = (-0.6, -0.4, -0.25, -0.15, -0.1, -0.05, 0.0, 0.05, 0.1, 0.15, 0.25, 0.4, 0.6, 1.0, 1.5, 2.5)
"""Weights tried, in units in which a voice is as loud as similar products are."""
POPULARITY = 2
"""Its place among peers, community and popularity."""
NEARLY = 0.99
"""Popularity speaks as little for products as leaves at least this share of the best NDCG."""
ROUNDS = 2
PLACES = 10
SILENT = 0
"""Place of no loudness among the steps, quiet first."""


@dataclass(frozen=True)
class Blend:
    """Weights beside similar products' 1, one a bracket of history length.

    A candidate's score is the likes' weighted mean similarity + the likes' concentration x (``peers`` x what those whom
    the identity follows like + ``community`` x what its communities favour + ``popularity`` x log(1 + likers) /
    log(1 + most likers)). The concentration is the root of the sum of their squared shares.
    """

    sizes: tuple[int, ...] = (1,)
    """Shortest history of each bracket, ascending from 1."""
    peers: tuple[float, ...] = (0.0,)
    community: tuple[float, ...] = (0.0,)
    popularity: tuple[float, ...] = (0.0,)
    ndcg: tuple[float, ...] = ()
    """NDCG@10 of each bracket on what was held out; empty when nothing was learned."""


@dataclass(frozen=True)
class HeldOut:
    """Likes parted for learning: what may be looked at, and what should be found."""

    known: Likes
    wanted: dict[int, frozenset[int]]
    """Products to find, by identity."""


def hold_out(likes: Likes, seed: int, *, share: float = 0.1, most: int = 1500, shortest: int = 5) -> HeldOut:
    """Hide a ``share`` of the likes, at least one, of up to ``most`` identities with at least ``shortest`` of them."""
    rng = np.random.default_rng(seed)
    starts = likes.starts
    able = np.flatnonzero(np.diff(starts) >= shortest)
    hidden = np.zeros(len(likes.edges), dtype=np.bool_)
    wanted: dict[int, frozenset[int]] = {}
    for identity in np.sort(rng.choice(able, size=min(most, len(able)), replace=False)).tolist():
        start, end = int(starts[identity]), int(starts[identity + 1])
        chosen = start + rng.choice(end - start, size=max(1, round(share * (end - start))), replace=False)
        hidden[chosen] = True
        wanted[identity] = frozenset(likes.edges.target[chosen].tolist())
    kept = Edges(likes.edges.source[~hidden], likes.edges.target[~hidden], likes.edges.weight[~hidden])
    return HeldOut(Likes(likes.identities, likes.products, kept), wanted)


def learn_blend(held: HeldOut, voices: Voices, seed: int) -> Blend:
    """Weights that rank the hidden likes best (NDCG@10), by coordinate search in each bracket of history length.

    ``voices`` were learned from the known part alone. Histories longer than a bracket's are cut to it at random.
    ``Blend()`` when nothing is held out.
    """
    rng = np.random.default_rng(seed)
    sizes: list[int] = []
    weights: list[list[float]] = []
    quality: list[float] = []
    for size in SIZES:
        pools = gather_pools(held.known, held.wanted, voices, size, rng, cut=size != SIZES[-1])
        if pools is not None:
            best, ndcg = _search(pools)
            sizes.append(size)
            weights.append(best)
            quality.append(round(ndcg, 4))
    if not sizes:
        return Blend()
    peers, community, popularity = ([row[voice] for row in weights] for voice in range(3))
    return Blend(tuple(sizes), tuple(peers), tuple(community), tuple(popularity), tuple(quality))


def _search(pools: Pools) -> tuple[list[float], float]:
    """The best weights of the voices beside similar products, and their NDCG; quiet where louder may be luck."""
    units = _units(pools)
    best = [0.0, 0.0, 0.0]
    found = _ndcg(pools, best)
    for _ in range(ROUNDS):
        for voice in range(3):
            # Only popularity may speak against a product.
            steps = sorted((step for step in STEPS if step >= 0 or voice == POPULARITY), key=abs)
            tried = [[*best[:voice], step * units[voice], *best[voice + 1 :]] for step in steps]
            heard = [_ndcg(pools, weights) for weights in tried]
            loudest = max(range(len(tried)), key=lambda place: float(heard[place].mean()))
            gain = heard[loudest] - heard[SILENT]
            chosen = loudest if gain.mean() > _error(gain) else SILENT
            best, found = tried[chosen], heard[chosen]
    # What everybody likes is seen anyway; so the crowd says as little as costs next to nothing.
    for step in STEPS:
        shy = [*best[:POPULARITY], step * units[POPULARITY]]
        if shy[POPULARITY] < best[POPULARITY] and (ndcg := _ndcg(pools, shy)).mean() >= NEARLY * found.mean():
            return shy, float(ndcg.mean())
    return best, float(found.mean())


def _error(differences: Floats) -> float:
    """Standard error of their mean."""
    return float(differences.std() / np.sqrt(len(differences)))


def _units(pools: Pools) -> list[float]:
    """By voice, the weight at which its tenth best candidate is as loud as that of similar products; 0 for silence."""
    said = np.where(pools.open[:, :, None], pools.said, 0.0)
    tenth = np.sort(said, axis=1)[:, -min(PLACES, said.shape[1])].mean(axis=0)
    loudest = said.max(axis=1).mean(axis=0)
    loud: list[float] = [ten or most for ten, most in zip(tenth.tolist(), loudest.tolist(), strict=True)]
    return [loud[0] / own if own > 0 and loud[0] > 0 else 0.0 for own in loud[1:]]


def _ndcg(pools: Pools, weights: Sequence[float]) -> Floats:
    """NDCG@10 of each identity under some weights."""
    score = np.where(pools.open, pools.said @ np.asarray([1.0, *weights]), -np.inf)
    most = min(PLACES, score.shape[1])
    top = np.argsort(-score, axis=1, kind="stable")[:, :most]
    discounts: Floats = 1.0 / np.log2(np.arange(2, most + 2))
    gains: Floats = np.take_along_axis(pools.wanted, top, axis=1) @ discounts
    return gains / np.cumsum(discounts)[np.minimum(pools.sought, most) - 1]
