"""The likes that an answer is made of: aged, joined over those who granted theirs, in places of the run's model."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.domain.models import IdentityKind
from app.domain.recommendation import Seed, SeedKind
from app.recommend.model import RunModel
from app.recommend.query import Likes, Query
from app.recommend.tuning import Tuning
from app.taste.values import Floats, Ints

MS_A_DAY = 86_400_000.0
_FARTHEST = 1_000.0
"""Visits that count at most: all likes of a longer history would fade to nothing, and shares of nothing are none."""
RECENT = 20
"""Products of a session that are used, the latest."""

Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Items:
    """Products of a history, one entry each."""

    product_ids: tuple[str, ...]
    places: Ints
    """In the run's model; below 0 for what it does not know."""
    weights: Floats
    """What is left of the evidence now."""
    bought: Flags
    bought_ms: Floats
    recency: Floats
    """What is left of each for the visits that came after it, above 0, up to 1."""
    days: Ints
    """On how many days each was bought,"""
    interval_days: Floats
    """... and how many lie between where they come at steady intervals, else 0."""
    via: tuple[IdentityKind | None, ...]
    """Kind of the identity that granted it; None for the reader's own."""

    def __len__(self) -> int:
        return len(self.product_ids)

    def choose(self, entries: Ints) -> "Items":
        """Some of them, in this order."""
        picked: list[int] = entries.tolist()
        return Items(
            tuple(self.product_ids[one] for one in picked),
            self.places[entries],
            self.weights[entries],
            self.bought[entries],
            self.bought_ms[entries],
            self.recency[entries],
            self.days[entries],
            self.interval_days[entries],
            tuple(self.via[one] for one in picked),
        )

    def as_seeds(self, kind: SeedKind) -> tuple[Seed, ...]:
        """Name them, without titles."""
        rows = zip(self.product_ids, self.bought.tolist(), self.via, strict=True)
        return tuple(Seed(id_, "", bought, kind, via) for id_, bought, via in rows)


@dataclass(frozen=True, slots=True)
class History:
    """A reader's history, and what was granted to it."""

    liked: Items
    """The strongest, best first."""
    shares: Floats
    """How much each of them counts; they sum to 1, and one heavy habit does not outweigh everything."""
    owned: Items
    """All that was bought, by the reader or those who granted theirs."""
    own: Items
    """The strongest of the reader's own, whatever was granted: it alone is evidence of membership."""
    own_shares: Floats
    recent: tuple[str, ...]
    """The reader's own of this session, the latest first."""


def build_history(query: Query, model: RunModel, tuning: Tuning) -> History:
    """Age the likes to the moment of the query and join them; empty where there are none."""
    every = [_aged(likes, query, model, tuning) for likes in query.history]
    own = [items for items, likes in zip(every, query.history, strict=True) if likes.identity_id == query.own_id]
    joined = _join(every)
    uses_history = bool(query.sources - {"repeat", "popular"})
    liked = _strongest(joined, tuning.history_size) if uses_history else _NOTHING
    shares = share_out(liked.weights, liked.recency)
    mine, own_shares = liked, share_out(liked.weights)
    if len(every) > len(own):
        mine = _strongest(own[0], tuning.history_size) if own and uses_history else _NOTHING
        own_shares = share_out(mine.weights)
    recent = _recent([one for one in query.history if one.identity_id == query.own_id], query, tuning)
    owned = _join([items.choose(np.flatnonzero(items.bought)) for items in every])
    return History(liked, shares, owned, mine, own_shares, recent if uses_history else ())


def share_out(weights: Floats, recency: Floats | float = 1.0) -> Floats:
    """Shares by log(1 + weight / mean weight), as of the likes that a run learns from, times recency; they sum to 1."""
    if weights.sum() <= 0:
        return np.zeros(len(weights))
    grown = np.log1p(weights * (len(weights) / weights.sum())) * recency
    return grown / grown.sum()


def measure_recency(at_ms: Floats, evidence: Floats, fading: float) -> Floats:
    """What is left of each like: ``fading`` to the power of how many visits came after it.

    Likes of one time are of one visit. A visit whose strongest evidence is weaker than the identity's strongest (a
    view beside purchases; more than a purchase counts as one) counts as that part of a visit.
    """
    if fading >= 1 or not len(at_ms):
        return np.ones(len(at_ms))
    times, visit = np.unique(at_ms, return_inverse=True)
    strongest = np.zeros(len(times))
    np.maximum.at(strongest, visit, np.minimum(evidence, 1.0))
    through = np.cumsum(strongest / max(float(strongest.max()), 1e-12))
    return fading ** np.minimum(through[-1] - through[visit], _FARTHEST)


def _aged(likes: Likes, query: Query, model: RunModel, tuning: Tuning) -> Items:
    """One identity's likes now; what is stamped ahead of now is not younger than new."""
    weight = likes.full_price_weight if query.objective == "full_price" else likes.weight
    age_days = np.maximum(0.0, query.now_ms - likes.at_ms) / MS_A_DAY
    via = None if likes.identity_id == query.own_id else likes.kind
    return Items(
        likes.product_ids,
        model.places(likes.product_ids),
        weight * np.exp(-age_days / tuning.decay_days),
        likes.bought,
        np.where(np.isnan(likes.bought_ms), float(query.now_ms), likes.bought_ms),
        measure_recency(likes.at_ms, weight, model.fading),
        likes.days,
        likes.interval_days,
        (via,) * len(likes.product_ids),
    )


def _join(every: Sequence[Items]) -> Items:
    """One entry a product: weights are added up; the reader's own stands before what was granted."""
    if len(every) == 1:
        return every[0]
    entries = [(items, entry) for items in every for entry in range(len(items))]
    by_product: dict[str, list[tuple[Items, int]]] = {}
    for items, entry in sorted(entries, key=lambda one: one[0].via[one[1]] or ""):
        by_product.setdefault(items.product_ids[entry], []).append((items, entry))
    rows = [_one_of(found) for found in by_product.values()]
    return Items(
        tuple(by_product),
        np.asarray([row[0] for row in rows], dtype=np.int64),
        np.asarray([row[1] for row in rows], dtype=np.float64),
        np.asarray([row[2] for row in rows], dtype=np.bool_),
        np.asarray([row[3] for row in rows], dtype=np.float64),
        np.asarray([row[4] for row in rows], dtype=np.float64),
        np.asarray([row[5] for row in rows], dtype=np.int64),
        np.asarray([row[6] for row in rows], dtype=np.float64),
        tuple(row[7] for row in rows),
    )


def _one_of(
    found: Sequence[tuple[Items, int]],
) -> tuple[int, float, bool, float, float, int, float, IdentityKind | None]:
    """Place, weight, bought, last bought, recency, days, interval and whose, of one product that several may like.

    The longest of several intervals stands for all: whoever buys more often will say so by events.
    """
    bought = [(items, entry) for items, entry in found if items.bought[entry]]
    first, entry = found[0]
    return (
        int(first.places[entry]),
        sum(float(items.weights[at]) for items, at in found),
        bool(bought),
        max((float(items.bought_ms[at]) for items, at in bought), default=0.0),
        max(float(items.recency[at]) for items, at in found),
        max((int(items.days[at]) for items, at in bought), default=0),
        max((float(items.interval_days[at]) for items, at in bought), default=0.0),
        first.via[entry],
    )


def _strongest(items: Items, most: int) -> Items:
    """Up to ``most``, best first; equal ones by product, what the run does not know last."""
    by_product = np.where(items.places < 0, np.iinfo(np.int64).max, items.places)
    return items.choose(np.lexsort((by_product, -items.weights))[:most])


def _recent(own: Sequence[Likes], query: Query, tuning: Tuning) -> tuple[str, ...]:
    """The reader's own likes of this session, the latest first, equal ones by id."""
    since = query.now_ms - tuning.session_ms
    found = [
        (-float(likes.at_ms[entry]), likes.product_ids[entry])
        for likes in own
        for entry in np.flatnonzero((likes.at_ms >= since) & (likes.weight > 0)).tolist()
    ]
    return tuple(id_ for _, id_ in sorted(found)[:RECENT])


_NO_INTS, _NO_FLOATS = np.zeros(0, np.int64), np.zeros(0)
_NOTHING = Items((), _NO_INTS, _NO_FLOATS, np.zeros(0, np.bool_), _NO_FLOATS, _NO_FLOATS, _NO_INTS, _NO_FLOATS, ())
