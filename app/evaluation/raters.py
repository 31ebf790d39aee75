"""What a household member's ratings say of one more rating: the clues by which CAMRa2011 is attributed."""

from dataclasses import dataclass

import numpy as np

from app.evaluation.datasets.camra import Camra, Ratings
from app.evaluation.datasets.values import Floats, Ints

CLUES = (
    "history", "similar films", "log similar films", "smooth films", "log smooth films", "like members", "factors",
    "log factors", "prediction", "biases", "likelihood", "exact value", "near values", "mean", "popularity",
    "direction",
)  # fmt: skip
"""What each column of ``Raters.clues`` is about."""
_SCALE = 20.0
"""About the standard deviation of a rating."""
_SWEEPS = 6
_MOST = 100


@dataclass(frozen=True)
class Raters:
    """What is known of every member; matrices have the shape (members, films)."""

    rated: Floats
    """How many films each member has rated."""
    similar: Floats
    """How near each film is to those that a member has rated,"""
    smooth: Floats
    """... the same with a heavier ridge,"""
    like: Floats
    """... to what members who rate like it have rated,"""
    factors: Floats
    """... and by implicit factors."""
    predicted: Floats
    biases: Floats
    """Predictions with and without factors."""
    spread: Floats
    mean: Floats
    """Of a member's ratings, shrunk."""
    exact: Floats
    near: Floats
    """Log of how often a member gives each value from 0 to 100, or one near to it."""
    popularity: Floats
    """Log of each film's raters,"""
    usual: Floats
    usual_variance: Floats
    """... and what of it each member usually rates."""

    def clues(self, member: Ints, film: Ints, value: Ints) -> Floats:
        """What each rating says for each of these members, shape (ratings, clues)."""
        similar, smooth, factors = (one[member, film] for one in (self.similar, self.smooth, self.factors))
        error = value - self.predicted[member, film]
        apart = self.popularity[film] - self.usual[member]
        columns = (
            _log(self.rated[member]),
            similar,
            _log(np.maximum(similar, 0.001)),
            smooth,
            _log(np.maximum(smooth, 0.001)),
            self.like[member, film],
            factors,
            _log(np.maximum(factors, 0.01)),
            -np.abs(error) / _SCALE,
            -np.abs(value - self.biases[member, film]) / _SCALE,
            -0.5 * (error / self.spread[member]) ** 2 - _log(self.spread[member]),
            self.exact[member, value],
            self.near[member, value],
            -np.abs(value - self.mean[member]) / _SCALE,
            -0.5 * apart**2 / self.usual_variance[member] - 0.5 * _log(self.usual_variance[member]),
            error / _SCALE,
        )
        return np.stack(columns, axis=-1)


def learn_raters(camra: Camra, rows: Ratings) -> Raters:
    """Learn all members from these ratings."""
    held = np.zeros((camra.members, camra.films))
    held[rows.member, rows.film] = 1.0
    rated, raters = held.sum(axis=1), held.sum(axis=0)
    predicted, biases = _predict(rows, held)
    errors = rows.value - predicted[rows.member, rows.film]
    squares = np.bincount(rows.member, errors**2, minlength=camra.members)
    mean = float(rows.value.mean())
    exact, near = _value_habits(rows, rated)
    popularity = np.log1p(raters)
    usual, variance = _usual(rows, rated, popularity)
    return Raters(
        rated=rated,
        similar=_near_films(held, 30.0 + 0.5 * raters),
        smooth=_near_films(held, 200.0 + 2.0 * raters),
        like=_like_members(held, raters),
        factors=_implicit(held),
        predicted=predicted,
        biases=biases,
        spread=np.sqrt((squares + 10 * _SCALE**2) / (rated + 10)),
        mean=(np.bincount(rows.member, rows.value, minlength=camra.members) + 5 * mean) / (rated + 5),
        exact=exact,
        near=near,
        popularity=popularity,
        usual=usual,
        usual_variance=variance,
    )


def _near_films(held: Floats, ridge: Floats) -> Floats:
    """EASE with a ridge of each film's own, solved over members, who are fewer."""
    scaled = held / ridge
    gram = scaled @ held.T
    inverse = np.linalg.inv(np.eye(len(held)) + gram)
    diagonal = 1 / ridge - np.einsum("mi,mn,ni->i", scaled, inverse, scaled, optimize=True)
    return held - (scaled - gram @ inverse @ scaled) / diagonal


def _like_members(held: Floats, raters: Floats) -> Floats:
    """EASE between members: what those who rate the same, rare films first, have rated."""
    rare = held * np.maximum(raters, 0.5) ** -0.25
    inverse = np.linalg.inv(rare @ rare.T + 20 * np.eye(len(held)))
    between = -inverse / np.diag(inverse)[None, :]
    np.fill_diagonal(between, 0.0)
    return between.T @ held


def _implicit(held: Floats, factors: int = 24, confidence: float = 10.0, ridge: float = 8.0) -> Floats:
    """Alternating least squares on who has rated what (Hu, Koren and Volinsky, 2008)."""
    rng = np.random.default_rng(0)
    members, films = (rng.normal(0, 0.1, (size, factors)) for size in held.shape)
    for _ in range(_SWEEPS):
        for solved, fixed, has in ((members, films, held), (films, members, held.T)):
            every = fixed.T @ fixed + ridge * np.eye(factors)
            for row in range(len(solved)):
                mine = fixed[np.flatnonzero(has[row])]
                solved[row] = np.linalg.solve(every + confidence * mine.T @ mine, (1 + confidence) * mine.sum(axis=0))
    return members @ films.T


def _predict(rows: Ratings, held: Floats, factors: int = 12, ridge: float = 4.0) -> tuple[Floats, Floats]:
    """Ratings by biases of member and film, and by factors of what these leave; with factors first."""
    rated, raters = held.sum(axis=1), held.sum(axis=0)
    mean = float(rows.value.mean())
    of_member, of_film = np.zeros(len(rated)), np.zeros(len(raters))
    for _ in range(_SWEEPS + 2):
        left = rows.value - mean - of_member[rows.member]
        of_film = np.bincount(rows.film, left, minlength=len(raters)) / (raters + 10)
        left = rows.value - mean - of_film[rows.film]
        of_member = np.bincount(rows.member, left, minlength=len(rated)) / (rated + 5)
    biases = mean + of_member[:, None] + of_film[None, :]
    errors = np.zeros(held.shape)
    errors[rows.member, rows.film] = (rows.value - biases[rows.member, rows.film]) / _SCALE
    rng = np.random.default_rng(0)
    members, films = rng.normal(0, 0.1, (len(rated), factors)), rng.normal(0, 0.1, (len(raters), factors))
    for _ in range(_SWEEPS + 2):
        for solved, fixed, has, wanted in ((members, films, held, errors), (films, members, held.T, errors.T)):
            for row in range(len(solved)):
                known = np.flatnonzero(has[row])
                mine = fixed[known]
                solved[row] = np.linalg.solve(mine.T @ mine + ridge * np.eye(factors), mine.T @ wanted[row, known])
    return np.clip(biases + _SCALE * (members @ films.T), 0.0, float(_MOST)), biases


def _value_habits(rows: Ratings, rated: Floats, prior: float = 15.0, width: float = 6.0) -> tuple[Floats, Floats]:
    """How often each member gives each value, exactly and nearly; as logarithms, with ``prior`` ratings of anybody."""
    values = np.arange(_MOST + 1)
    counts = np.zeros((len(rated), len(values)))
    np.add.at(counts, (rows.member, rows.value), 1.0)
    everybody = (counts.sum(axis=0) + 0.1) / (counts.sum() + 0.1 * len(values))
    kernel = np.exp(-0.5 * ((values[:, None] - values) / width) ** 2)
    kernel /= kernel.sum(axis=0)
    total = rated[:, None] + prior
    return _log((counts + prior * everybody) / total), _log((counts @ kernel + prior * everybody @ kernel) / total)


def _usual(rows: Ratings, rated: Floats, popularity: Floats, prior: float = 10.0) -> tuple[Floats, Floats]:
    """Mean and variance of the popularity of what each member rates, with ``prior`` ratings of anybody."""
    seen = popularity[rows.film]
    mean, square = float(seen.mean()), float((seen**2).mean())
    sums, squares = (np.bincount(rows.member, one, minlength=len(rated)) for one in (seen, seen**2))
    usual = (sums + prior * mean) / (rated + prior)
    return usual, np.maximum((squares + prior * square) / (rated + prior) - usual**2, 0.05)


def _log(values: Floats) -> Floats:
    return np.log(np.maximum(values, 1e-9))
