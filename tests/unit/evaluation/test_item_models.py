"""Item-item models of the literature, against their textbook form on small data."""

import numpy as np
import pytest

from app.domain.models import Product
from app.evaluation.baselines import MOST_DENSE, baselines_of
from app.evaluation.datasets import Dataset, Interactions
from app.evaluation.item_models import (
    SHRINKAGE,
    fit_cosine,
    fit_ease,
    held_by,
    pairs_of_products,
    rank_unseen,
    solve_ease,
)
from app.evaluation.task import Task


def task_of(matrix: list[list[int]], asked: int = 0, barred: frozenset[int] = frozenset()) -> Task:
    """Rows are identities, columns products, 1 where one has the other."""
    identity, product = (axis.astype(np.int64) for axis in np.nonzero(np.asarray(matrix)))
    rows = Interactions(identity, product, np.ones(len(identity)))
    people, products = len(matrix), len(matrix[0])
    catalogue = tuple(Product(f"p{n}", f"Product {n}") for n in range(products))
    data = Dataset("small", tuple(f"i{n}" for n in range(people)), catalogue, rows)
    return Task(data, rows, np.asarray([asked]), (frozenset({products - 1}),), (barred,), None, False)


TASTES = [
    [1, 1, 0, 0, 0],
    [1, 1, 1, 0, 0],
    [1, 1, 1, 0, 0],
    [0, 0, 0, 1, 1],
    [0, 0, 1, 1, 1],
    [0, 0, 0, 1, 1],
    [0, 1, 1, 0, 1],
]


@pytest.mark.parametrize("matrix", [TASTES, [list(row) for row in zip(*TASTES, strict=True)]])
def test_ease_is_its_closed_form_over_products_and_over_identities(matrix: list[list[int]]):
    held = held_by(task_of(matrix))
    dense = held.toarray()
    precision = np.linalg.inv(dense.T @ dense + 10 * np.eye(dense.shape[1]))
    weights = np.eye(dense.shape[1]) - precision / np.diag(precision)

    assert np.allclose(np.diag(weights), 0)
    assert np.allclose(solve_ease(held, 10.0)(np.arange(len(dense))), dense @ weights)


def test_cosine_sums_shrunk_cosines_of_the_history():
    scores = fit_cosine(task_of(TASTES))(np.arange(len(TASTES)))

    # p0 has 3 holders, p1 and p2 have 4; all three holders of p0 have p1, two of them p2, three have p1 and p2.
    assert scores[0, 2] == pytest.approx(2 / (12**0.5 + SHRINKAGE) + 3 / (4 + SHRINKAGE))
    assert scores[0, 0] == pytest.approx(3 / (12**0.5 + SHRINKAGE))


def test_what_is_owned_or_barred_is_not_ranked():
    cosine = fit_cosine(task_of(TASTES))

    assert rank_unseen(task_of(TASTES), cosine, 5)[0, :1].tolist() == [2]
    assert set(rank_unseen(task_of(TASTES), cosine, 5)[0].tolist()) == {2, 3, 4, -1}
    assert set(rank_unseen(task_of(TASTES, barred=frozenset({2})), cosine, 2)[0].tolist()) == {3, 4}


def test_the_ridge_is_chosen_from_the_training_part_alone():
    wanted = rank_unseen(task_of(TASTES * 10), fit_ease(task_of(TASTES * 10)), 1)

    assert wanted.tolist() == [[2]]


def test_a_task_that_is_too_big_is_left_out_with_its_reason():
    size = MOST_DENSE + 1
    big = task_of(np.eye(size, dtype=np.int64).tolist())
    reasons = {baseline.name: baseline.too_big(big) for baseline in baselines_of(big)}

    assert pairs_of_products(big) == size
    assert (reasons["popularity"], reasons["item-item cosine"]) == (None, None)
    assert "4,000 identities and products" in str(reasons["EASE"])
