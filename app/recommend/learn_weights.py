"""How much each source counts, learned on likes that were held out: by length of history, since it matters most.

The sources are those that serve, over a model that was learned from the rest. Popularity helps whoever is new and
misleads whoever is known, so its weight even changes sign.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import takewhile

import numpy as np
from numpy.typing import NDArray

from app.recommend.hold_out import HeldOut, ask_as, latest
from app.recommend.model import RunModel, add_up
from app.recommend.query import Scored
from app.recommend.sources.base import Ask, ScoringSource
from app.recommend.sources.community import Community
from app.recommend.sources.followed import Followed
from app.recommend.sources.next_to import NextTo
from app.recommend.sources.similar import Similar
from app.recommend.tuning import Tuning
from app.taste.values import Edges, Floats, Ints

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
SOURCES: tuple[ScoringSource, ...] = (Similar(), NextTo(), Followed(), Community())
"""Those whose weights are searched for, after the first; popularity comes last."""
UNDAMPED = 2
"""So many of them are means over the history, which need no measure beside each other."""
NO_FADING = 1.0
FADINGS = (0.9, 0.8)
"""What may be left of a like for each later visit."""
NEXT_STEPS = (0.0, 0.25, 0.5, 1.0, 2.0)
"""Weights tried, in units in which what comes next weighs what similar products do, on average."""
FOLDS = 2
RARITY_STEPS = (0.25, 0.5, 0.75, 1.0)
"""How much rarity may count on a shelf, beside not at all."""


@dataclass(frozen=True)
class Blend:
    """Weights beside similar products' 1, one a bracket of history length.

    A candidate's score is the likes' weighted mean similarity + ``next`` x what comes next after them + the likes'
    concentration x (``followed`` x what those like whom the identity follows + ``community`` x what communities
    favour + ``popularity`` x log(1 + likers) / log(1 + most likers)). The concentration is the root of the sum of their
    squared shares.
    """

    sizes: tuple[int, ...] = (1,)
    """Shortest history of each bracket, ascending from 1."""
    followed: tuple[float, ...] = (0.0,)
    community: tuple[float, ...] = (0.0,)
    popularity: tuple[float, ...] = (0.0,)
    ndcg: tuple[float, ...] = ()
    """NDCG@10 of each bracket on what was held out; empty when nothing was learned."""
    next: tuple[float, ...] = (0.0,)
    """Of what comes next, beside similar products' 1; in a long history what everybody buys next drowns all else."""
    fading: float = 1.0
    """What is left of a like for each later visit of its identity."""
    rarity: tuple[float, ...] = (0.0,)
    """On a shelf scores are multiplied by the rarity of their products (``RunModel.rarity``) to the power of this."""


@dataclass(frozen=True)
class Pools:
    """Candidates in one block, one row an identity; rows are padded where ``open`` is False."""

    identities: Ints
    scores: Floats
    """Of ``SOURCES`` and popularity, shape (identities, width, 5).

    All but the first two are damped as they are when they serve (``app/recommend/weights.py``).
    """
    rarity: Floats
    """Of each candidate's product."""
    open: NDArray[np.bool_]
    wanted: Floats
    """1 where a candidate is sought."""
    sought: Ints
    """How many products are sought, by identity."""


def learn_weights(held: HeldOut, model: RunModel, followed: Edges, tuning: Tuning, seed: int) -> Blend:
    """Weights that rank the hidden likes best (NDCG@10), by coordinate search in each bracket of history length.

    ``model`` and ``followed`` (from identity to product) were learned from the known part alone. Histories longer
    than a bracket's are cut to their latest. How fast likes fade is one number for all lengths. Rarity counts on a
    shelf as much as leaves ``tuning.shelf_accuracy`` of that NDCG. ``Blend()`` when nothing is held out.
    """
    rng = np.random.default_rng(seed)
    fading = learn_fading(held, model, tuning)
    model = replace(model, fading=fading)
    gathered = {
        size: pools
        for size in SIZES
        if (pools := gather_pools(held, model, followed, tuning, size, rng, cut=size != SIZES[-1])) is not None
    }
    if not gathered:
        return Blend()
    next_ = tuple(_learn_next(pools, model) for pools in gathered.values())
    joined = [_with_next(pools, one) for pools, one in zip(gathered.values(), next_, strict=True)]
    found = [_search(pools) for pools in joined]
    rarity = tuple(
        _learn_rarity(pools, weights, tuning.shelf_accuracy) for pools, (weights, _) in zip(joined, found, strict=True)
    )
    of_followed, community, popularity = (tuple(weights[source] for weights, _ in found) for source in range(3))
    ndcg = tuple(round(ndcg, 4) for _, ndcg in found)
    return Blend(tuple(gathered), of_followed, community, popularity, ndcg, next_, fading, rarity)


def learn_fading(held: HeldOut, model: RunModel, tuning: Tuning) -> float:
    """What should be left of a like for each later visit, by similar products alone; 1 where a gain may be luck."""
    if held.known.moments is None or not held.wanted:
        return NO_FADING
    starts, liked = held.known.starts, held.known.edges.target
    found: list[Floats] = []
    for fading in (NO_FADING, *FADINGS):
        faded = replace(model, fading=fading)
        gains: list[float] = []
        for identity, wanted in held.wanted.items():
            own = np.arange(int(starts[identity]), int(starts[identity + 1]))
            (scores,) = _score(ask_as(held.known, own, faded, tuning), SOURCES[:1])
            scores[liked[own]] = 0.0
            gains.append(_ndcg_of(scores, wanted))
        found.append(np.asarray(gains))
    return (NO_FADING, *FADINGS)[_best_beyond_luck(found)]


def gather_pools(
    held: HeldOut, model: RunModel, followed: Edges, tuning: Tuning, size: int, rng: np.random.Generator, *, cut: bool
) -> Pools | None:
    """Candidates of the held out identities with at least ``size`` known likes; ``None`` when there are none.

    With ``cut`` only the ``size`` latest of their likes are looked at. What is cut away is no candidate either: it was
    learned from, so it would look too easy to find.
    """
    starts, liked = held.known.starts, held.known.edges.target
    identities = [one for one in held.wanted if starts[one + 1] - starts[one] >= size]
    if not identities:
        return None
    times = held.known.moments.last_ms if held.known.moments else np.zeros(len(liked))
    loved = np.argsort(-model.loved, kind="stable")[: 8 * POOL]
    columns = len(SOURCES) + 1
    scores = np.zeros((len(identities), (columns + 1) * POOL, columns))
    open_ = np.zeros(scores.shape[:2], dtype=np.bool_)
    wanted, rarity = np.zeros(scores.shape[:2]), np.ones(scores.shape[:2])
    followed_starts = np.searchsorted(followed.source, np.arange(len(held.known.identities) + 1))
    for row, identity in enumerate(identities):
        own = np.arange(int(starts[identity]), int(starts[identity + 1]))
        used = latest(own, times, size, rng) if cut else own
        theirs = slice(int(followed_starts[identity]), int(followed_starts[identity + 1]))
        heads: list[int] = followed.target[theirs].tolist()
        said = Scored(tuple(held.known.products[one] for one in heads), tuple(followed.weight[theirs].tolist()))
        ask = ask_as(held.known, used, model, tuning, said)
        scored = _score(ask, SOURCES)
        pool = _choose([*scored, scored[0] * model.rarity], loved, liked[own])
        scores[row, : len(pool)] = np.stack([*(one[pool] for one in scored), model.loved[pool]], axis=1)
        scores[row, :, UNDAMPED:] *= float(np.linalg.norm(ask.history.shares))
        open_[row, : len(pool)] = True
        rarity[row, : len(pool)] = model.rarity[pool]
        wanted[row, : len(pool)] = np.isin(pool, list(held.wanted[identity]))
    sought = np.asarray([len(held.wanted[one]) for one in identities])
    return Pools(np.asarray(identities), scores, rarity, open_, wanted, sought)


def _score(ask: Ask, sources: Sequence[ScoringSource]) -> list[Floats]:
    """Each source's scores of all products."""
    found = [source.score(ask) for source in sources]
    return [add_up(one.products, one.values, len(ask.model.products)) for one in found]


def _choose(columns: Sequence[Floats], loved: Ints, liked: Ints) -> Ints:
    """The best of each column and of all products, without what is liked already; ascending, at most ``POOL`` each."""
    chosen = [loved[~np.isin(loved, liked)][:POOL]]
    for scores in columns:
        free = scores.copy()
        free[liked] = 0.0
        products = np.flatnonzero(free > 0)
        if len(products) > POOL:
            products = products[np.argpartition(-free[products], POOL - 1)[:POOL]]
        chosen.append(products)
    return np.unique(np.concatenate(chosen))


def _learn_next(pools: Pools, model: RunModel) -> float:
    """The weight of what comes next beside similar products alone; 0 where a gain may be luck."""
    if not len(model.next.weights) or not len(model.similar.weights):
        return 0.0
    unit = float(model.similar.weights.mean() / model.next.weights.mean())
    tried = [step * unit for step in NEXT_STEPS]
    return tried[_best_beyond_luck([_ndcg(_with_next(pools, weight), [0.0] * 3) for weight in tried])]


def _with_next(pools: Pools, weight: float) -> Pools:
    """Candidates whose first score is that of similar products and, by this weight, of what comes next."""
    first = pools.scores[:, :, :1] + weight * pools.scores[:, :, 1:2]
    return replace(pools, scores=np.concatenate([first, pools.scores[:, :, UNDAMPED:]], axis=2))


def _best_beyond_luck(found_by: Sequence[Floats]) -> int:
    """Which choice is best, by its mean over identities; ``UNUSED`` unless it gains more than a standard error.

    The gain is that of choices made on the other half of the identities: of many choices the best one looks better
    than it is where it was chosen.
    """
    if len(found_by[UNUSED]) < FOLDS:
        return UNUSED
    fold = np.arange(len(found_by[UNUSED])) % FOLDS
    gain = np.zeros(len(fold))
    for one in range(FOLDS):
        chosen = _best([found[fold != one] for found in found_by])
        gain[fold == one] = (found_by[chosen] - found_by[UNUSED])[fold == one]
    return _best(found_by) if gain.mean() > _error(gain) else UNUSED


def _best(found_by: Sequence[Floats]) -> int:
    return max(range(len(found_by)), key=lambda place: float(found_by[place].mean()))


def _ndcg_of(scores: Floats, wanted: frozenset[int]) -> float:
    """NDCG@10 of one list, from the scores of all products."""
    most = min(PLACES, len(scores))
    top = np.argpartition(-scores, most - 1)[:most]
    top = top[np.lexsort((top, -scores[top]))]
    discounts: Floats = 1.0 / np.log2(np.arange(2, most + 2))
    hits = np.isin(top, list(wanted)) & (scores[top] > 0)
    return float(hits @ discounts / discounts[: len(wanted)].sum())


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
            chosen = _best_beyond_luck(found_by)
            best, found = tried[chosen], found_by[chosen]
    # What everybody likes is seen anyway; so popularity counts as little as costs next to nothing.
    for step in STEPS:
        shy = [*best[:POPULARITY], step * units[POPULARITY]]
        if shy[POPULARITY] < best[POPULARITY] and (ndcg := _ndcg(pools, shy)).mean() >= NEARLY * found.mean():
            return shy, float(ndcg.mean())
    return best, float(found.mean())


def _learn_rarity(pools: Pools, weights: Sequence[float], accuracy: float) -> float:
    """How much rarity may count so that the NDCG keeps this share."""
    least = accuracy * _ndcg(pools, weights).mean()
    kept = takewhile(lambda step: _ndcg(pools, weights, step).mean() >= least, RARITY_STEPS)
    return max(kept, default=0.0)


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


def _ndcg(pools: Pools, weights: Sequence[float], rarity: float = 0.0) -> Floats:
    """NDCG@10 of each identity under some weights."""
    score = pools.scores @ np.asarray([1.0, *weights])
    if rarity:
        score *= np.where(score > 0, pools.rarity**rarity, 1.0)
    score = np.where(pools.open, score, -np.inf)
    most = min(PLACES, score.shape[1])
    top = np.argsort(-score, axis=1, kind="stable")[:, :most]
    discounts: Floats = 1.0 / np.log2(np.arange(2, most + 2))
    gains: Floats = np.take_along_axis(pools.wanted, top, axis=1) @ discounts
    return gains / np.cumsum(discounts)[np.minimum(pools.sought, most) - 1]
