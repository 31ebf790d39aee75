"""Where communities lie on their map: near each other when they share members, never on top of each other."""

from collections.abc import Mapping, Sequence

import numpy as np

from app.taste.values import Floats

_ROUNDS = 300
_APART = 6.0


def place_circles(radii: Sequence[float], near: Mapping[tuple[int, int], float], width: float, height: float) -> Floats:
    """Place circles, shape (circles, 2); ``near`` pulls pairs together, 0 to 1. The same input, the same map.

    They begin on a spiral, largest in the middle, are drawn together by what they share and pushed apart where they
    overlap.
    """
    count = len(radii)
    size = np.asarray(radii, dtype=np.float64)
    turn = np.arange(count) * 2.39996
    reach = np.sqrt(np.arange(count) / max(1, count)) * min(width, height) / 2
    at = np.stack([width / 2 + reach * np.cos(turn) * width / height, height / 2 + reach * np.sin(turn)], axis=1)
    pull = np.zeros((count, count))
    for (one, other), share in near.items():
        pull[one, other] = pull[other, one] = max(pull[one, other], share)
    for step in range(_ROUNDS):
        at += _towards(at, pull) * (1 - step / _ROUNDS) * 0.1
        at += _away(at, size)
        at = np.clip(at, size[:, None] + 2, np.array([width, height]) - size[:, None] - 2)
    return at


def _towards(at: Floats, pull: Floats) -> Floats:
    return pull @ at - pull.sum(axis=1, keepdims=True) * at


def _away(at: Floats, size: Floats) -> Floats:
    """Half of what each pair overlaps, for each of the two."""
    between = at[:, None, :] - at[None, :, :]
    distance = np.maximum(np.sqrt((between**2).sum(axis=2)), 1e-6)
    overlap = np.maximum(0.0, size[:, None] + size[None, :] + _APART - distance)
    np.fill_diagonal(overlap, 0.0)
    return (between / distance[:, :, None] * overlap[:, :, None] / 2).sum(axis=1)
