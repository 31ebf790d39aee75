"""How much each source counts, learned on likes that were held out: by length of history, since it matters most.

The sources are those that serve, over a model that was learned from the rest. Popularity helps whoever is new and
misleads whoever is known, so its weight even changes sign.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.recommend.history import build_history
from app.recommend.membership import find_belonging
from app.recommend.model import RunModel, add_up
from app.recommend.query import Likes as ReaderLikes
from app.recommend.query import Query, Scored
from app.recommend.sources.base import Ask, ScoringSource
from app.recommend.sources.community import Community
from app.recommend.sources.followed import Followed
from app.recommend.sources.similar import Similar
from app.recommend.tuning import Tuning
from app.taste.values import Edges, Floats, Ints, Likes

SIZES = (1, 3, 5, 10, 20)
"""Histories of so many likes, and more, have weights of their own."""
STEPS = (-0.6, -0.4, -0.25, -0.15, -0.1, -0.05, 0.0, 0.05, 0.1, 0.15, 0.25, 0.4, 0.6, 1.0, 1.5, 2.5)
"""Weights tried, in units in which a source's scores are as high as those of similar products."""
POPULARITY = 2
"""Its place among followed, community and popularity."""
NEARLY = 0.99
"""Popularity counts as little for products as leaves at least this share of the best NDCG."""
ROUNDS = 2
PLACES = 10
UNUSED = 0
"""Place of the weight 0 among the steps, smallest first."""
POOL = 60
"""Candidates of each source."""
SOURCES: tuple[ScoringSource, ...] = (Similar(), Followed(), Community())
"""Those whose weights are searched for, after the first; popularity is the fourth."""


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


@dataclass(frozen=True)
class Pools:
    """Candidates in one block, one row an identity; rows are padded where ``open`` is False."""

    scores: Floats
    """Of similar products, followed, communities and popularity, shape (identities, width, 4).

    All but the first are damped as they are when they serve (``app/recommend/weights.py``).
    """
    open: NDArray[np.bool_]
    wanted: Floats
    """1 where a candidate is sought."""
    sought: Ints
    """How many products are sought, by identity."""


def learn_weights(held: HeldOut, model: RunModel, followed: Edges, tuning: Tuning, seed: int) -> Blend:
    """Weights that rank the hidden likes best (NDCG@10), by coordinate search in each bracket of history length.

    ``model`` and ``followed`` (from identity to product) were learned from the known part alone. Histories longer
    than a bracket's are cut to it at random. ``Blend()`` when nothing is held out.
    """
    rng = np.random.default_rng(seed)
    sizes: list[int] = []
    weights: list[list[float]] = []
    quality: list[float] = []
    for size in SIZES:
        pools = gather_pools(held, model, followed, tuning, size, rng, cut=size != SIZES[-1])
        if pools is not None:
            best, ndcg = _search(pools)
            sizes.append(size)
            weights.append(best)
            quality.append(round(ndcg, 4))
    if not sizes:
        return Blend()
    peers, community, popularity = ([row[source] for row in weights] for source in range(3))
    return Blend(tuple(sizes), tuple(peers), tuple(community), tuple(popularity), tuple(quality))


def gather_pools(
    held: HeldOut, model: RunModel, followed: Edges, tuning: Tuning, size: int, rng: np.random.Generator, *, cut: bool
) -> Pools | None:
    """Candidates of the held out identities with at least ``size`` known likes; ``None`` when there are none.

    With ``cut`` only ``size`` of their likes, drawn at random, are looked at. What is cut away is no candidate either:
    it was learned from, so it would look too easy to find.
    """
    starts, liked = held.known.starts, held.known.edges.target
    identities = [one for one in held.wanted if starts[one + 1] - starts[one] >= size]
    if not identities:
        return None
    loved = np.argsort(-model.loved, kind="stable")[: 8 * POOL]
    width = 4 * POOL
    scores = np.zeros((len(identities), width, 4))
    open_ = np.zeros((len(identities), width), dtype=np.bool_)
    wanted = np.zeros((len(identities), width))
    followed_starts = np.searchsorted(followed.source, np.arange(len(held.known.identities) + 1))
    for row, identity in enumerate(identities):
        own = np.arange(int(starts[identity]), int(starts[identity + 1]))
        used = np.sort(rng.choice(own, size=size, replace=False)) if cut else own
        theirs = slice(int(followed_starts[identity]), int(followed_starts[identity + 1]))
        ask = _ask(held.known, used, model, followed.target[theirs], followed.weight[theirs], tuning)
        columns = _score(ask)
        pool = _choose(columns, loved, liked[own])
        damping = float(np.linalg.norm(ask.history.shares))
        scores[row, : len(pool)] = np.stack([*(one[pool] for one in columns), model.loved[pool]], axis=1)
        scores[row, :, 1:] *= damping
        open_[row, : len(pool)] = True
        wanted[row, : len(pool)] = np.isin(pool, list(held.wanted[identity]))
    return Pools(scores, open_, wanted, np.asarray([len(held.wanted[one]) for one in identities]))


def _ask(known: Likes, used: Ints, model: RunModel, followed: Ints, followed_scores: Floats, tuning: Tuning) -> Ask:
    """The question that an identity with these likes would ask; their weights are log(1 + evidence) as of the run."""
    evidence = np.expm1(known.edges.weight[used])
    places: list[int] = known.edges.target[used].tolist()
    now = np.zeros(len(used))
    ids = tuple(known.products[place] for place in places)
    likes = ReaderLikes("", None, ids, evidence, evidence, now, np.zeros(len(used), np.bool_), now)
    followed_ids: list[int] = followed.tolist()
    query = Query(
        now_ms=0,
        sources=frozenset(source.source for source in SOURCES),
        history=(likes,),
        own_id="",
        followed=Scored(tuple(known.products[place] for place in followed_ids), tuple(followed_scores.tolist())),
    )
    history = build_history(query, model, tuning)
    return Ask(query, history, find_belonging(history, model), model, tuning)


def _score(ask: Ask) -> list[Floats]:
    """Each source's scores of all products."""
    found = [source.score(ask) for source in SOURCES]
    return [add_up(one.products, one.values, len(ask.model.products)) for one in found]


def _choose(columns: Sequence[Floats], loved: Ints, liked: Ints) -> Ints:
    """The best candidates of each source without what is liked already; ascending, at most 4 x ``POOL``."""
    chosen = [loved[~np.isin(loved, liked)][:POOL]]
    for scores in columns:
        free = scores.copy()
        free[liked] = 0.0
        products = np.flatnonzero(free > 0)
        if len(products) > POOL:
            products = products[np.argpartition(-free[products], POOL - 1)[:POOL]]
        chosen.append(products)
    return np.unique(np.concatenate(chosen))


def _search(pools: Pools) -> tuple[list[float], float]:
    """The best weights of the sources beside similar products, and their NDCG; 0 where a gain may be luck."""
    units = _units(pools)
    best = [0.0, 0.0, 0.0]
    found = _ndcg(pools, best)
    for _ in range(ROUNDS):
        for source in range(3):
            # Only popularity may count against a product.
            steps = sorted((step for step in STEPS if step >= 0 or source == POPULARITY), key=abs)
            tried = [[*best[:source], step * units[source], *best[source + 1 :]] for step in steps]
            found_by = [_ndcg(pools, weights) for weights in tried]
            most = max(range(len(tried)), key=lambda place: float(found_by[place].mean()))
            gain = found_by[most] - found_by[UNUSED]
            chosen = most if gain.mean() > _error(gain) else UNUSED
            best, found = tried[chosen], found_by[chosen]
    # What everybody likes is seen anyway; so popularity counts as little as costs next to nothing.
    for step in STEPS:
        shy = [*best[:POPULARITY], step * units[POPULARITY]]
        if shy[POPULARITY] < best[POPULARITY] and (ndcg := _ndcg(pools, shy)).mean() >= NEARLY * found.mean():
            return shy, float(ndcg.mean())
    return best, float(found.mean())


def _error(differences: Floats) -> float:
    """Standard error of their mean."""
    return float(differences.std() / np.sqrt(len(differences)))


def _units(pools: Pools) -> list[float]:
    """By source, the weight at which its tenth best score is that of similar products; 0 for a source without any."""
    scores = np.where(pools.open[:, :, None], pools.scores, 0.0)
    tenth = np.sort(scores, axis=1)[:, -min(PLACES, scores.shape[1])].mean(axis=0)
    best = scores.max(axis=1).mean(axis=0)
    high: list[float] = [ten or most for ten, most in zip(tenth.tolist(), best.tolist(), strict=True)]
    return [high[0] / own if own > 0 and high[0] > 0 else 0.0 for own in high[1:]]


def _ndcg(pools: Pools, weights: Sequence[float]) -> Floats:
    """NDCG@10 of each identity under some weights."""
    score = np.where(pools.open, pools.scores @ np.asarray([1.0, *weights]), -np.inf)
    most = min(PLACES, score.shape[1])
    top = np.argsort(-score, axis=1, kind="stable")[:, :most]
    discounts: Floats = 1.0 / np.log2(np.arange(2, most + 2))
    gains: Floats = np.take_along_axis(pools.wanted, top, axis=1) @ discounts
    return gains / np.cumsum(discounts)[np.minimum(pools.sought, most) - 1]
