"""The ways that ours is held against find what there is to find, or the comparison means nothing."""

import numpy as np

from app.taste.values import Edges, Ints, Likes
from tests.bench.methods import (
    Grouping,
    as_identities,
    by_factors,
    by_likes,
    by_neighbours,
    compare_people,
    link_people,
)

PEOPLE, PRODUCTS = 40, 60
SIDE = (np.arange(PEOPLE) >= PEOPLE // 2).astype(np.int64)
"""Who likes of the second half of the products."""


def two_tastes() -> Likes:
    """Twenty people like ten of the first thirty products, twenty ten of the others."""
    rng = np.random.default_rng(0)
    pairs = [(who, SIDE[who] * 30 + int(n)) for who in range(PEOPLE) for n in sorted(rng.choice(30, 10, replace=False))]
    source, target = (np.asarray(column, dtype=np.int64) for column in zip(*pairs, strict=True))
    identities, products = (tuple(f"{n:02}" for n in range(length)) for length in (PEOPLE, PRODUCTS))
    return Likes(identities, products, Edges(source, target, np.ones(len(pairs))))


def strongest(found: Grouping) -> Ints:
    return found.members.matrix(PEOPLE, found.count).toarray().argmax(axis=1)


def test_likes_put_people_where_their_products_are():
    found = by_likes(two_tastes(), (np.arange(PRODUCTS) >= 30).astype(np.int64))

    assert np.array_equal(strongest(found), SIDE)
    assert len(found.members) == PEOPLE  # nobody likes anything of the other side


def test_neighbours_put_people_where_those_are_who_like_the_same():
    likes = two_tastes()
    linked = link_people(compare_people(likes), likes)

    assert np.array_equal(strongest(by_neighbours(linked, SIDE)), SIDE)


def test_two_factors_are_two_tastes():
    found = strongest(by_factors(two_tastes(), 2, seed=0))

    assert np.array_equal(found == found[0], SIDE[0] == SIDE)


def test_a_share_below_the_floor_is_no_membership():
    home = np.asarray([*range(30), *range(30)])  # ten likes in ten communities: a tenth each
    assert set(np.bincount(by_likes(two_tastes(), home).members.source).tolist()) == {4}

    thirteen = Likes(("one",), tuple("abcdefghijklm"), Edges(np.zeros(13, int), np.arange(13), np.ones(13)))
    assert len(by_likes(thirteen, np.arange(13)).members) == 0


def test_swapped_sides_are_the_same_likes():
    likes = two_tastes()

    assert np.array_equal(as_identities(likes).matrix.toarray(), likes.matrix.toarray().T)
    assert np.array_equal(as_identities(as_identities(likes)).edges.target, likes.edges.target)
