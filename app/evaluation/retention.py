"""How well "gone in the next 60 days" is foretold on Complete Journey, cut at day 240, beside recency and frequency."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import rankdata

from app.evaluation.datasets.complete_journey import read_purchases
from app.taste.going import RECENCY_FREQUENCY, describe, learn_going
from app.taste.values import Floats, Ints

CUT, HORIZON_DAYS = 240, 60
EARLIER = (120, 180)
"""Cuts that are learned from: what came of them was known at ``CUT``."""
BINS = 10
RESAMPLES = 1000
SEED = 7


@dataclass(frozen=True, slots=True)
class Interval:
    """A figure with its 95 % interval, households drawn anew."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class GoingReport:
    """What was measured."""

    households: int
    """That bought in the 60 days before the cut."""
    gone: int
    expected_gone: float
    calibration_error: Interval
    """Expected calibration error over ten bins of equal size."""
    auc: Interval
    baseline_calibration_error: Interval
    baseline_auc: Interval
    auc_gain: Interval
    """Over the logistic regression on recency and frequency alone."""


def evaluate_going() -> GoingReport:
    """Learn from the earlier cuts, foretell at ``CUT``, and compare with what came."""
    days = _read_days()
    parts = [_at(days, cut) for cut in EARLIER]
    features, gone = (np.concatenate(column) for column in zip(*parts, strict=True))
    seen, truth = _at(days, CUT)
    chances = learn_going(features, gone).chances(seen)
    few = list(RECENCY_FREQUENCY)
    baseline = learn_going(features[:, few], gone).chances(seen[:, few])
    return _report(chances, baseline, truth)


def measure_auc(chances: Floats, gone: Floats) -> float:
    """How often somebody who was gone had a higher chance than somebody who was not."""
    ranks, many = np.asarray(rankdata(chances), dtype=np.float64), float(gone.sum())
    return float((ranks[gone > 0].sum() - many * (many + 1) / 2) / (many * (len(gone) - many)))


def measure_calibration_error(chances: Floats, gone: Floats) -> float:
    """The mean distance of chance and truth over ``BINS`` bins of equal size, by chance."""
    bins = np.array_split(np.argsort(chances, kind="stable"), BINS)
    return float(sum(len(one) / len(gone) * abs(chances[one].mean() - gone[one].mean()) for one in bins))


def _read_days() -> list[Ints]:
    """The days of each household's purchases, from 0, rising, each once."""
    lines = read_purchases(["household_id", "transaction_timestamp"])
    households = np.asarray(lines["household_id"].to_numpy())
    stamps = lines["transaction_timestamp"].to_numpy().astype("datetime64[D]").astype(np.int64)
    pairs = np.unique(np.column_stack([households.astype(np.int64), stamps - stamps.min()]), axis=0)
    starts = np.flatnonzero(np.diff(pairs[:, 0])) + 1
    return [np.asarray(own, dtype=np.int64) for own in np.split(pairs[:, 1], starts)]


def _at(days: Sequence[Ints], cut: int) -> tuple[Floats, Floats]:
    """Features and ends of those who were customers at a cut: who bought in the horizon before it."""

    def bought(own: Ints, first: int, after: int) -> bool:
        return bool(np.searchsorted(own, after) > np.searchsorted(own, first))

    here = [own for own in days if bought(own, cut - HORIZON_DAYS, cut)]
    gone = [0.0 if bought(own, cut, cut + HORIZON_DAYS) else 1.0 for own in here]
    return describe(here, cut), np.array(gone, dtype=np.float64)


def _report(chances: Floats, baseline: Floats, gone: Floats) -> GoingReport:
    def measure(some: Ints) -> Floats:
        ours, theirs = measure_auc(chances[some], gone[some]), measure_auc(baseline[some], gone[some])
        errors = [measure_calibration_error(one[some], gone[some]) for one in (chances, baseline)]
        return np.array([errors[0], ours, errors[1], theirs, ours - theirs])

    rng = np.random.default_rng(SEED)
    values = measure(np.arange(len(gone)))
    drawn = np.array([measure(rng.integers(0, len(gone), len(gone))) for _ in range(RESAMPLES)])
    lows, highs = np.quantile(drawn, (0.025, 0.975), axis=0)
    found = [Interval(*map(float, parts)) for parts in zip(values, lows, highs, strict=True)]
    return GoingReport(len(gone), int(gone.sum()), float(chances.sum()), *found)
