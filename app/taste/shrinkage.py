"""Shares of few trials, pulled towards what was to be expected as far as all of them tell (empirical Bayes)."""

from dataclasses import dataclass

import numpy as np
from scipy.special import betaincinv

from app.taste.values import Floats, Ints

_TAIL = 0.025
_EDGE = 1e-3
"""A share is never taken for certain."""
UNTOLD_STRENGTH = 10.0
"""Trials that the expectation counts for where nobody has enough of them to tell how much people differ."""


@dataclass(frozen=True)
class Estimates:
    """One estimate each of many, with its 95 % interval; columns of equal length."""

    value: Floats
    low: Floats
    high: Floats
    n: Ints
    """Trials that it rests on. With 0 it is no more than what was to be expected."""


def shrink(hits: Floats, trials: Ints, expected: Floats, noise: float = 1.0) -> Estimates:
    """Estimate shares as Beta-binomial posteriors, whose prior has the mean ``expected``, 0 to 1, of each.

    How strong the prior is follows from how far ``hits`` (0 to ``trials``) lie from it, more than chance does, by the
    method of moments. ``noise`` is the variance of a trial in units of a coin's: below 1 where trials are parts.
    """
    middle = np.clip(expected, _EDGE, 1 - _EDGE)
    seen, met = trials / noise, hits / noise
    strength = _strength(met, seen, middle)
    yes, no = strength * middle + met, strength * (1 - middle) + seen - met
    low, high = (np.asarray(betaincinv(yes, no, end), dtype=np.float64) for end in (_TAIL, 1 - _TAIL))
    return Estimates(yes / (yes + no), low, high, trials)


def _strength(hits: Floats, trials: Floats, middle: Floats) -> float:
    """How many trials the prior counts for; the fewer, the more people differ."""
    coin = middle * (1 - middle)
    pairs = float(np.sum(trials * (trials - 1) * coin, where=trials > 1))
    if pairs <= 0:
        return UNTOLD_STRENGTH
    beyond_chance = float(np.sum((hits - trials * middle) ** 2 - trials * coin, where=trials > 1))
    alike = min(1 - _EDGE, max(_EDGE, beyond_chance / pairs))
    return 1 / alike - 1
