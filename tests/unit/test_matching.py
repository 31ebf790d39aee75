"""A match says how much more a community likes of a kind, and is honest about how sure that is."""

import numpy as np
from scipy.sparse import csr_array

from app.domain.disclosure import Disclosure
from app.taste.matching import Kinds, Matches, match
from app.taste.noise import Noise
from app.taste.values import Edges, Likes

PRODUCTS, KINDS = 40, 4
KIND = csr_array(np.eye(KINDS)[np.arange(PRODUCTS) % KINDS])


def crowd(seed: int, people: int = 400, each: int = 10, taste: float = 0.25) -> Likes:
    """The first half likes of kind 0 with probability ``taste``, everybody else as much of each kind."""
    rng = np.random.default_rng(seed)
    pairs: set[tuple[int, int]] = set()
    for who in range(people):
        fond = taste if who < people / 2 else 1 / KINDS
        for _ in range(each):
            kind = 0 if rng.random() < fond else rng.integers(1, KINDS)
            pairs.add((who, int(kind + KINDS * rng.integers(PRODUCTS // KINDS))))
    source, target = (np.asarray(column) for column in zip(*sorted(pairs), strict=True))
    names = tuple(f"i{who:03}" for who in range(people))
    return Likes(names, tuple(f"p{n:02}" for n in range(PRODUCTS)), Edges(source, target, np.ones(len(pairs))))


def members(likes: Likes) -> Edges:
    half = np.arange(len(likes.identities) // 2)
    return Edges(half, np.zeros(len(half), dtype=np.int64), np.full(len(half), 0.5))


def matched(likes: Likes, k: int = 2, most: int = 10, week: bytes = b"week") -> Matches:
    people = len(likes.identities)
    liked = csr_array((np.ones(len(likes.edges)), (likes.edges.source, likes.edges.target)), shape=likes.matrix.shape)
    noise = Noise(week, likes.identities)
    kinds = Kinds(csr_array(liked @ KIND), np.asarray(liked.sum(axis=1)).ravel(), noise.names(["a", "b", "c", "d"]))
    belonging = members(likes).matrix(people, 1)
    return match(noise, Disclosure(k), belonging, noise.names(["c1"]), kinds, np.array([people / 2]), most=most)


def test_a_taste_is_a_lift_with_an_interval_above_one() -> None:
    found = matched(crowd(1, people=800, taste=0.6))

    assert found.kind.tolist() == [0, 1, 2, 3]
    assert found.low[0] > 1.2
    assert found.high[1] < 1
    assert (found.low < found.lift).all()
    assert (found.lift < found.high).all()


def test_no_taste_is_a_lift_of_one_inside_the_interval_most_of_the_time() -> None:
    tries = (matched(crowd(seed), week=b"%d" % seed) for seed in range(40))
    inside = [((found.low < 1) & (found.high > 1)).mean() for found in tries]

    assert np.mean(inside) > 0.9


def test_likes_of_one_person_are_no_independent_word() -> None:
    """All likes of kind 0 by a tenth of the members are less sure than as many by all."""
    many = crowd(2, taste=0.4)
    edges = many.edges
    fond = (edges.target % KINDS == 0) & (edges.source < 200)
    few = Edges(np.where(fond, edges.source % 20, edges.source), edges.target, edges.weight)
    order = np.lexsort((few.target, few.source))
    clumped = Likes(many.identities, many.products, Edges(few.source[order], few.target[order], few.weight[order]))

    one, other = matched(many), matched(clumped)

    assert other.high[0] - other.low[0] > 1.5 * (one.high[0] - one.low[0])


def test_too_few_supporters_are_not_told() -> None:
    likes = crowd(3)

    assert len(matched(likes, k=201)) == 0
    assert matched(likes).support.max() <= 200  # the published size


def test_the_best_supported_are_kept() -> None:
    likes = crowd(4, taste=0.9)

    assert matched(likes, most=1).kind.tolist() == [0]
