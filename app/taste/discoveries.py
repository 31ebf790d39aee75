"""Many tests at once: which of them find something, with few false ones among those."""

import numpy as np
from numpy.typing import NDArray

from app.taste.values import Floats

Mask = NDArray[np.bool_]


def discoveries(chances: Floats, share: float) -> Mask:
    """Which of the tests find something, so that no more than ``share`` of those do by chance."""
    order = np.argsort(chances, kind="stable")
    under = chances[order] <= share * np.arange(1, len(order) + 1) / max(1, len(order))
    found = np.zeros(len(order), dtype=np.bool_)
    found[order[: int(np.flatnonzero(under)[-1]) + 1 if under.any() else 0]] = True
    return found
