"""Where a falling curve bends: two straight lines with one breakpoint, tested and given an interval by bootstrap.

The points are shares of noisy counts over noisy counts, so every variance, and every world that the bootstrap draws,
holds the noise of both. Weighted least squares on the shares themselves: noise has mean 0 there, on a log scale not.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.taste.values import Floats

WORLDS = 400
"""Worlds that are drawn for the test, and as many for the interval."""
CHANCE = 0.05
"""How often a bend may be found where there is none."""
LITTLE = 1 / 3
"""Part of its steepness before a threshold that a curve may keep beyond it."""
LEAST_CELLS = 6
"""Points of the curve that four numbers need, at least."""
_STEPS = 10
"""Breakpoints that are tried between two neighbouring points."""
_EDGE = 0.005
"""A variance is never reckoned from a share nearer than this to 0 or 1."""
_PASSES = 2

Cube = NDArray[np.float64]


@dataclass(frozen=True)
class Cells:
    """A curve of shares, a value each: noisy people, noisy hits among them, and the noise on either."""

    people: Floats
    hits: Floats
    spread: Floats
    """Standard deviation of the noise of both."""
    reach: Floats
    """The most that it can be."""
    levels: Floats
    """Values of the finer scale, rising."""
    parts: Floats
    """Which part of the people of each cell is at each level; rows sum to 1."""


@dataclass(frozen=True)
class Bend:
    """The segmented model of a curve."""

    at: float
    low: float
    high: float
    p_value: float
    """How often a curve without a bend bends as much, by chance and noise."""
    before: float
    """Slope up to the breakpoint, share per unit."""
    after: float
    fitted: Floats
    """Shares of the cells."""

    @property
    def is_threshold(self) -> bool:
        """Whether the curve falls up to the breakpoint, and much less beyond it."""
        return self.p_value <= CHANCE and self.before < 0 and self.after >= LITTLE * self.before


@dataclass(frozen=True)
class _Fits:
    """The best segmented model of each world."""

    shares: Floats
    """Observed, of shape (worlds, cells)."""
    weights: Floats
    losses: Floats
    """By world and breakpoint tried."""
    at: Floats
    slopes: Floats
    """Of shape (worlds, 2)."""
    fitted: Floats


def find_bend(cells: Cells, rng: np.random.Generator) -> Bend:
    """Fit two lines to a curve of ``LEAST_CELLS`` points or more, and say how sure the bend is and where it lies."""
    tried = _breakpoints(cells)
    found = _fit(cells, cells.people[None], cells.hits[None], tried)
    losses = found.losses[0] - found.losses[0].min()
    straight, without = _without_bend(cells, found)
    drawn = _fit(cells, *_draw(cells, without[0], rng), tried)
    gains = _without_bend(cells, drawn)[0] - drawn.losses.min(axis=1)
    as_much = np.count_nonzero(gains >= straight[0] - found.losses[0].min())
    again = _fit(cells, *_draw(cells, found.fitted[0], rng), tried)
    at_truth = again.losses[:, found.losses[0].argmin()]
    room = max(1e-9, float(np.quantile(at_truth - again.losses.min(axis=1), 1 - CHANCE)))
    low, high = _where_within(losses, tried, room)
    before, after = (float(slope) for slope in found.slopes[0])
    return Bend(float(found.at[0]), low, high, (1 + as_much) / (WORLDS + 1), before, after, found.fitted[0])


def _breakpoints(cells: Cells) -> Floats:
    """Breakpoints to try: closer where the points are, and never where one point alone lies beyond."""
    middles = cells.parts @ cells.levels
    places = np.arange(0.5, len(middles) - 1.5 + 1e-9, 1 / _STEPS)
    return np.interp(places, np.arange(len(middles)), middles)


def _fit(cells: Cells, people: Floats, hits: Floats, tried: Floats) -> _Fits:
    """Fit each world, with weights from its own first fit."""
    shares = hits / people
    weights = _weights(cells, people, _smooth(hits, people))
    design = _design(cells, tried)
    losses, slopes, fitted = _solve(shares, weights, design)
    for _ in range(_PASSES):
        weights = _weights(cells, people, fitted)
        losses, slopes, fitted = _solve(shares, weights, design)
    return _Fits(shares, weights, losses, tried[losses.argmin(axis=1)], slopes, fitted)


def _design(cells: Cells, tried: Floats) -> Cube:
    """By breakpoint, cell and part of the model: 1, up to the breakpoint, beyond it; averaged over a cell's people."""
    below = np.minimum(cells.levels[None], tried[:, None]) @ cells.parts.T
    beyond = np.maximum(cells.levels[None] - tried[:, None], 0.0) @ cells.parts.T
    return np.stack([np.ones_like(below), below, beyond], axis=-1)


def _solve(shares: Floats, weights: Floats, design: Cube) -> tuple[Floats, Floats, Floats]:
    """Losses by world and breakpoint; slopes and fitted shares at the best one."""
    tried, cells, terms = design.shape
    squares = (design[..., :, None] * design[..., None, :]).transpose(1, 0, 2, 3).reshape(cells, -1)
    gram = (weights @ squares).reshape(len(weights), tried, terms, terms)
    moments = ((weights * shares) @ design.transpose(1, 0, 2).reshape(cells, -1)).reshape(len(weights), tried, terms)
    found = _solved(gram, moments)
    losses = (weights * shares**2).sum(axis=1)[:, None] - (found * moments).sum(axis=-1)
    best = losses.argmin(axis=1)
    numbers = found[np.arange(len(best)), best]
    return losses, numbers[:, 1:], np.einsum("wbk,wk->wb", design[best], numbers)


def _without_bend(cells: Cells, fits: _Fits) -> tuple[Floats, Floats]:
    """Losses and shares of the better model without a breakpoint: a straight line, or a logistic curve."""
    middles = cells.parts @ cells.levels
    design = np.stack([np.ones_like(middles), middles], axis=-1)
    gram = np.einsum("wb,bk,bl->wkl", fits.weights, design, design)
    moments = np.einsum("wb,bk->wk", fits.weights * fits.shares, design)
    line, curve = _solved(gram, moments) @ design.T, _logistic(cells, fits)
    losses = np.stack([_loss(fits, line), _loss(fits, curve)])
    return losses.min(axis=0), np.where((losses[0] <= losses[1])[:, None], line, curve)


def _logistic(cells: Cells, fits: _Fits) -> Floats:
    """Shares of the logistic curve that is nearest to each world (Levenberg-Marquardt, all worlds at once)."""
    scaled = (cells.levels - cells.levels.mean()) / cells.levels.std()
    middle = np.clip((fits.weights * fits.shares).sum(axis=1) / fits.weights.sum(axis=1), 0.01, 0.99)
    numbers = np.stack([np.log(middle / (1 - middle)), np.full(len(middle), -0.3)], axis=-1)
    damping = np.full(len(middle), 1e-3)
    fine = _sigmoid(numbers, scaled)
    losses = _loss(fits, fine @ cells.parts.T)
    for _ in range(25):
        steep = fine * (1 - fine)
        jacobian = np.stack([steep @ cells.parts.T, (steep * scaled) @ cells.parts.T], axis=-1)
        gram = np.einsum("wb,wbk,wbl->wkl", fits.weights, jacobian, jacobian)
        moments = np.einsum("wb,wbk->wk", fits.weights * (fits.shares - fine @ cells.parts.T), jacobian)
        gram += gram * np.eye(2) * damping[:, None, None] + 1e-9 * np.eye(2)
        stepped = numbers + np.clip(_solved(gram, moments), -2.0, 2.0)
        other = _sigmoid(stepped, scaled)
        lower = _loss(fits, other @ cells.parts.T)
        better = lower < losses
        numbers, fine = np.where(better[:, None], stepped, numbers), np.where(better[:, None], other, fine)
        losses, damping = np.where(better, lower, losses), np.where(better, damping / 5, np.minimum(damping * 5, 1e6))
    return fine @ cells.parts.T


def _solved(gram: Cube, moments: Cube) -> Cube:
    """Solve many small systems of equations at once."""
    return np.asarray(np.linalg.solve(gram, moments[..., None])[..., 0], dtype=np.float64)


def _sigmoid(numbers: Floats, scaled: Floats) -> Floats:
    return 1 / (1 + np.exp(-np.clip(numbers[:, :1] + numbers[:, 1:] * scaled, -30.0, 30.0)))


def _loss(fits: _Fits, shares: Floats) -> Floats:
    return (fits.weights * (fits.shares - shares) ** 2).sum(axis=1)


def _draw(cells: Cells, shares: Floats, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Draw worlds in which these are the true shares: people and hits, chance and noise on both."""
    shape = (WORLDS, len(shares))
    people, exact = np.maximum(1.0, cells.people + _noise(cells, shape, rng)), cells.people.astype(np.int64)
    hits = rng.binomial(exact, np.clip(shares, 0.0, 1.0), shape) + _noise(cells, shape, rng)
    return people, np.clip(hits, 0.0, people)


def _noise(cells: Cells, shape: tuple[int, int], rng: np.random.Generator) -> Floats:
    return np.rint(np.clip(rng.normal(0.0, 1.0, shape) * cells.spread, -cells.reach, cells.reach))


def _weights(cells: Cells, people: Floats, shares: Floats) -> Floats:
    """One over the variance of each share, by chance and by noise."""
    near = np.clip(shares, _EDGE, 1 - _EDGE)
    return people**2 / (people * near * (1 - near) + cells.spread**2 * (1 + near**2))


def _smooth(hits: Floats, people: Floats) -> Floats:
    """Shares of each cell with its neighbours."""

    def spread(one: Floats) -> Floats:
        wide = np.concatenate([one[:, :1], one, one[:, -1:]], axis=1)
        return wide[:, :-2] + 2 * wide[:, 1:-1] + wide[:, 2:]

    return (spread(hits) + 1) / (spread(people) + 2)


def _where_within(losses: Floats, tried: Floats, room: float) -> tuple[float, float]:
    """The first and the last breakpoint whose loss is within ``room`` of the least, by straight lines between."""
    inside = np.flatnonzero(losses <= room)

    def end(place: int, step: int) -> float:
        other = place + step
        if not 0 <= other < len(tried):
            return float(tried[place])
        part = (room - losses[place]) / (losses[other] - losses[place])
        return float(tried[place] + (tried[other] - tried[place]) * part)

    return end(int(inside[0]), -1), end(int(inside[-1]), 1)
