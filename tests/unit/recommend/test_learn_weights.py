from dataclasses import replace

import numpy as np
import pytest

from app.recommend.hold_out import HeldOut, hold_out
from app.recommend.learn_weights import Blend, gather_pools, learn_fading, learn_weights
from app.recommend.model import Rows, RunModel, rows_of
from app.recommend.tuning import Tuning
from app.taste.followed import Follows, find_followed_likes, of_identities
from app.taste.values import Edges, Likes, Moments

PEOPLE, PRODUCTS = 120, 40


def a_crowd(seed: int = 0) -> Likes:
    """Two tastes of 20 products each; everybody likes 12 of one taste."""
    rng = np.random.default_rng(seed)
    pairs = [
        (one, product + 20 * (one % 2))
        for one in range(PEOPLE)
        for product in sorted(rng.choice(20, size=12, replace=False).tolist())
    ]
    source, target = np.asarray(pairs).T
    return Likes(
        tuple(f"i{n:03}" for n in range(PEOPLE)),
        tuple(f"p{n:03}" for n in range(PRODUCTS)),
        Edges(source, target, np.full(len(pairs), np.log(2))),
    )


def silence(likes: Likes) -> RunModel:
    """A model in which no source scores anything."""
    none = np.zeros(0, np.int64)
    rows = rows_of(PRODUCTS, none, none, np.zeros(0))
    empty = np.zeros(PRODUCTS, np.float32)
    nothing = rows_of(0, none, none, np.zeros(0))
    return RunModel(
        run="r", version="", products=likes.products, likers=likes.likers.astype(np.float32),
        full_price=np.ones(PRODUCTS, np.float32),
        most_likers=int(likes.likers.max(initial=1)), similar=rows, next=rows, repeat_share=empty, repeat_days=empty,
        communities=(), community_labels=(), baseline_share=np.zeros(0, np.float32),
        homes=np.full(PRODUCTS, -1, np.int32), favourites=nothing, genres=(), genre_labels=(), in_genre=nothing,
        groups=np.arange(PRODUCTS, dtype=np.int32), anchors=(), anchor_names=(), popular=nothing,
        brackets=np.ones(1, np.int64), followed_weight=np.zeros(1), community_weight=np.zeros(1),
        popularity_weight=np.zeros(1), next_weight=np.zeros(1), rarity_weight=np.zeros(1), fading=1.0,
    )  # fmt: skip


def rows(matrix: np.ndarray) -> Rows:
    """A dense matrix as the model keeps it."""
    source, target = np.nonzero(matrix)
    return rows_of(len(matrix), source, target, matrix[source, target])


def edges(matrix: np.ndarray) -> Edges:
    source, target = np.nonzero(matrix)
    return Edges(source, target, matrix[source, target])


NOBODY = Edges(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0))


def learned_from(held: HeldOut, model: RunModel, followed: Edges = NOBODY) -> Blend:
    return learn_weights(held, model, followed, Tuning(), seed=1)


def test_a_tenth_is_hidden_and_the_rest_is_known() -> None:
    likes = a_crowd()
    held = hold_out(likes, seed=1, most=50)

    assert len(held.wanted) == 50
    assert all(len(wanted) == 1 for wanted in held.wanted.values())
    assert len(held.known.edges) == len(likes.edges) - 50
    known = held.known.matrix.toarray() > 0
    assert not any(known[one, product] for one, wanted in held.wanted.items() for product in wanted)
    assert [held.wanted[one] for one in held.wanted] == [hold_out(likes, 1, most=50).wanted[one] for one in held.wanted]


def test_what_finds_the_hidden_likes_becomes_loud() -> None:
    likes = a_crowd()
    held = hold_out(likes, seed=1)
    tastes = np.repeat([0, 1], 20)
    by_taste = replace(
        silence(likes),
        similar=rows(np.eye(PRODUCTS)[:, ::-1] * 0.1),  # says something else
        communities=("tea", "tools"),
        community_labels=("", ""),
        baseline_share=np.zeros(2, np.float32),
        homes=tastes.astype(np.int32),
        favourites=rows((tastes == np.array([[0], [1]])).astype(float)),
    )

    blend = learned_from(held, by_taste)

    assert blend.sizes == (1, 3, 5, 10)
    assert min(blend.community) > 0
    assert blend.followed == (0.0,) * 4  # who is silent stays so
    assert min(blend.ndcg) > max(learned_from(held, silence(likes)).ndcg)


def test_popularity_may_speak_against_a_product() -> None:
    """What everybody knows was never hidden: whoever recommends it finds nothing."""
    likes = a_crowd()
    held = hold_out(likes, seed=1)
    said = np.ones((PRODUCTS, PRODUCTS))
    said[:, held.known.likers > np.median(held.known.likers)] = 1.01
    rare = {one: frozenset([int(np.argmin(held.known.likers))]) for one in held.wanted}
    model = replace(silence(likes), similar=rows(said), likers=held.known.likers.astype(np.float32))

    blend = learned_from(HeldOut(held.known, rare), model)

    assert max(blend.popularity) < 0


def test_popularity_is_as_shy_as_costs_nothing() -> None:
    """Those whom one follows like just what was hidden, so that nothing else is needed."""
    likes = a_crowd()
    held = hold_out(likes, seed=1)
    found = np.zeros((PEOPLE, PRODUCTS))
    for one, wanted in held.wanted.items():
        found[one, list(wanted)] = 1.0
    model = replace(silence(likes), similar=rows(np.ones((PRODUCTS, PRODUCTS))))

    blend = learned_from(held, model, edges(found))

    assert blend.ndcg == (1.0,) * 4
    assert max(blend.popularity) < -0.2  # further than the first step, which is .05 here


def test_on_a_shelf_rarity_counts_as_much_as_costs_little() -> None:
    """Half of what is hidden is what all like most, half what few like: of the first a shelf gives up a part."""
    held = hold_out(a_crowd(), seed=1)
    order = np.argsort(-held.known.likers, kind="stable")
    likers = np.zeros(PRODUCTS, np.float32)
    likers[order] = np.linspace(PEOPLE, 1, PRODUCTS)
    said = np.tile(likers / PEOPLE + 0.2, (PRODUCTS, 1))
    model = replace(silence(held.known), similar=rows(said), likers=likers, most_likers=PEOPLE)

    def learned(shelf_accuracy: float, wanted: int) -> tuple[float, ...]:
        sought = {one: frozenset([int(order[wanted])]) for one in held.wanted}
        tuning = Tuning(shelf_accuracy=shelf_accuracy)
        return learn_weights(HeldOut(held.known, sought), model, NOBODY, tuning, seed=1).rarity

    assert set(learned(0.9, -1)) == {1.0}, "what few like is what is sought"
    assert max(learned(0.9, 0)) < 1.0, "what everybody likes is what is sought"
    assert set(learned(0.0, 0)) == {1.0}, "accuracy is worth nothing"


def test_who_helps_by_luck_stays_silent() -> None:
    """Some find what some seek by chance: no gain beyond its standard error."""
    likes = a_crowd()
    held = hold_out(likes, seed=1)

    def learned(seed: int) -> float:
        rng = np.random.default_rng(seed)
        model = replace(silence(likes), similar=rows(rng.random((PRODUCTS, PRODUCTS))))
        return learn_weights(held, model, edges(rng.random((PEOPLE, PRODUCTS))), Tuning(), seed).followed[-1]

    assert sum(learned(seed) == 0 for seed in range(5)) >= 3


def test_what_else_speaks_is_as_much_quieter_as_the_likes_are_more() -> None:
    likes = a_crowd()
    held = hold_out(likes, seed=1)
    model = replace(silence(likes), similar=rows(np.ones((PRODUCTS, PRODUCTS))))

    def loudness(size: int) -> tuple[float, float]:
        pools = gather_pools(held, model, NOBODY, Tuning(), size, np.random.default_rng(0), cut=True)
        assert pools is not None
        return pools.scores[0, :, 0].max(), pools.scores[:, :, 4].max()

    assert loudness(1) == pytest.approx((1, 1))
    assert loudness(9) == pytest.approx((1, 1 / 3))


def test_nothing_can_be_learned_from_short_histories() -> None:
    few = Likes(("a",), ("p", "q"), Edges(np.array([0, 0]), np.array([0, 1]), np.ones(2)))
    held = hold_out(few, seed=0)

    assert held.wanted == {}
    assert learned_from(held, silence(few)) == Blend()


def test_those_one_follows_say_only_what_several_of_them_like() -> None:
    likes = Likes(
        ("a", "b", "c"),
        ("p", "q"),
        Edges(np.array([1, 2, 2]), np.array([0, 0, 1]), np.full(3, np.log(2))),
    )
    follows = Follows(("a",), Edges(np.array([0, 0]), np.array([1, 2]), np.ones(2)))
    one = Follows(("a",), Edges(np.array([0]), np.array([1]), np.ones(1)))

    said = find_followed_likes(likes, follows, at_least=2, most=10)
    alone = find_followed_likes(likes, follows, at_least=1, most=1)

    assert (said.source.tolist(), said.target.tolist()) == ([0], [0])
    assert said.weight == pytest.approx([2 / np.sqrt(2)])
    assert alone.target.tolist() == [0]
    assert len(find_followed_likes(likes, one, at_least=2, most=10)) == 0


def test_a_newcomer_follows_without_being_among_those_who_like() -> None:
    likes = Likes(("b", "c"), ("p",), Edges(np.array([0, 1]), np.array([0, 0]), np.full(2, np.log(2))))
    follows = Follows(("a", "c"), Edges(np.array([0, 0, 1]), np.array([0, 1, 0]), np.ones(3)))

    said = find_followed_likes(likes, follows, at_least=1, most=10)

    assert said.source.tolist() == [0, 1]
    among = of_identities(said, follows.followers, likes.identities)
    assert (among.source.tolist(), among.target.tolist()) == ([1], [0])


def a_trail(seed: int = 0) -> Likes:
    """Everybody takes up the products in a ring, one a day, from a chance place on; 12 each."""
    rng = np.random.default_rng(seed)
    starts = rng.integers(0, PRODUCTS, PEOPLE)
    rows_ = sorted((who, (int(start) + day) % PRODUCTS, day) for who, start in enumerate(starts) for day in range(12))
    source, target, day = np.asarray(rows_).T
    at = day * 86_400_000.0
    weight = np.full(len(source), np.log(2))
    return Likes(
        tuple(f"i{n:03}" for n in range(PEOPLE)),
        tuple(f"p{n:03}" for n in range(PRODUCTS)),
        Edges(source, target, weight),
        Moments(at, at, weight),
    )


def test_what_was_taken_up_last_is_hidden() -> None:
    likes = a_trail()
    held = hold_out(likes, seed=1, most=50)

    assert len(held.wanted) == 50
    assert likes.moments is not None
    assert held.known.moments is not None
    assert len(held.known.moments.last_ms) == len(held.known.edges)
    for one, wanted in held.wanted.items():
        own = slice(int(likes.starts[one]), int(likes.starts[one + 1]))
        last = likes.edges.target[own][np.argmax(likes.moments.first_ms[own])]
        assert wanted == {int(last)}


def test_order_counts_where_it_finds_what_is_hidden() -> None:
    held = hold_out(a_trail(), seed=1)
    everything = np.where(np.eye(PRODUCTS) > 0, 0.0, 0.1)
    ahead = np.roll(np.eye(PRODUCTS), 1, axis=1)
    company = replace(silence(held.known), similar=rows(everything))

    blend = learned_from(held, replace(company, next=rows(ahead)))
    without = learned_from(held, replace(company, next=rows(np.roll(ahead, 20, axis=1))))

    assert min(blend.next[1:]) > 0
    assert {*without.next} == {0.0}
    assert min(blend.ndcg[1:]) > max(without.ndcg)


def test_likes_fade_where_the_newest_find_what_is_hidden_and_nowhere_else() -> None:
    held = hold_out(a_trail(), seed=1)
    ahead, behind = (np.roll(np.eye(PRODUCTS), step, axis=1) for step in (1, -1))
    near = ahead + 1.5 * behind  # what stands before the oldest looks better, until likes fade
    far = 1.5 * ahead + behind

    def learned(held: HeldOut, similar: np.ndarray) -> float:
        return learn_fading(held, replace(silence(held.known), similar=rows(similar)), Tuning(decay_days=1e9))

    assert learned(held, near) < 1
    assert learned(held, far) == 1
    assert learned(HeldOut(replace(held.known, moments=None), held.wanted), near) == 1
