"""Who is still a customer: the chance that somebody who went silent has not left for good (MBG/NBD).

The model is that of Batislam, Denizel and Filiztekin (2007), which betters BG/NBD (Fader, Hardie and Lee 2005) where
people buy once: there they never leave. Four numbers and a closed form, so it is written out here: the library that
has it light (lifetimes) has been left since 2020, the one that is kept (pymc-marketing) brings a compiler of its own.
"""

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit, gammaln, psi

from app.taste.values import Floats, Ints

Flags = np.ndarray[tuple[int], np.dtype[np.bool_]]

LEAST_RETURNING = 50
"""Customers who came again that a shop must have before anything is said of who is silent."""
MOST_FITTED = 20_000
"""Customers that the four numbers are found from, spread evenly; more make them no better."""
TENTHS = 10
"""Parts of the customers that are left out in turn."""
_BOUNDS = (-8.0, 8.0)
"""Of the logarithms of the four numbers, in units of the mean age."""


@dataclass(frozen=True)
class Histories:
    """When customers bought, a value each, in one order; times in days from anybody's own first purchase."""

    again: Ints
    """Days with a purchase after the first such day."""
    last: Floats
    """Until the last purchase; 0 where there was one only."""
    age: Floats
    """Until the end of the record."""

    def only(self, chosen: Ints | Flags) -> "Histories":
        """Keep the customers that are ``chosen``, by position or by a flag each."""
        return Histories(self.again[chosen], self.last[chosen], self.age[chosen])


@dataclass(frozen=True)
class Chances:
    """The chance of each to be a customer still, 0 to 1; NaN where nothing can be said."""

    value: Floats
    without: Floats
    """The same of shape (``TENTHS``, people), had each tenth of the customers not been seen: how sure it is."""


@dataclass(frozen=True)
class Habits:
    """How a shop's customers come and go.

    While they stay they buy at rates (a day) that are Gamma(``r``, ``alpha``); after each purchase, the first one too,
    they leave with a chance that is Beta(``a``, ``b``).
    """

    r: float
    alpha: float
    a: float
    b: float


def measure_alive(days: Sequence[Collection[int]]) -> Chances:
    """Find for each of whom the days with a purchase are given the chance to be a customer still.

    It speaks of the last day on which anybody bought: of what is not on record nothing is known. NaN for who never
    bought, and for all where too few ever came again.
    """
    chances = Chances(np.full(len(days), math.nan), np.full((TENTHS, len(days)), math.nan))
    known = [place for place, own in enumerate(days) if own]
    first, last, count = (np.array([of(days[place]) for place in known], dtype=np.int64) for of in (min, max, len))
    end = np.max(last, initial=0)
    seen = Histories(count - 1, (last - first).astype(np.float64), (end - first).astype(np.float64))
    some = seen.only(np.unique(np.arange(MOST_FITTED) * len(known) // MOST_FITTED)[: len(known)])
    if (habits := fit_habits(some)) is not None:
        chances.value[known] = chance_alive(habits, seen)
        for tenth in range(TENTHS):
            rest = some.only(np.arange(len(some.again)) % TENTHS != tenth)
            chances.without[tenth, known] = chance_alive(_fit(rest, habits), seen)
    return chances


def fit_habits(seen: Histories) -> Habits | None:
    """Find the habits that make what was seen most likely; ``None`` where too few ever came again."""
    if np.count_nonzero(seen.again) < LEAST_RETURNING:
        return None
    often = max(1e-3, float(seen.again.mean()))
    return _fit(seen, Habits(1.0, float(seen.age.mean()) / often, 1.0, 5.0))


def _fit(seen: Histories, start: Habits) -> Habits:
    unit = float(seen.age.mean())
    scaled = Histories(seen.again, seen.last / unit, seen.age / unit)
    begin = np.log([start.r, start.alpha / unit, start.a, start.b])
    found = minimize(_unlikely, begin, args=(scaled,), jac=True, method="L-BFGS-B", bounds=[_BOUNDS] * 4)
    r, alpha, a, b = (float(value) for value in np.exp(found.x))
    return Habits(r, alpha * unit, a, b)


def chance_alive(habits: Habits, seen: Histories) -> Floats:
    """Return for each customer the chance to be one still at the end of the record, 0 to 1."""
    return np.asarray(expit(-_odds_left(habits, seen)), dtype=np.float64)


def _odds_left(habits: Habits, seen: Histories) -> Floats:
    """Log odds of having left after the last purchase."""
    silence = np.log((habits.alpha + seen.age) / (habits.alpha + seen.last))
    odds = np.log(habits.a / (habits.b + seen.again)) + (habits.r + seen.again) * silence
    return np.asarray(odds, dtype=np.float64)


def _unlikely(logs: Floats, seen: Histories) -> tuple[float, Floats]:
    """Mean negative log-likelihood of the habits whose logarithms are given, and its gradient by these."""
    r, alpha, a, b = (float(value) for value in np.exp(logs))
    x, until, since = seen.again, alpha + seen.age, alpha + seen.last
    odds = _odds_left(Habits(r, alpha, a, b), seen)
    left = np.asarray(expit(odds), dtype=np.float64)
    bought = gammaln(r + x) - gammaln(r) + r * np.log(alpha) - (r + x) * np.log(until)
    stayed = gammaln(b + x + 1) - gammaln(a + b + x + 1) - gammaln(b) + gammaln(a + b)
    slopes = (
        psi(r + x) - psi(r) + np.log(alpha / until) + left * np.log(until / since),
        r / alpha - (r + x) / until + left * (r + x) * (1 / until - 1 / since),
        psi(a + b) - psi(a + b + x + 1) + left / a,
        psi(b + x + 1) - psi(a + b + x + 1) - psi(b) + psi(a + b) - left / (b + x),
    )
    likely = np.asarray(bought + stayed + np.logaddexp(0.0, odds), dtype=np.float64)
    gradient = np.asarray([np.mean(slope) for slope in slopes] * np.exp(logs), dtype=np.float64)
    return -float(likely.mean()), -gradient
