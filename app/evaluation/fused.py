"""Logins of which is known who used them: real histories of single people, fused two or three at a time."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.linalg import svds

from app.evaluation.datasets.values import Dataset, Floats, Ints
from app.taste.profiles import Space, learn_space
from app.taste.values import Matrix

CROWD = 0.6
"""Share of the identities that everything is learned from; the rest is validation and test, half each."""
DRAWN = 5
"""Products of a session that is drawn, for those of which no time is known; a dated one holds as many and one more."""
HELD_OUT = 0.2
"""Share of each one's sessions, the last ones."""
FEWEST = 2
"""Products that fewer have are not compared by who has them."""
DIMENSIONS = 32
"""Of products, by who has them and by tags."""
COMPARED = 16
"""Of sessions."""
RIDGE = 200.0


@dataclass(frozen=True, slots=True)
class Person:
    """Sessions of one identity, each a list of products, oldest first."""

    known: tuple[tuple[int, ...], ...]
    held_out: tuple[tuple[int, ...], ...]


class Crowd:
    """What is learned from those who are in no login: vectors of products, how far people stray, and a ranking."""

    def __init__(self, dataset: Dataset, people: Sequence[Person], identities: Ints) -> None:
        self._held = _counts([_all_of(person) for person in people], len(dataset.products))
        inner = (self._held @ self._held.T).toarray()
        self._inverse = np.linalg.inv(inner + RIDGE * np.eye(len(inner)))
        self._vectors = (_embed(csr_array(self._held.T), FEWEST), _embed(_tagged(dataset, identities), 1))
        several = [(n, one) for n, person in enumerate(people) if len(person.known) > 1 for one in person.known]
        self.space: Space = learn_space(
            self.place([one for _, one in several]), np.asarray([n for n, _ in several], dtype=np.int64), COMPARED
        )

    def place(self, sessions: Sequence[Sequence[int]]) -> Floats:
        """Features of sessions: the direction of their products by who has them, and by tags."""
        bags = _counts(sessions, self._held.shape[1])
        return np.hstack([_unit(np.asarray(bags @ vectors, dtype=np.float64)) for vectors in self._vectors])

    def rank(self, histories: Sequence[Sequence[int]], k: int) -> Ints:
        """Best products that are not in each history, shape (histories, k): ridge regression on who has what."""
        asked = _counts(histories, self._held.shape[1])
        scores = np.asarray(((asked @ self._held.T).toarray() @ self._inverse) @ self._held, dtype=np.float64)
        scores[asked.nonzero()] = -np.inf
        best = np.argpartition(-scores, k, axis=1)[:, :k]
        order = np.argsort(-np.take_along_axis(scores, best, axis=1), axis=1, kind="stable")
        return np.take_along_axis(best, order, axis=1).astype(np.int64)


def read_sessions(dataset: Dataset, seed: int) -> list[Person]:
    """Part everybody's products into sessions: by the month in which they were tagged first, else drawn."""
    acts = dataset.tag_acts
    months: dict[tuple[int, int], int] = {}
    if acts is not None and acts.month is not None:
        for who, product, month in zip(acts.identity.tolist(), acts.product.tolist(), acts.month.tolist(), strict=True):
            months[who, product] = min(month, months.get((who, product), month))
    rows, rng = dataset.interactions, np.random.default_rng(seed)
    own: dict[int, list[int]] = defaultdict(list)
    for who, product in zip(rows.identity.tolist(), rows.product.tolist(), strict=True):
        own[who].append(product)
    return [_sessions(who, own[who], months, rng) for who in range(len(dataset.identities))]


def _sessions(who: int, products: list[int], months: dict[tuple[int, int], int], rng: np.random.Generator) -> Person:
    dated: dict[int, list[int]] = defaultdict(list)
    loose: list[int] = []
    for product in products:
        month = months.get((who, product))
        (loose if month is None else dated[month]).append(product)
    times = sorted(dated) or [0]
    found = [(month, one) for month in sorted(dated) for one in _slices(dated[month], DRAWN + 1)]
    found += [
        (times[int(rng.integers(len(times)))], one)
        for one in _slices([loose[place] for place in rng.permutation(len(loose)).tolist()], DRAWN)
    ]
    found.sort(key=lambda one: one[0])
    cut = int(np.ceil((1 - HELD_OUT) * len(found)))
    sessions = [tuple(one) for _, one in found]
    return Person(tuple(sessions[:cut]), tuple(sessions[cut:]))


def draw_logins(identities: Ints, users: int, times: int, seed: int) -> Iterator[tuple[int, ...]]:
    """Put identities together, so many a login, each in one login; ``times`` over."""
    rng = np.random.default_rng([seed, users])
    for _ in range(times):
        drawn: list[int] = rng.permutation(identities).tolist()
        yield from (tuple(drawn[at : at + users]) for at in range(0, len(drawn) - users + 1, users))


def _slices(products: list[int], size: int) -> Iterator[list[int]]:
    return (products[at : at + size] for at in range(0, len(products), size))


def _all_of(person: Person) -> list[int]:
    return [product for session in (*person.known, *person.held_out) for product in session]


def _counts(bags: Sequence[Sequence[int]], products: int) -> Matrix:
    """1 where a bag holds a product, shape (bags, products)."""
    rows = np.repeat(np.arange(len(bags)), [len(bag) for bag in bags])
    columns = np.asarray([product for bag in bags for product in bag], dtype=np.int64)
    found = csr_array((np.ones(len(rows)), (rows, columns)), shape=(len(bags), products))
    found.data[:] = 1.0
    return found


def _tagged(dataset: Dataset, identities: Ints) -> Matrix:
    """Which product wears which tag, of those whom ``identities`` gave it; rare tags weigh more."""
    acts = dataset.tag_acts
    shape = (len(dataset.products), len(acts.names) if acts else 1)
    if acts is None:
        return csr_array(shape)
    given = np.isin(acts.identity, identities)
    found = csr_array((np.ones(int(given.sum())), (acts.product[given], acts.tag[given])), shape=shape)
    found.data[:] = 1.0
    worn = np.bincount(found.indices, minlength=shape[1])
    found.data *= np.log(shape[0] / (1 + worn))[found.indices]
    return found


def _embed(matrix: Matrix, fewest: int) -> Floats:
    """Unit vectors of rows by the largest singular values; of rows with fewer values, zeros."""
    enough = np.diff(matrix.indptr) >= fewest
    chosen = csr_array(matrix[np.flatnonzero(enough)])
    dimensions = min(DIMENSIONS, min(chosen.shape) - 1)
    if dimensions < 1:
        return np.zeros((matrix.shape[0], 1))
    chosen.data /= np.repeat(np.sqrt(np.asarray(chosen.multiply(chosen).sum(axis=1))), np.diff(chosen.indptr))
    left, _, _ = svds(chosen, k=dimensions, v0=np.ones(min(chosen.shape)))
    found = np.zeros((matrix.shape[0], dimensions))
    found[enough] = _unit(left - left.mean(axis=0))
    return found


def _unit(rows: Floats) -> Floats:
    return rows / (np.linalg.norm(rows, axis=1, keepdims=True) + 1e-9)
