"""The 95 % interval of a share."""

import math

_Z = 1.959964


def wilson(hits: float, trials: float) -> tuple[float, float]:
    """Return the interval of a share (Wilson 1927), within 0 to 1; (0, 1) without a trial."""
    if trials <= 0:
        return 0.0, 1.0
    share, z2 = hits / trials, _Z**2
    middle = (share + z2 / (2 * trials)) / (1 + z2 / trials)
    half = _Z / (1 + z2 / trials) * math.sqrt(max(0.0, share * (1 - share) / trials + z2 / (4 * trials**2)))
    return max(0.0, middle - half), min(1.0, middle + half)
