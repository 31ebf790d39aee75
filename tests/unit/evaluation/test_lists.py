"""Lists that are written out can be compared, identity by identity."""

from pathlib import Path

import numpy as np
import pytest

from app.domain.errors import InvalidError
from app.domain.models import Product
from app.evaluation.datasets import Dataset, Interactions
from app.evaluation.lists import ListWriter, compare_lists
from app.evaluation.task import Task


def task() -> Task:
    rows = Interactions(np.asarray([0, 1, 2]), np.asarray([0, 0, 0]), np.ones(3))
    products = tuple(Product(f"p{n}", f"P {n}") for n in range(5))
    sought = (frozenset({1}), frozenset({2}), frozenset({3}))
    data = Dataset("small", ("ann", "bob", "cat"), products, rows)
    return Task(data, rows, np.asarray([0, 1, 2]), sought, (frozenset[int](),) * 3, None, False)


def lists(path: Path, ranked: list[list[int]], of: Task | None = None) -> Path:
    with ListWriter(path) as writer:
        writer.add("", "service", of or task(), np.asarray(ranked))
    return path


def test_two_runs_are_compared_identity_by_identity(tmp_path: Path):
    # Ann gains a hit at the first place, bob's moves from the second to the first, cat has an empty list before.
    before = lists(tmp_path / "a.csv", [[4, 2], [4, 2], [-1, -1]])
    after = lists(tmp_path / "b.csv", [[1, 4], [2, 4], [4, -1]])

    found = {one.measure: one for one in compare_lists(before, after)}

    gains = np.asarray([1.0, 1.0 - 1.0 / np.log2(3), 0.0])
    assert found["NDCG"].identities == 3
    assert found["NDCG"].difference == pytest.approx(gains.mean())
    assert found["NDCG"].error == pytest.approx(gains.std() / np.sqrt(3))
    assert (found["Hit"].first, found["Hit"].second) == pytest.approx((1 / 3, 2 / 3))


def test_a_run_compared_with_itself_differs_in_nothing(tmp_path: Path):
    one = lists(tmp_path / "a.csv", [[4, 2], [4, 2], [3, 1]])

    assert {(found.difference, found.error) for found in compare_lists(one, one)} == {(0.0, 0.0)}


def test_other_splits_and_other_files_are_refused(tmp_path: Path):
    one = lists(tmp_path / "a.csv", [[4, 2], [4, 2], [3, 1]])
    shop = task()
    longer = Task(
        shop.dataset, shop.train, shop.asked, (frozenset({1, 2}), *shop.relevant[1:]), shop.barred, None, False
    )
    other = lists(tmp_path / "b.csv", [[4, 2], [4, 2], [3, 1]], longer)
    (tmp_path / "c.csv").write_text("a,b\n1,2\n")

    with pytest.raises(InvalidError, match="different splits"):
        compare_lists(one, other)
    with pytest.raises(InvalidError, match="no lists"):
        compare_lists(one, tmp_path / "c.csv")
    with pytest.raises(InvalidError, match="No identity"):
        compare_lists(one, one, "popularity")
