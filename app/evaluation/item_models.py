"""Item-item models of the literature, for comparison alone: cosine neighbours and EASE, on who has what at all."""

from collections.abc import Callable

import numpy as np
from scipy.sparse import csc_array, csr_array

from app.evaluation import metrics
from app.evaluation.datasets.values import Floats, Ints, Mask
from app.evaluation.task import Task

Held = csr_array[np.float64, tuple[int, int]]
"""1 where an identity has a product, shape (identities, products)."""
Scorer = Callable[[Ints], Floats]
"""From identities to scores of all products, shape (identities, products)."""

NEIGHBOURS, SHRINKAGE = 100, 5.0
RIDGES = (50.0, 100.0, 200.0, 400.0, 800.0)
ROWS_AT_ONCE = 500
"""Identities scored, and columns computed, at a time; bounds memory."""
TUNING_SHARE = 0.1
"""Of the training pairs, by which the ridge is chosen."""
TUNING_IDENTITIES = 1_000


def rank_unseen(task: Task, score: Scorer, k: int) -> Ints:
    """Best scored products of everybody asked, without what they have or the protocol bars.

    Shape (asked, k), best first, equal scores in order of the products, -1 where nothing has a score.
    """
    held = held_by(task)
    ranked = np.full((len(task.asked), k), -1, dtype=np.int64)
    for start in range(0, len(task.asked), ROWS_AT_ONCE):
        asked = task.asked[start : start + ROWS_AT_ONCE]
        scores = score(asked)
        scores[held[asked].nonzero()] = -np.inf
        for row, barred in enumerate(task.barred[start : start + ROWS_AT_ONCE]):
            scores[row, list(barred)] = -np.inf
        ranked[start : start + len(asked)] = _best(scores, k)
    return ranked


def fit_cosine(task: Task) -> Scorer:
    """Sum over the history of the cosine between products, shrunk, the nearest hundred of each product."""
    held = held_by(task)
    size = np.sqrt(held.sum(axis=0))
    near: list[tuple[Ints, Ints, Floats]] = []
    for start in range(0, held.shape[1], ROWS_AT_ONCE):
        both = csc_array(held.T @ held[:, start : start + ROWS_AT_ONCE])
        for column in range(both.shape[1]):
            product = start + column
            others = both.indices[both.indptr[column] : both.indptr[column + 1]].astype(np.int64)
            shared = both.data[both.indptr[column] : both.indptr[column + 1]]
            cosine = np.where(others == product, 0.0, shared / (size[others] * size[product] + SHRINKAGE))
            best = np.argsort(-cosine, kind="stable")[:NEIGHBOURS]
            near.append((others[best], np.full(len(best), product), cosine[best]))
    source, target, weight = (np.concatenate(columns) for columns in zip(*near, strict=True))
    weights = csr_array((weight, (source, target)), shape=(held.shape[1], held.shape[1]))
    return lambda identities: (held[identities] @ weights).toarray()


def fit_ease(task: Task) -> Scorer:
    """EASE (Steck, 2019) with the ridge that is best on a tenth of the training pairs, held out by chance."""
    held = held_by(task)
    rows, columns = (axis.astype(np.int64) for axis in held.nonzero())
    rng = np.random.default_rng(0)
    out = rng.random(len(rows)) < TUNING_SHARE
    known = _matrix(rows[~out], columns[~out], held.shape)
    asked = np.unique(rows[out])
    if not len(asked):
        return solve_ease(held, RIDGES[1])
    asked = np.sort(rng.permutation(asked)[:TUNING_IDENTITIES])
    wanted = _rows_of(rows[out], columns[out], asked)
    gains = [_gain(solve_ease(known, ridge), known, asked, wanted) for ridge in RIDGES]
    return solve_ease(held, RIDGES[int(np.argmax(gains))])


def solve_ease(held: Held, ridge: float) -> Scorer:
    """EASE in closed form, over products or over identities, whichever are fewer; the scores are the same."""
    people, products = held.shape
    if products <= people:
        inverse = np.linalg.inv((held.T @ held).toarray() + ridge * np.eye(products))
        return lambda identities: held[identities].toarray() - (held[identities] @ inverse) / inverse.diagonal()
    # The matrix inversion lemma: (X'X + r I)^-1 = (I - X' (X X' + r I)^-1 X) / r.
    inverse = np.linalg.inv((held @ held.T).toarray() + ridge * np.eye(people))
    own = np.empty(products)
    for start in range(0, products, ROWS_AT_ONCE):
        block = held[:, start : start + ROWS_AT_ONCE]
        own[start : start + ROWS_AT_ONCE] = 1.0 - np.einsum("ij,ij->j", block.toarray(), inverse @ block)

    def score(identities: Ints) -> Floats:
        history = held[identities]
        return history.toarray() - (history.toarray() - ((history @ held.T).toarray() @ inverse) @ held) / own

    return score


def held_by(task: Task) -> Held:
    """Who has what in train, shape (identities, products) of the data set."""
    shape = (len(task.dataset.identities), len(task.dataset.products))
    return _matrix(task.train.identity, task.train.product, shape)


def pairs_of_products(task: Task) -> int:
    """How many pairs of products the identities have together, which is what comparing products costs."""
    sizes = np.diff(held_by(task).indptr).astype(np.int64)
    return int(sizes @ sizes)


def _matrix(rows: Ints, columns: Ints, shape: tuple[int, int]) -> Held:
    matrix = csr_array((np.ones(len(rows)), (rows, columns)), shape=shape)
    matrix.data[:] = 1.0  # what is there twice counts once
    return matrix


def _gain(score: Scorer, known: Held, asked: Ints, wanted: list[frozenset[int]]) -> float:
    """NDCG@10 of what is not known."""
    gains: list[float] = []
    for start in range(0, len(asked), ROWS_AT_ONCE):
        rows = asked[start : start + ROWS_AT_ONCE]
        scores = score(rows)
        scores[known[rows].nonzero()] = -np.inf
        relevant = wanted[start : start + ROWS_AT_ONCE]
        gains += metrics.ndcg(metrics.find_hits(_best(scores, 10), relevant), metrics.sizes(relevant)).tolist()
    return float(np.mean(gains))


def _rows_of(rows: Ints, columns: Ints, asked: Ints) -> list[frozenset[int]]:
    """The columns of each asked row."""
    order = np.argsort(rows, kind="stable")
    starts, ends = (np.searchsorted(rows[order], asked, side=side) for side in ("left", "right"))
    return [frozenset(columns[order[start:end]].tolist()) for start, end in zip(starts, ends, strict=True)]


def _best(scores: Floats, k: int) -> Ints:
    """Positions of the k highest scores a row, -1 for those of minus infinity."""
    most = min(k, scores.shape[1])
    found = np.full((len(scores), k), -1, dtype=np.int64)
    floor = -np.partition(-scores, most - 1, axis=1)[:, most - 1]
    for row, limit in enumerate(floor):
        wanted: Mask = (scores[row] >= limit) & (scores[row] > -np.inf)
        places = np.flatnonzero(wanted)
        best = places[np.argsort(-scores[row, places], kind="stable")][:most]
        found[row, : len(best)] = best
    return found
