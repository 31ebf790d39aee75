from dataclasses import replace

import numpy as np
import pytest
from scipy.sparse import csr_array

from app.taste.blend import Blend, HeldOut, hold_out, learn_blend
from app.taste.candidates import Voices, gather_pools
from app.taste.peers import Follows, find_peer_likes, of_identities
from app.taste.values import Edges, Likes

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


def silence(likes: Likes) -> Voices:
    return Voices(
        nearest=csr_array((PRODUCTS, PRODUCTS)),
        further=csr_array((PRODUCTS, PRODUCTS)),
        heard=PRODUCTS,
        far_reaching=0,
        peers=csr_array((PEOPLE, PRODUCTS)),
        homes=np.full(PRODUCTS, -1),
        favours=csr_array((1, PRODUCTS)),
    )


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
        nearest=csr_array(np.eye(PRODUCTS)[:, ::-1] * 0.1),  # says something else
        peers=csr_array((PEOPLE, PRODUCTS)),
        homes=tastes,
        favours=csr_array((tastes == np.array([[0], [1]])).astype(float)),
    )

    blend = learn_blend(held, by_taste, seed=1)

    assert blend.sizes == (1, 3, 5, 10)
    assert min(blend.community) > 0
    assert blend.peers == (0.0,) * 4  # who is silent stays so
    assert min(blend.ndcg) > max(learn_blend(held, silence(likes), seed=1).ndcg)


def test_popularity_may_speak_against_a_product() -> None:
    """What everybody knows was never hidden: whoever recommends it finds nothing."""
    likes = a_crowd()
    held = hold_out(likes, seed=1)
    said = np.ones((PRODUCTS, PRODUCTS))
    said[:, held.known.likers > np.median(held.known.likers)] = 1.01
    rare = {one: frozenset([int(np.argmin(held.known.likers))]) for one in held.wanted}
    voices = replace(silence(likes), nearest=csr_array(said))

    blend = learn_blend(HeldOut(held.known, rare), voices, seed=1)

    assert max(blend.popularity) < 0


def test_popularity_is_as_shy_as_costs_nothing() -> None:
    """Those whom one follows like just what was hidden, so that nothing else is needed."""
    likes = a_crowd()
    held = hold_out(likes, seed=1)
    found = np.zeros((PEOPLE, PRODUCTS))
    for one, wanted in held.wanted.items():
        found[one, list(wanted)] = 1.0
    voices = replace(silence(likes), nearest=csr_array(np.ones((PRODUCTS, PRODUCTS))), peers=csr_array(found))

    blend = learn_blend(held, voices, seed=1)

    assert blend.ndcg == (1.0,) * 4
    assert max(blend.popularity) < -0.2  # further than the first step, which is .05 here


def test_who_helps_by_luck_stays_silent() -> None:
    """Some find what some seek by chance: no gain beyond its standard error."""
    likes = a_crowd()
    held = hold_out(likes, seed=1)

    def learned(seed: int) -> float:
        rng = np.random.default_rng(seed)
        voices = replace(
            silence(likes),
            nearest=csr_array(rng.random((PRODUCTS, PRODUCTS))),
            peers=csr_array(rng.random((PEOPLE, PRODUCTS))),
        )
        return learn_blend(held, voices, seed).peers[-1]

    assert sum(learned(seed) == 0 for seed in range(5)) >= 3


def test_what_else_speaks_is_as_much_quieter_as_the_likes_are_more() -> None:
    likes = a_crowd()
    held = hold_out(likes, seed=1)
    voices = replace(silence(likes), nearest=csr_array(np.ones((PRODUCTS, PRODUCTS))))

    def loudness(size: int) -> tuple[float, float]:
        pools = gather_pools(held.known, held.wanted, voices, size, np.random.default_rng(0), cut=True)
        assert pools is not None
        return pools.said[0, :, 0].max(), pools.said[:, :, 3].max()

    assert loudness(1) == pytest.approx((1, 1))
    assert loudness(9) == pytest.approx((1, 1 / 3))


@pytest.mark.parametrize(("heard", "said"), [(3, 1 + 6 * (3 + 2) / (1 + 3 + 2)), (2, 1 + 6), (1, 1 + 6)])
def test_only_the_strongest_likes_speak_and_fewer_for_what_is_further(heard: int, said: float) -> None:
    likes = Likes(("a",), ("p", "q", "r", "s"), Edges(np.zeros(3, int), np.arange(3), np.array([1.0, 3.0, 2.0])))
    nearest, further = np.zeros((4, 4)), np.zeros((4, 4))
    nearest[:3, 3] = 1.0
    further[:3, 3] = 6.0
    voices = Voices(
        nearest=csr_array(nearest),
        further=csr_array(further),
        heard=heard,
        far_reaching=2,
        peers=csr_array((1, 4)),
        homes=np.full(4, -1),
        favours=csr_array((1, 4)),
    )

    pools = gather_pools(likes, {0: frozenset([3])}, voices, 3, np.random.default_rng(0), cut=False)

    assert pools is not None
    assert pools.said[0, :, 0].max() == pytest.approx(said)


def test_nothing_can_be_learned_from_short_histories() -> None:
    few = Likes(("a",), ("p", "q"), Edges(np.array([0, 0]), np.array([0, 1]), np.ones(2)))
    held = hold_out(few, seed=0)

    assert held.wanted == {}
    assert learn_blend(held, silence(few), seed=0) == Blend()


def test_peers_say_only_what_several_of_them_like() -> None:
    likes = Likes(
        ("a", "b", "c"),
        ("p", "q"),
        Edges(np.array([1, 2, 2]), np.array([0, 0, 1]), np.full(3, np.log(2))),
    )
    follows = Follows(("a",), Edges(np.array([0, 0]), np.array([1, 2]), np.ones(2)))
    one = Follows(("a",), Edges(np.array([0]), np.array([1]), np.ones(1)))

    said = find_peer_likes(likes, follows, at_least=2, most=10)
    alone = find_peer_likes(likes, follows, at_least=1, most=1)

    assert (said.source.tolist(), said.target.tolist()) == ([0], [0])
    assert said.weight == pytest.approx([2 / np.sqrt(2)])
    assert alone.target.tolist() == [0]
    assert len(find_peer_likes(likes, one, at_least=2, most=10)) == 0


def test_a_newcomer_follows_without_being_among_those_who_like() -> None:
    likes = Likes(("b", "c"), ("p",), Edges(np.array([0, 1]), np.array([0, 0]), np.full(2, np.log(2))))
    follows = Follows(("a", "c"), Edges(np.array([0, 0, 1]), np.array([0, 1, 0]), np.ones(3)))

    said = find_peer_likes(likes, follows, at_least=1, most=10)

    assert said.source.tolist() == [0, 1]
    among = of_identities(said, follows.followers, likes.identities)
    assert (among.source.tolist(), among.target.tolist()) == ([1], [0])
