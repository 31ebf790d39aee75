"""The chance of one customer to buy nothing in the days to come, from when it bought: an input, and no figure shown.

A logistic regression on recency, frequency and the customer's own rhythm, learned from earlier cuts of the same shop.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit

from app.taste.values import Floats, Ints

MEMORY_DAYS = 180
"""Older purchases say nothing more."""
RIDGE = 1.0
"""How much a weight of 1 counts against a fit, in log-likelihood."""
RECENCY_FREQUENCY = (0, 1)
"""Of the features of ``describe``: those of the usual baseline."""


@dataclass(frozen=True)
class Going:
    """The learned weights; features are centred and scaled first."""

    middle: Floats
    scale: Floats
    weights: Floats
    """The first one is the intercept."""

    def chances(self, features: Floats) -> Floats:
        """The chance of each to be gone, 0 to 1."""
        return np.asarray(expit(_with_intercept(features, self.middle, self.scale) @ self.weights), dtype=np.float64)


def describe(days: Sequence[Ints], cut: int) -> Floats:
    """Describe customers before the day ``cut``, each of whom bought before it; ``days`` rise, each once.

    Shape (customers, 7): logarithms of recency, of purchases in ``MEMORY_DAYS``, in 30 and in 90 days, the silence in
    units of the customer's own usual gap, its logarithm, and the logarithm of the days it has been known for.
    """
    rows = np.empty((len(days), 7))
    for place, own in enumerate(days):
        before = own[: np.searchsorted(own, cut)]
        recency = cut - int(before[-1])
        often, month, quarter = (len(before) - int(np.searchsorted(before, cut - n)) for n in (MEMORY_DAYS, 30, 90))
        known = min(MEMORY_DAYS, cut - int(before[0]))
        silence = recency * max(1, often) / known
        rows[place] = (
            *(np.log(recency), np.log1p(often), np.log1p(month), np.log1p(quarter)),
            *(silence, np.log1p(silence), np.log(known)),
        )
    return rows


def learn_going(features: Floats, gone: Floats) -> Going:
    """Learn from customers whose end is known: 1 where they were gone, 0 where not."""
    middle, scale = features.mean(axis=0), features.std(axis=0)
    scale = np.where(scale > 0, scale, 1.0)
    design = _with_intercept(features, middle, scale)

    def unlikely(weights: Floats) -> tuple[float, Floats]:
        odds = design @ weights
        loss = float(np.sum(np.logaddexp(0.0, odds) - gone * odds) + RIDGE / 2 * np.sum(weights[1:] ** 2))
        pull = np.concatenate([[0.0], RIDGE * weights[1:]])
        return loss, np.asarray(design.T @ (expit(odds) - gone) + pull, dtype=np.float64)

    found = minimize(unlikely, np.zeros(design.shape[1]), jac=True, method="L-BFGS-B")
    return Going(middle, scale, np.asarray(found.x, dtype=np.float64))


def _with_intercept(features: Floats, middle: Floats, scale: Floats) -> Floats:
    return np.column_stack([np.ones(len(features)), (features - middle) / scale])
