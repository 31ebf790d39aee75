"""Trend susceptibility: how much of what somebody buys was on the rise elsewhere, outside their own communities."""

from collections.abc import Sequence

import numpy as np

from app.taste.purchases import Purchases
from app.taste.shrinkage import Estimates, shrink
from app.taste.values import Floats, Ints, Matrix

NOW_DAYS = 28
"""A product's present: the days up to a purchase."""
BEFORE_DAYS = 182
"""Its past: the days before those."""
LEAST_DAYS = 56
"""Days of past that a shop must have before anything can be called a rise."""


def estimate_trend_susceptibility(bought: Purchases, members: Matrix) -> Estimates:
    """Estimate the trend share of an identity's purchases, 0 to 1; ``members`` has shape (identities, communities).

    Only what is bought at full price counts, as a purchase and as a rise: what a deal sells is no trend. ``n`` counts
    purchases for which there was a past to compare with.
    """
    full = bought.only(bought.deal != 1)
    asked = _with_a_past(full)
    shares = trend_shares(full, asked, members)
    lines = asked.lines()
    common = float(shares.mean()) if len(shares) else 0.5
    coin = max(1e-9, common * (1 - common))
    noise = max(1e-3, float(shares.var()) / coin) if len(shares) else 1.0
    return shrink(asked.sums(shares), lines, np.full(len(lines), common), noise)


def measure_trend_shares(bought: Purchases, members: Matrix) -> tuple[Floats, ...]:
    """Measure for each community the trend share of each of its members, NaN for others and where nothing is known.

    As ``estimate_trend_susceptibility`` looks at purchases, but raw, and a rise is one outside the whole community,
    whatever else its members belong to.
    """
    full = bought.only(bought.deal != 1)
    asked = _with_a_past(full)
    line, community, _ = _spread(asked.identity, members)
    shares = np.full((members.shape[1], bought.identities), np.nan)
    if not len(line):
        return tuple(shares)
    clock = _clock_of(full)
    sold, of, _ = _spread(full.identity, members)
    theirs = _Sales(clock, of * full.products + full.product[sold], full.day[sold], np.ones(len(sold)))
    inside = _present_and_past(theirs, community * full.products + asked.product[line], asked.day[line])
    shop, everywhere = ([sales[line] for sales in found(clock, full, asked)] for found in (_of_shop, _of_all))
    rises = _rises(shop, everywhere, inside)
    pairs, pair = np.unique(community * bought.identities + asked.identity[line], return_inverse=True)
    shares.ravel()[pairs] = np.bincount(pair, rises) / np.bincount(pair)
    return tuple(shares)


def trend_shares(sold: Purchases, asked: Purchases, members: Matrix) -> Floats:
    """Return for each line of ``asked`` which share of its product's present sales is a rise over its past, 0 to 1.

    Sales are those of others, each counted by the part of its buyer's memberships that the asker does not share, and a
    rise is what exceeds the past by more than the whole shop grew and by more than chance (one standard error).
    """
    if not len(asked.day):
        return np.empty(0)
    clock = _clock_of(sold)
    inside = _inside(clock, sold, asked, members)
    return _rises(_of_shop(clock, sold, asked), _of_all(clock, sold, asked), inside)


def _with_a_past(sold: Purchases) -> Purchases:
    """Purchases at whose time there was enough to compare with."""
    return sold.only(sold.day >= sold.day.min() + LEAST_DAYS + NOW_DAYS) if len(sold.day) else sold


def _rises(shop: Sequence[Floats], everywhere: Sequence[Floats], inside: Sequence[Floats]) -> Floats:
    """Return which share of the present sales outside is a rise; each is given as present and past."""
    present, past = (np.maximum(0.0, here - there) for here, there in zip(everywhere, inside, strict=True))
    expected = past * shop[0] / np.maximum(1.0, shop[1])
    rise = present - expected - np.sqrt(present)
    return np.clip(rise / np.maximum(1.0, present), 0.0, 1.0)


class _Clock:
    """Makes one sortable number of a thing and a day."""

    def __init__(self, first: int, days: int) -> None:
        self._first, self._days = first, days

    def key(self, thing: Ints, day: Ints) -> Ints:
        """Days before the first one count as the eve of it."""
        return thing * (self._days + 1) + np.maximum(day - self._first, -1) + 1


def _clock_of(sold: Purchases) -> _Clock:
    first = int(sold.day.min())
    return _Clock(first, int(sold.day.max()) - first + 2)


class _Sales:
    """Weighted sales of things by day, to be asked for any span."""

    def __init__(self, clock: _Clock, thing: Ints, day: Ints, weight: Floats) -> None:
        keys = clock.key(thing, day)
        order = np.argsort(keys, kind="stable")
        self._clock = clock
        self._keys = keys[order]
        self._sums = np.concatenate([[0.0], np.cumsum(weight[order])])

    def until(self, thing: Ints, day: Ints) -> Floats:
        """Sales from the start to the end of a day, and of all things before; only differences mean anything."""
        keys = self._clock.key(thing, day)
        order = np.argsort(keys)  # neighbours are found near each other: three times as fast
        found = np.empty(len(keys))
        found[order] = self._sums[np.searchsorted(self._keys, keys[order], side="right")]
        return found


def _present_and_past(sales: _Sales, thing: Ints, day: Ints) -> tuple[Floats, Floats]:
    """Sales of the days up to each day, and of those before."""
    end, turn, start = (sales.until(thing, day - back) for back in (0, NOW_DAYS, NOW_DAYS + BEFORE_DAYS))
    return end - turn, turn - start


def _of_shop(clock: _Clock, sold: Purchases, asked: Purchases) -> tuple[Floats, Floats]:
    everything = _Sales(clock, np.zeros_like(sold.product), sold.day, np.ones(len(sold.day)))
    return _present_and_past(everything, np.zeros_like(asked.product), asked.day)


def _of_all(clock: _Clock, sold: Purchases, asked: Purchases) -> tuple[Floats, Floats]:
    sales = _Sales(clock, sold.product, sold.day, np.ones(len(sold.day)))
    return _present_and_past(sales, asked.product, asked.day)


def _inside(clock: _Clock, sold: Purchases, asked: Purchases, members: Matrix) -> tuple[Floats, Floats]:
    """What the asker itself bought and, as far as they are of its communities, others."""
    own = _Sales(clock, sold.identity * sold.products + sold.product, sold.day, np.ones(len(sold.day)))
    present, past = _present_and_past(own, asked.identity * asked.products + asked.product, asked.day)
    line, community, part = _spread(sold.identity, members)
    by_community = _Sales(clock, community * sold.products + sold.product[line], sold.day[line], part)
    asker, of, own_part = _spread(asked.identity, members)
    for_each = _present_and_past(by_community, of * asked.products + asked.product[asker], asked.day[asker])
    mine = np.bincount(asker, own_part, minlength=len(asked.day))
    # The own purchases are in the communities' sales, too, as far as the asker is of them.
    inside = [np.bincount(asker, sums, minlength=len(asked.day)) for sums in for_each]
    return present * (1 - mine) + inside[0], past * (1 - mine) + inside[1]


def _spread(identity: Ints, members: Matrix) -> tuple[Ints, Ints, Floats]:
    """Return one row for each line and each community of its identity: place of the line, community, part of it."""
    counts = np.diff(members.indptr)[identity].astype(np.int64)
    line = np.repeat(np.arange(len(identity)), counts)
    within = np.arange(len(line)) - np.repeat(np.cumsum(counts) - counts, counts)
    place = np.repeat(members.indptr[identity].astype(np.int64), counts) + within
    whole = np.bincount(line, members.data[place], minlength=len(identity))
    return line, members.indices[place].astype(np.int64), members.data[place] / whole[line]
