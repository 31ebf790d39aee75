"""What another policy would have earned, from a log of what was shown with which chance: off-policy evaluation.

Inverse propensity scores (IPS: Horvitz and Thompson, 1952), self-normalised (SNIPS: Swaminathan and Joachims, NeurIPS
2015) and doubly robust (DR: Dudik, Langford and Li, ICML 2011) with a reward model of shrunken means by action, which
is cross-fitted: an identity's places are predicted from what others did. All are ratios of sums over identities, and
their intervals count identities, not places, since what one identity does hangs together. Pure.
"""

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.special import stdtrit

from app.taste.values import Floats, Ints

FOLDS = 5
"""Parts of the identities; the reward model of each is learned from the others."""
SHRINKAGE = 30.0
"""So many places of the average action are added to what is known of each."""
LEAST_REWARDS = 20.0
"""Of fewer, as an estimate weighs them, its distribution is too skewed for an interval."""
LEVEL = 0.95


@dataclass(frozen=True)
class Places:
    """Places of a log that were left to chance, one row a place; what might have stood there, one row a candidate."""

    who: Ints
    """Of each place: the identity, counted from 0."""
    reward: Floats
    """What came of it, 0 to 1."""
    shown: Ints
    """The row of the candidate that was shown."""
    chance: Floats
    """How likely that was; above 0."""
    place: Ints
    """Of each candidate: the row of its place, rising."""
    action: Ints
    """What it is, counted from 0."""
    wanted: Floats
    """How likely the policy would have shown it."""

    @property
    def size(self) -> int:
        """Number of places."""
        return len(self.who)

    @cached_property
    def weight(self) -> Floats:
        """How much more likely the policy would have shown what was shown."""
        return self.wanted[self.shown] / self.chance

    @cached_property
    def covered(self) -> Floats:
        """Which part of the policy goes to candidates that were logged: 1 where all of it does."""
        return _sums(self.place, self.wanted, self.size)

    @cached_property
    def expected(self) -> Floats:
        """Reward of each candidate as others' places say: shrunken means by action, cross-fitted by identity."""
        action = self.action[self.shown]
        fold, most = self.who % FOLDS, int(self.action.max(initial=-1)) + 1
        found = np.zeros(len(self.action))
        for one in range(FOLDS):
            learned = fold != one
            shown = np.bincount(action[learned], minlength=most)
            taken = np.bincount(action[learned], self.reward[learned], most)
            mean = self.reward[learned].mean() if learned.any() else 0.0
            rate = (taken + SHRINKAGE * mean) / (shown + SHRINKAGE)
            mine = fold[self.place] == one
            found[mine] = rate[self.action[mine]]
        return found

    def by_identity(self, values: Floats) -> Floats:
        """Sum up values of places by identity."""
        return _sums(self.who, values, 0)


@dataclass(frozen=True)
class Ratio:
    """One sum over identities over another: an estimate with its standard error."""

    above: Floats
    below: Floats
    """At least 0 each; above 0 together."""

    @property
    def value(self) -> float:
        """The estimate."""
        return float(self.above.sum() / self.below.sum())

    @property
    def pull(self) -> Floats:
        """What each identity moves the sum above by, over or under what its part below lets expect."""
        return self.above - self.value * self.below

    @property
    def error(self) -> float:
        """Standard error, by linearisation; identities are independent of each other, places of one are not."""
        count = len(self.above)
        return float(np.sqrt((self.pull**2).sum() * count / max(1, count - 1)) / self.below.sum())

    @property
    def interval(self) -> tuple[float, float]:
        """The 95 % interval; wider than a normal one where few identities make most of the variance."""
        half = quantile(self.pull) * self.error
        return self.value - half, self.value + half


def quantile(pull: Floats) -> float:
    """Quantile of Student's distribution, with as many degrees of freedom as the variance is known by (Satterthwaite).

    That is one less than the identities where all pull alike, and few where few of them make the variance.
    """
    count, square = len(pull), float((pull**2).sum())
    doubt = float((pull**4).sum()) - square**2 / max(1, count)
    degrees = 2 * square**2 / doubt if doubt > 0 else math.inf
    return float(stdtrit(max(1.0, min(degrees, count - 1)), (1 + LEVEL) / 2))


def logged(places: Places) -> Ratio:
    """What was earned a place, where the policy is covered."""
    return Ratio(places.by_identity(places.covered * places.reward), places.by_identity(places.covered))


def ips(places: Places) -> Ratio:
    """Inverse propensity scores."""
    return Ratio(places.by_identity(places.weight * places.reward), places.by_identity(places.covered))


def snips(places: Places) -> Ratio:
    """Self-normalised inverse propensity scores: slightly biased, and steadier."""
    return Ratio(places.by_identity(places.weight * places.reward), places.by_identity(places.weight))


def doubly_robust(places: Places) -> Ratio:
    """What the reward model expects of the policy, corrected by what came of what was shown."""
    return Ratio(places.by_identity(_corrected(places)), places.by_identity(places.covered))


def change(places: Places) -> Ratio:
    """How much more the policy would have earned a place than what was logged, doubly robust."""
    above = _corrected(places) - places.covered * places.reward
    return Ratio(places.by_identity(above), places.by_identity(places.covered))


def effective_size(weight: Floats) -> float:
    """So many places of equal weight would say as much (Kish, 1965); 0 of none."""
    squares = float((weight**2).sum())
    return float(weight.sum()) ** 2 / squares if squares > 0 else 0.0


def effective_rewards(places: Places) -> float:
    """So many rewards of equal weight would leave an estimate as skewed as these weights do; 0 of none.

    The average reward is taken for all: what a few heavy places happened to earn must not say whether they are enough.
    """
    third = float((places.weight**3).sum())
    if third <= 0 or not places.size:
        return 0.0
    return float(places.reward.mean()) * float((places.weight**2).sum()) ** 3 / third**2


def _corrected(places: Places) -> Floats:
    expected = _sums(places.place, places.wanted * places.expected, places.size)
    return expected + places.weight * (places.reward - places.expected[places.shown])


def _sums(where: Ints, values: Floats, size: int) -> Floats:
    return np.bincount(where, values, size).astype(np.float64, copy=False)
