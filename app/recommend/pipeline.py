"""From a question to ordered candidates: sources are scored, weighed and added up. What products are comes later.

Whether a product is offered is a fact of the graph's present, so a draft keeps all candidates and gives out its best,
and more of them where some may not be shown.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from app.domain.models import IdentityKind
from app.domain.recommendation import Membership, Seed
from app.recommend.calibrate import calibrate
from app.recommend.history import Flags, build_history
from app.recommend.membership import find_belonging
from app.recommend.model import RunModel, Weights, add_up
from app.recommend.query import Query
from app.recommend.sources import SOURCES
from app.recommend.sources.base import Ask, Scores
from app.recommend.sources.introduced import score_introduced
from app.recommend.sources.popular import score_popular
from app.recommend.sources.repeat import score_repeats
from app.recommend.tuning import Tuning
from app.recommend.weights import weigh_sources
from app.taste.values import Floats, Ints


@dataclass(frozen=True, slots=True)
class Ordered:
    """Candidates with a score each, in any order; ``first`` sorts as many as are wanted."""

    places: Ints
    """In the run's model."""
    scores: Floats

    def __len__(self) -> int:
        return len(self.places)

    def first(self, most: int) -> Ints:
        """Entries of the best, best first, equal ones by product; fewer where there are no more."""
        entries = np.arange(len(self.scores))
        if most < len(entries):
            edge = np.partition(self.scores, len(self.scores) - most)[len(self.scores) - most]
            entries = np.flatnonzero(self.scores >= edge)
        return entries[np.lexsort((self.places[entries], -self.scores[entries]))][:most]


@dataclass(frozen=True, slots=True)
class Block:
    """What one source contributes."""

    kind: str
    """The first kind of its seeds."""
    weight: float
    scores: Scores


@dataclass(frozen=True, slots=True)
class Contributions:
    """What made the scores of a few candidates."""

    by_kind: dict[str, Floats]
    """Of each candidate, by the first kind of a source's seeds; sources that contribute nothing are left out."""
    parts: tuple[tuple[tuple[int, float], ...], ...]
    """Of each candidate: (place of the seed, its part of the score); () unless an explanation is wanted."""


@dataclass(frozen=True, slots=True)
class Draft:
    """All candidates of one question."""

    model: RunModel
    near: Ordered
    """What any source scores above 0, without what is owned or excluded."""
    factors: Weights | None
    """By product, what scores were multiplied by; None where the sum of the sources is all."""
    popularity: Floats
    """The part of each near score that comes from being liked by many; below 0 where that is no recommendation."""
    blocks: tuple[Block, ...]
    repeats: Ordered
    repeats_via: tuple[IdentityKind | None, ...]
    memberships: tuple[Membership, ...]
    seeds: tuple[Seed, ...]
    """Without titles of products; () unless an explanation is wanted."""
    ask: Ask
    allowed: Flags
    """By product, whether it is neither excluded nor passed over by the rules,"""
    open: Flags
    """... nor owned."""

    def contributions(self, chosen: Ints) -> Contributions:
        """What made the scores of some of the near candidates, by their entries."""
        slot = np.full(len(self.model.products), -1, dtype=np.int64)
        slot[self.near.places[chosen]] = np.arange(len(chosen))
        by_kind: dict[str, Floats] = {}
        parts: list[list[tuple[int, float]]] = [[] for _ in range(len(chosen))]
        first_seed = 0
        for block in self.blocks:
            if block.kind not in ("like", "next", "context") or self.seeds:
                slots = slot[block.scores.products]
                found = np.flatnonzero(slots >= 0)
                values = self._part(block, found)
                by_kind[block.kind] = add_up(slots[found], values, len(chosen))
                if self.seeds:
                    origins: Ints = np.repeat(np.arange(len(block.scores.lengths)), block.scores.lengths)[found]
                    _add_parts(parts, slots[found], origins + first_seed, values)
            first_seed += len(block.scores.seeds)
        return Contributions(by_kind, tuple(tuple(one) for one in parts))

    def _part(self, block: Block, entries: Ints) -> Floats:
        """What some entries of a source contribute to the near scores."""
        values = block.scores.values[entries] * block.weight
        return values if self.factors is None else values * self.factors[block.scores.products[entries]]

    def popular(self, *, owned: bool = False) -> tuple[Ordered, tuple[str, ...]]:
        """What the crowd buys and in what, without what is excluded, or owned unless that is wanted."""
        places, scores, names = score_popular(self.ask)
        if self.ask.query.objective == "full_price":
            scores = scores * self.model.full_price[places]
        kept = np.flatnonzero((self.allowed if owned else self.open)[places])
        return Ordered(places[kept], scores[kept]), tuple(names[one] for one in kept.tolist())

    def introduced(self) -> tuple[Ordered, Ints]:
        """New products in the order of their turns, and the microgenre that each is introduced by."""
        places, scores, genres = score_introduced(self.ask)
        kept = np.flatnonzero(self.open[places])
        return Ordered(places[kept], scores[kept]), genres[kept]


def _add_parts(parts: list[list[tuple[int, float]]], slots: Ints, seeds: Ints, values: Floats) -> None:
    slot_list: list[int] = slots.tolist()
    seed_list: list[int] = seeds.tolist()
    value_list: list[float] = values.tolist()
    for slot, seed, value in zip(slot_list, seed_list, value_list, strict=True):
        parts[slot].append((seed, value))


def draft(query: Query, model: RunModel, tuning: Tuning) -> Draft:
    """Score everything for one question."""
    history = build_history(query, model, tuning)
    ask = Ask(query, history, find_belonging(history, model), model, tuning)
    weights = weigh_sources(ask)
    used = [source for source in SOURCES if weights.of(source) > 0]
    scored = [Block(source.kinds[0], weights.of(source), source.score(ask)) for source in used]
    blocks = tuple(block for block in scored if len(block.scores))
    allowed = _allowed(query, model)
    open_ = allowed.copy()
    open_[_with_variants(history.owned.places, query, model)] = False
    is_ones_own = query.shelf not in ("ranking", "buy_again")
    factors = _factors(query, model, model.rarity_factors[weights.bracket] if is_ones_own else None)
    near, popularity = _add_up(blocks, weights.popularity, model, open_, factors)
    if is_ones_own and factors is not None:
        near, popularity, factors = _calibrate(near, popularity, factors, ask)
    repeats, via = _repeats(ask, allowed, factors) if "repeat" in query.sources else (_NONE, ())
    seeds = tuple(seed for block in blocks for seed in block.scores.seeds)
    memberships = ask.belonging.memberships
    return Draft(model, near, factors, popularity, blocks, repeats, via, memberships, seeds, ask, allowed, open_)


def _factors(query: Query, model: RunModel, rarity: Weights | None) -> Weights | None:
    """By product, what its scores are multiplied by."""
    if query.objective != "full_price":
        return rarity
    return model.full_price if rarity is None else rarity * model.full_price


def _allowed(query: Query, model: RunModel) -> Flags:
    """By product, whether it is neither excluded nor passed over by the rules."""
    allowed = np.full(len(model.products), query.only is None)
    if query.only is not None:
        named = model.places(query.only)
        allowed[named[named >= 0]] = True
    allowed[_with_variants(model.places(query.exclude), query, model)] = False
    return allowed


def _with_variants(places: Ints, query: Query, model: RunModel) -> Ints:
    """The products, and their variants where those are one with them."""
    known = places[places >= 0]
    return model.with_variants(known) if query.folds and len(known) else known


def _add_up(
    blocks: Sequence[Block], popularity: float, model: RunModel, open_: Flags, factors: Weights | None
) -> tuple[Ordered, Floats]:
    """The weighted sum of all sources, for what any of them scores; then popularity, and the factors."""
    if not blocks:
        return _NONE, _NONE.scores
    products = np.concatenate([block.scores.products for block in blocks])
    values = np.concatenate([block.scores.values * block.weight for block in blocks])
    total = add_up(products, values, len(model.products))
    total[~open_] = 0.0
    places = np.flatnonzero(total > 0)
    liked_by_many = popularity * model.loved[places] if popularity else np.zeros(len(places))
    scores = total[places] + liked_by_many
    if factors is not None:
        scores, liked_by_many = scores * factors[places], liked_by_many * factors[places]
    return Ordered(places, scores), liked_by_many


def _calibrate(near: Ordered, popularity: Floats, factors: Weights, ask: Ask) -> tuple[Ordered, Floats, Weights]:
    """The same scores in another order among the best; what made a score grows or shrinks with it."""
    able = np.flatnonzero(near.scores > 0)
    liked, shares, by_interest = ask.history.liked, ask.history.shares, ask.tuning.calibration
    order = able[calibrate(near.places[able], near.scores[able], liked, shares, ask.model, by_interest)]
    scores, factors, places = near.scores.copy(), factors.copy(), near.places[order]
    scores[order] = np.sort(near.scores[order])[::-1]
    grown = scores[order] / near.scores[order]
    factors[places] *= grown
    popularity = popularity.copy()
    popularity[order] *= grown
    return Ordered(near.places, scores), popularity, factors


def _repeats(ask: Ask, allowed: Flags, factors: Weights | None) -> tuple[Ordered, tuple[IdentityKind | None, ...]]:
    places, scores, via = score_repeats(ask)
    kept = np.flatnonzero(allowed[places])
    if factors is not None:
        scores = scores * factors[places]
    return Ordered(places[kept], scores[kept]), tuple(via[one] for one in kept.tolist())


_NONE = Ordered(np.zeros(0, np.int64), np.zeros(0))
