"""95 % intervals of shares, counts and averages."""

import math

import numpy as np
from scipy import stats

from app.domain.disclosure import Measured
from app.taste.values import Floats

_Z = 1.959964
_TAIL = 0.025
MIN_SPREAD = 8
"""Values that an average wants at least before an interval is believed."""


def wilson(hits: float, trials: float) -> tuple[float, float]:
    """Return the interval of a share (Wilson 1927), within 0 to 1; (0, 1) without a trial."""
    if trials <= 0:
        return 0.0, 1.0
    share, z2 = hits / trials, _Z**2
    middle = (share + z2 / (2 * trials)) / (1 + z2 / trials)
    half = _Z / (1 + z2 / trials) * math.sqrt(max(0.0, share * (1 - share) / trials + z2 / (4 * trials**2)))
    return max(0.0, middle - half), min(1.0, middle + half)


def poisson(count: float) -> tuple[float, float]:
    """Return the exact interval of the mean behind a count (Garwood 1936); from 0 where nothing was counted."""
    low = float(stats.gamma.ppf(_TAIL, count)) if count > 0 else 0.0
    return low, float(stats.gamma.ppf(1 - _TAIL, count + 1))


def share(hits: int, trials: int) -> Measured | None:
    """Measure a share of people; ``None`` without any."""
    return Measured(hits / trials, *wilson(hits, trials), trials) if trials else None


def mean(values: Floats) -> Measured | None:
    """Measure an average, one value a person; values beyond the 95th percentile count as that.

    So no single person carries it. ``None`` with fewer than ``MIN_SPREAD`` values.
    """
    if len(values) < MIN_SPREAD:
        return None
    tamed = np.minimum(values, np.quantile(values, 0.95))
    middle, half = float(tamed.mean()), _Z * float(tamed.std(ddof=1)) / math.sqrt(len(tamed))
    return Measured(middle, middle - half, middle + half, len(values))


def mean_share(values: Floats) -> Measured | None:
    """Measure an average of shares as ``mean`` does; its interval ends at 0 and at 1."""
    found = mean(values)
    return None if found is None else Measured(found.value, max(0.0, found.low), min(1.0, found.high), found.n)


def median(values: Floats) -> Measured | None:
    """Measure a median with the interval of order statistics; ``None`` with fewer than ``MIN_SPREAD`` values."""
    if len(values) < MIN_SPREAD:
        return None
    low, high = (float(np.quantile(values, end)) for end in _median_ends(len(values)))
    return Measured(float(np.median(values)), low, high, len(values))


def _median_ends(count: int) -> tuple[float, float]:
    """Where in the order the ends of a median's interval lie, 0 to 1."""
    half = _Z / (2 * math.sqrt(count))
    return max(0.0, 0.5 - half), min(1.0, 0.5 + half)


def ratio_of_counts(now: int, before: int) -> tuple[float, float]:
    """Return the interval of now / before, both counted, on the log scale; both above 0."""
    half = _Z * math.sqrt(1 / now + 1 / before)
    return now / before * math.exp(-half), now / before * math.exp(half)
