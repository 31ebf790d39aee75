"""Shares of few trials, pulled towards what was to be expected as far as all of them tell (empirical Bayes)."""

from dataclasses import dataclass

import numpy as np
from scipy.special import betaincinv

from app.taste.values import Floats, Ints, Matrix

_TAIL = 0.025
_Z = 1.959964
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
    """Trials that it rests on; of a group, its people. With 0 it is no more than what was to be expected."""


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


def average(estimates: Estimates, members: Matrix) -> Estimates:
    """Average people's estimates by group, weighted by ``members`` of shape (people, groups), strengths 0 to 1.

    People without a trial are left out. The interval holds both how people differ and how little is known of each.
    Groups without anybody have the value 0, n 0 and the interval 0 to 1.
    """
    person = np.repeat(np.arange(len(estimates.n)), np.diff(members.indptr))
    known = estimates.n[person] > 0
    person, group, strength = person[known], members.indices[known], members.data[known]

    def total(values: Floats) -> Floats:
        return np.bincount(group, values, minlength=members.shape[1]).astype(np.float64)

    whole = total(strength)
    safe = np.where(whole > 0, whole, 1.0)
    value = total(strength * estimates.value[person]) / safe
    doubt = (estimates.high - estimates.low)[person] / (2 * _Z)
    spread = (estimates.value[person] - value[group]) ** 2 + doubt**2
    half = np.where(whole > 0, _Z * np.sqrt(total(strength**2 * spread)) / safe, 1.0)
    people = np.bincount(group, minlength=members.shape[1])
    return Estimates(value, np.maximum(0.0, value - half), np.minimum(1.0, value + half), people)
