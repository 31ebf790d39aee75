"""Which creative for whom: Thompson sampling with exact chances, over all, communities and creatives.

What a creative is worth in a community is a Beta belief. Its prior comes from above: the rate of all, how the community
differs from it, how the creative does elsewhere, and how well its content fits there; outcomes in the community itself
sharpen it. Of whoever is in several communities the beliefs are mixed by strength. A creative's chance is that it is
the best one under them, by numerical integration and not from samples, so what is logged is what was used. Pure.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from scipy.special import betainc, betaincinv

from app.taste.values import Floats

EVERYBODY = ""
"""Whoever belongs to no community, or is not known."""

FIRST_RATE = 0.02
"""Share of those who are shown something and take it, before anything is known."""
_OF_ALL, _OF_COMMUNITY, _OF_CREATIVE, _OF_BOTH = 50.0, 100.0, 100.0, 60.0
"""How many times shown each prior counts for: the rate of all, a community's, a creative's, and a creative's there."""
LEAST_RATE, MOST_RATE = 1e-4, 0.5
"""Bounds of a prior's mean."""
FLOOR = 0.01
"""Share of the chances that all have alike, so that none is so seldom shown that a log cannot speak of it."""
SURENESS = 8.0
"""Chosen in three simulated shops (seeds 0 to 2 of tests/bench/creatives.py): at 1 half as much again is lost there."""
_GRID = 120
"""Points of each belief that the integral is taken over."""


@dataclass(frozen=True, slots=True)
class Count:
    """How often something was shown, and how often it was taken."""

    shown: float = 0.0
    taken: float = 0.0

    def __add__(self, other: "Count") -> "Count":
        return Count(self.shown + other.shown, self.taken + other.taken)

    def __sub__(self, other: "Count") -> "Count":
        return Count(self.shown - other.shown, self.taken - other.taken)


@dataclass(frozen=True)
class Outcomes:
    """What was shown and taken, by (community, creative), and the sums over either."""

    counts: Mapping[tuple[str, str], Count] = field(default_factory=dict[tuple[str, str], Count])
    by_community: dict[str, Count] = field(init=False, default_factory=dict[str, Count])
    by_creative: dict[str, Count] = field(init=False, default_factory=dict[str, Count])

    def __post_init__(self) -> None:
        for (community, creative), count in self.counts.items():
            self.by_community[community] = self.by_community.get(community, Count()) + count
            self.by_creative[creative] = self.by_creative.get(creative, Count()) + count

    def of(self, community: str, creative: str) -> Count:
        """What is known of a creative in a community."""
        return self.counts.get((community, creative), Count())

    @property
    def all(self) -> Count:
        """Everything together."""
        return sum(self.by_community.values(), Count())


@dataclass(frozen=True, slots=True)
class Beliefs:
    """A Beta distribution each of some creatives, in their order."""

    alpha: Floats
    beta: Floats


def believe(outcomes: Outcomes, community: str, creatives: Sequence[str], fits: Sequence[float]) -> Beliefs:
    """Say what creatives are believed to be worth in a community; ``fits`` are factors about 1 from their content."""
    rate = _shrunk(outcomes.all, FIRST_RATE, _OF_ALL)
    there = _shrunk(outcomes.by_community.get(community, Count()), rate, _OF_COMMUNITY)
    own = [outcomes.of(community, one) for one in creatives]
    # What it did here is counted below, not twice.
    elsewhere = [outcomes.by_creative.get(one, Count()) - here for one, here in zip(creatives, own, strict=True)]
    lifts = np.asarray([_shrunk(count, rate, _OF_CREATIVE) / rate for count in elsewhere])
    means = np.clip(there * lifts * np.asarray(fits, dtype=np.float64), LEAST_RATE, MOST_RATE)
    shown = np.asarray([count.shown for count in own])
    taken = np.asarray([count.taken for count in own])
    return Beliefs(_OF_BOTH * means + taken, _OF_BOTH * (1 - means) + np.maximum(0.0, shown - taken))


def chances(beliefs: Beliefs) -> Floats:
    """Return the chance of each to be the best one under the beliefs: above 0, summing to 1; ``[]`` for none.

    P(best = i) is the integral over x of f_i(x) times the product of the others' F_j(x), taken on a grid of the
    quantiles of all beliefs. ``FLOOR`` of it is shared alike.
    """
    count = len(beliefs.alpha)
    if count <= 1:
        return np.ones(count)
    alpha, beta = beliefs.alpha[:, None], beliefs.beta[:, None]
    grid = np.unique(betaincinv(alpha, beta, _QUANTILES))
    below = betainc(alpha, beta, grid)
    with np.errstate(divide="ignore"):
        logs = np.log(below)
    others = np.exp(np.where(np.isneginf(logs), -1e9, logs).sum(axis=0) - np.where(np.isneginf(logs), -1e9, logs))
    best = ((below[:, 1:] - below[:, :-1]) * (others[:, 1:] + others[:, :-1]) / 2).sum(axis=1)
    return FLOOR / count + (1 - FLOOR) * best / best.sum()


def mixed(weights: Sequence[float], beliefs: Sequence[Beliefs]) -> Beliefs:
    """Say what creatives are believed to be worth to whoever is in several communities; weights sum to 1.

    The mean of the rates by weight, whose mean and variance a Beta distribution is given.
    """
    shares = np.asarray(weights)
    alpha, beta = np.vstack([one.alpha for one in beliefs]), np.vstack([one.beta for one in beliefs])
    means = alpha / (alpha + beta)
    variances = means * (1 - means) / (alpha + beta + 1)
    mean, variance = shares @ means, shares**2 @ variances
    strength = mean * (1 - mean) / variance - 1
    return Beliefs(mean * strength, (1 - mean) * strength)


def narrowed(beliefs: Beliefs) -> Beliefs:
    """Take beliefs for ``SURENESS`` times as sure, which spends less on what is probably not the best."""
    return Beliefs(beliefs.alpha * SURENESS, beliefs.beta * SURENESS)


def _shrunk(count: Count, prior: float, strength: float) -> float:
    return (count.taken + prior * strength) / (count.shown + strength)


_STEPS = np.linspace(-1, 1, _GRID)
_QUANTILES = np.concatenate([[1e-12], (1 + np.sin(_STEPS * np.pi / 2)) / 2 * (1 - 2e-9) + 1e-9, [1 - 1e-12]])
"""Denser at both ends, where the best one is decided."""
