"""Which member of a household was it? CAMRa2011, by the posterior that serves, with weights learned from training rows.

Every row is a session of one event, and one of the members it was: the share of somebody else is 0.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.optimize import minimize

from app.evaluation.datasets.camra import Camra, Ratings
from app.evaluation.datasets.values import Floats, Ints, Mask
from app.evaluation.raters import learn_raters
from app.recommend.attribution import posterior

FOLDS = 8
HELD_OUT = 5
"""Ratings of each member in the validation part, as in the test part."""
FEWEST = 15
"""... of whoever has so many in the training part."""
RIDGE = 0.001
SHARPNESS = 1.1
"""Factor of the log odds, chosen on validation: in training each clue is learned from fewer rows than in the end."""
BINS = 10
SUREST = 0.7
"""Share of the rows, the most certain first, of which accuracy is told apart."""
_FARTHEST = 4.0
"""Standard deviations beyond which a clue says no more."""


@dataclass(frozen=True)
class Choices:
    """Rows with the clues for each member of the household; arrays are padded to the largest household."""

    clues: Floats
    """Shape (rows, members, clues)."""
    is_member: Mask
    """Shape (rows, members)."""
    truth: Ints
    """Place of the one who it was."""
    member: Ints
    """... and who that is."""

    def __len__(self) -> int:
        return len(self.truth)


@dataclass(frozen=True, slots=True)
class AttributionReport:
    """How often the most likely member was the one, and how honest the probabilities are."""

    part: Literal["validation", "test"]
    rows: int
    members: int
    accuracy: float
    error: float
    """Standard error of the accuracy."""
    accuracy_of_two: float
    """In households of two members."""
    accuracy_of_surest: float
    """Of the ``SUREST`` share with the largest probabilities."""
    calibration_error: float
    """Mean distance of probability and frequency over ten bins of equal width, by their rows."""
    majority: float
    """Accuracy of always naming the member with the most ratings."""


def evaluate_attribution(
    camra: Camra, part: Literal["validation", "test"], seed: int, advance: Callable[[int], None] = lambda _: None
) -> AttributionReport:
    """Learn from the training part (validation: less ``HELD_OUT`` rows a member) and attribute the held-out rows.

    Only rows of films that one member of the household has rated. ``advance`` is told of each of ``FOLDS + 1`` steps.
    """
    if part == "test":
        train, held_out = camra.train, camra.test
        everything = Ratings(*(np.concatenate([getattr(one, c) for one in (train, held_out)]) for c in _COLUMNS))
    else:
        picked = _pick(camra, seed)
        train, held_out, everything = camra.train[~picked], camra.train[picked], camra.train
    held_out = held_out[camra.with_one_rater(held_out, everything)]
    known = _cross_fit(camra, train, seed, advance)
    asked = _choices(camra, train, held_out)
    advance(1)
    probabilities = attribute(known, asked)
    rated = np.bincount(train.member, minlength=camra.members)
    return _report(camra, part, asked, probabilities, rated)


_COLUMNS = ("member", "film", "value")


def attribute(known: Choices, asked: Choices) -> Floats:
    """Probability of each member for each row, by weights of clues and of their products learned from ``known``."""
    clues = known.clues[known.is_member]
    mean, spread = clues.mean(axis=0), clues.std(axis=0) + 1e-9
    learned, wanted = (_with_products((one.clues - mean) / spread) for one in (known, asked))
    weights = _learn_weights(learned, known)
    return posterior(_prior(asked), SHARPNESS * (wanted @ weights))


def _learn_weights(clues: Floats, known: Choices) -> Floats:
    """Conditional logit: the weights under which who it was is most likely; each member's rows count alike."""
    rows = np.arange(len(known))
    counts = np.bincount(known.member)
    share = 1.0 / counts[known.member]
    share /= share.sum()
    prior = _prior(known)

    def loss(weights: Floats) -> tuple[float, Floats]:
        chances = posterior(prior, clues @ weights)
        missed = -float(share @ np.log(chances[rows, known.truth] + 1e-12))
        chances[rows, known.truth] -= 1.0
        slope = np.einsum("nm,nmc,n->c", chances, clues, share, optimize=True)
        return missed + RIDGE * float(weights @ weights), slope + 2 * RIDGE * weights

    found = minimize(loss, np.zeros(clues.shape[-1]), jac=True, method="L-BFGS-B", options={"maxiter": 300})
    return np.asarray(found.x, dtype=np.float64)


def _prior(choices: Choices) -> Floats:
    return choices.is_member / choices.is_member.sum(axis=1, keepdims=True)


def _with_products(clues: Floats) -> Floats:
    clues = np.clip(clues, -_FARTHEST, _FARTHEST)
    one, other = np.triu_indices(clues.shape[-1])
    return np.concatenate([clues, clues[..., one] * clues[..., other]], axis=-1)


def _cross_fit(camra: Camra, train: Ratings, seed: int, advance: Callable[[int], None]) -> Choices:
    """Clues of the training rows, each from the rows of the other folds."""
    fold = np.random.default_rng(seed).integers(0, FOLDS, len(train))
    alone = camra.with_one_rater(train, train)
    parts: list[Choices] = []
    for place in range(FOLDS):
        parts.append(_choices(camra, train[fold != place], train[(fold == place) & alone]))
        advance(1)
    columns = ("clues", "is_member", "truth", "member")
    return Choices(*(np.concatenate([getattr(part, column) for part in parts]) for column in columns))


def _choices(camra: Camra, train: Ratings, rows: Ratings) -> Choices:
    raters = learn_raters(camra, train)
    most = max(len(members) for members in camra.households)
    padded = np.full((len(camra.households), most), -1, dtype=np.int64)
    for place, members in enumerate(camra.households):
        padded[place, : len(members)] = members
    candidates = padded[camra.household_of[rows.member]]
    film, value = (np.repeat(column[:, None], most, axis=1) for column in (rows.film, rows.value))
    clues = raters.clues(np.maximum(candidates, 0), film, value)
    truth = np.argmax(candidates == rows.member[:, None], axis=1)
    return Choices(clues, candidates >= 0, truth, rows.member)


def _pick(camra: Camra, seed: int) -> Mask:
    """``HELD_OUT`` ratings of each member who has enough of them, drawn."""
    rng = np.random.default_rng(seed)
    picked = np.zeros(len(camra.train), dtype=np.bool_)
    for member in range(camra.members):
        mine = np.flatnonzero(camra.train.member == member)
        if len(mine) >= FEWEST:
            picked[rng.choice(mine, HELD_OUT, replace=False)] = True
    return picked


def _report(
    camra: Camra, part: Literal["validation", "test"], asked: Choices, probabilities: Floats, rated: Ints
) -> AttributionReport:
    right = (probabilities.argmax(axis=1) == asked.truth).astype(np.float64)
    certain = probabilities.max(axis=1)
    surest = np.argsort(-certain, kind="stable")[: round(SUREST * len(asked))]
    of_two = asked.is_member.sum(axis=1) == 2
    largest = [max(members, key=lambda one: (int(rated[one]), -one)) for members in camra.households]
    accuracy = float(right.mean())
    return AttributionReport(
        part=part,
        rows=len(asked),
        members=camra.members,
        accuracy=accuracy,
        error=float(np.sqrt(accuracy * (1 - accuracy) / len(asked))),
        accuracy_of_two=float(right[of_two].mean()),
        accuracy_of_surest=float(right[surest].mean()),
        calibration_error=calibration_error(certain, right),
        majority=float((np.array(largest)[camra.household_of[asked.member]] == asked.member).mean()),
    )


def calibration_error(probability: Floats, right: Floats) -> float:
    """Expected calibration error: |frequency - probability|, the mean of ``BINS`` bins of equal width by their rows."""
    bins = np.minimum((probability * BINS).astype(np.int64), BINS - 1)
    said, was = (np.bincount(bins, one, minlength=BINS) for one in (probability, right))
    return float(np.abs(said - was).sum() / max(1, len(probability)))
