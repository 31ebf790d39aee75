"""Shares, their differences and the split between arms, with intervals that hold at every look, whenever one stops.

Of each arm the chance of its outcomes under a Beta(1/2, 1/2) mixture of rates, over their chance under one rate, is a
nonnegative martingale if that rate is the true one; so is the product of two arms' for their two rates. By Ville's
inequality it ever reaches 1/alpha with a chance of at most alpha: the rates for which it is below hold the true ones at
all looks at once with a chance of 1 - alpha (the conjugate mixtures of Howard, Ramdas, McAuliffe and Sekhon,
"Time-uniform, nonparametric, nonasymptotic confidence sequences", Annals of Statistics 49(2), 2021). The interval of a
difference is the projection of that set. The check of the split is the Dirichlet mixture of Lindon and Malek, "Anytime-
valid inference for multinomial count data", NeurIPS 2022. Where numbers carry noise of a known reach, an interval holds
every number that they may be. Pure.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from scipy.optimize import brentq
from scipy.special import betaln, gammaln

_PRIOR = 0.5
_CONCENTRATION = 100.0
"""How many units the planned split counts for in the mixture of splits."""
_EDGE = 1e-12


@dataclass(frozen=True, slots=True)
class Tally:
    """So many of so many; neither needs to be whole."""

    taken: float
    shown: float

    @property
    def rate(self) -> float:
        """The share; 0 of none."""
        return self.taken / self.shown if self.shown > 0 else 0.0

    def least(self, reach: float) -> "Tally":
        """The least share that may stand behind numbers whose noise is at most ``reach``."""
        return Tally(max(0.0, self.taken - reach), self.shown + reach)

    def most(self, reach: float) -> "Tally":
        """The largest one."""
        taken = min(self.taken + reach, self.shown + reach)
        return Tally(taken, max(self.shown - reach, taken))

    def against(self, rate: float) -> float:
        """Logarithm of the martingale against a rate: above log(1/alpha) the rate is not the true one."""
        failed = self.shown - self.taken
        mixture = float(betaln(_PRIOR + self.taken, _PRIOR + failed) - betaln(_PRIOR, _PRIOR))
        return mixture - _times_log(self.taken, rate) - _times_log(failed, 1 - rate)

    def slope(self, rate: float) -> float:
        """How fast ``against`` grows with the rate."""
        return (self.shown - self.taken) / (1 - rate) - self.taken / rate


def share_interval(tally: Tally, alpha: float, reach: float = 0.0) -> tuple[float, float]:
    """Return the interval of a share that holds at every look with a chance of 1 - ``alpha``; (0, 1) of none."""
    bar = math.log(1 / alpha)
    least, most = tally.least(reach), tally.most(reach)
    low = _root(lambda rate: bar - least.against(rate), 0.0, least.rate)
    high = _root(lambda rate: most.against(rate) - bar, most.rate, 1.0)
    return low, high


def difference_interval(one: Tally, other: Tally, alpha: float, reach: float = 0.0) -> tuple[float, float]:
    """Return the interval of the first share less the second, as ``share_interval`` does; (-1, 1) of none."""
    return _lowest(one.least(reach), other.most(reach), alpha), -_lowest(other.least(reach), one.most(reach), alpha)


def split_is_off(counts: Sequence[float], shares: Sequence[float], alpha: float, reach: float = 0.0) -> bool:
    """Say whether units fell into arms otherwise than by ``shares`` (which sum to 1).

    Where the shares are kept it is ever said with a chance of at most ``alpha``, however often one looks. Numbers with
    noise are taken for as near to the plan as they may be.
    """
    total = sum(counts)
    if total <= 0:
        return False
    planned = [total * share for share in shares]
    near = [_nearer(count, plan, reach) for count, plan in zip(counts, planned, strict=True)]
    prior = [_CONCENTRATION * share for share in shares]
    mixture = _log_dirichlet([a + b for a, b in zip(prior, near, strict=True)]) - _log_dirichlet(prior)
    plain = sum(count * math.log(share) for count, share in zip(near, shares, strict=True))
    return mixture - plain > math.log(1 / alpha)


def _lowest(one: Tally, other: Tally, alpha: float) -> float:
    """Find the least difference that is not ruled out: what rules out grows with the distance, as it is convex."""
    bar = math.log(1 / alpha)
    return _root(lambda difference: bar - _against_difference(one, other, difference), -1.0, one.rate - other.rate)


def _against_difference(one: Tally, other: Tally, difference: float) -> float:
    """Logarithm of the martingale against the pair of rates of this difference that it is least against."""
    start, end = max(0.0, -difference) + _EDGE, min(1.0, 1.0 - difference) - _EDGE
    if start >= end:
        rate = min(1 - _EDGE, max(_EDGE, (start + end) / 2))
        return one.against(min(1 - _EDGE, max(_EDGE, rate + difference))) + other.against(rate)
    rate = _root(lambda rate: one.slope(rate + difference) + other.slope(rate), start, end)
    return one.against(rate + difference) + other.against(rate)


def _root(grows: Callable[[float], float], start: float, end: float) -> float:
    """Where what grows passes 0; the end that is nearer to it where it does not."""
    start, end = start + _EDGE, end - _EDGE
    if start >= end:
        return (start + end) / 2
    if grows(start) >= 0:
        return start
    return float(brentq(grows, start, end, xtol=_EDGE)) if grows(end) > 0 else end


def _times_log(times: float, value: float) -> float:
    if times <= 0:
        return 0.0
    return times * math.log(value) if value > 0 else -math.inf


def _nearer(count: float, plan: float, reach: float) -> float:
    return max(count - reach, plan) if count > plan else min(count + reach, plan)


def _log_dirichlet(alphas: Sequence[float]) -> float:
    return float(sum(gammaln(alpha) for alpha in alphas) - gammaln(sum(alphas)))
