"""Which products the same people like."""

import numpy as np
import pytest

from app.taste import microgenres
from app.taste.microgenres import HALF_LIKED, LEAST_LIKERS, NEIGHBOURS, liked_together
from app.taste.values import Edges, Likes


def some_likes(table: "np.ndarray[tuple[int, int], np.dtype[np.float64]]") -> Likes:
    """Likes from a table, identities down, products across; 0: none."""
    who, what = np.nonzero(table)
    people, products = table.shape
    return Likes(
        tuple(f"i{one:03}" for one in range(people)),
        tuple(f"p{one:03}" for one in range(products)),
        Edges(who.astype(np.int64), what.astype(np.int64), table[who, what]),
    )


def test_who_likes_both_beyond_chance_counts_and_rows_add_up_to_one() -> None:
    table = np.zeros((40, 4))
    table[:20, :2] = 1  # the dog's bed and its food
    table[20:, 2] = 1
    table[: LEAST_LIKERS - 1, 3] = 1  # too few to say anything

    near = liked_together(some_likes(table)).toarray()

    assert near.tolist() == [[0, 1, 0, 0], [1, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0]]


@pytest.mark.parametrize("block", [1, 7, 1000])
def test_the_same_comes_out_however_many_are_compared_at_a_time(block: int, monkeypatch: pytest.MonkeyPatch) -> None:
    table = (np.random.default_rng(5).random((60, 23)) < np.linspace(0.05, 0.9, 23)).astype(np.float64)
    monkeypatch.setattr(microgenres, "BLOCK", block)

    near = liked_together(some_likes(table)).toarray()

    both, likers = table.T @ table, table.sum(axis=0)
    weight = (both - np.outer(likers, likers) / 60) / np.sqrt(np.outer(likers, likers)) * both / (both + HALF_LIKED)
    weight[likers < LEAST_LIKERS] = weight[:, likers < LEAST_LIKERS] = 0
    np.fill_diagonal(weight, 0)
    weight = np.maximum(weight, 0)
    assert (np.count_nonzero(weight, axis=1) <= NEIGHBOURS).all()
    assert near == pytest.approx(weight / np.where(weight.sum(axis=1) > 0, weight.sum(axis=1), 1)[:, None])


def test_of_whoever_likes_very_much_the_heaviest_likes_count(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(microgenres, "LIKES_OF_ONE", 2)
    table = np.zeros((20, 3))
    table[:10] = (3.0, 2.0, 1.0)

    assert liked_together(some_likes(table)).toarray().tolist() == [[0, 1, 0], [1, 0, 0], [0, 0, 0]]


def test_a_shop_without_likes_has_nothing_together() -> None:
    assert liked_together(some_likes(np.zeros((3, 2)))).toarray().tolist() == [[0, 0], [0, 0]]
    assert liked_together(some_likes(np.zeros((0, 0)))).shape == (0, 0)
