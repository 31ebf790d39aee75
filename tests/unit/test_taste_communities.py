"""Products are linked by who likes them, and identities belong where they like more than the crowd does."""

import numpy as np
import pytest

from app.domain.communities import Structure
from app.taste.communities import MembershipRules, find_favours, find_members, link_products
from app.taste.portraits import measure_structures
from app.taste.values import Edges, Ints, Likes


def likes_of(*people: str, products: int = 8) -> Likes:
    """Likes written as digits, the products that somebody likes, each by weight 1."""
    pairs = sorted((who, int(product)) for who, liked in enumerate(people) for product in liked)
    source = np.asarray([who for who, _ in pairs], dtype=np.int64)
    target = np.asarray([product for _, product in pairs], dtype=np.int64)
    names = tuple(f"i{who}" for who in range(len(people)))
    return Likes(names, tuple(f"p{n}" for n in range(products)), Edges(source, target, np.ones(len(pairs))))


HOME: Ints = np.asarray([0, 0, 0, 0, 1, 1, 1, -1])


def belongs(likes: Likes, home: Ints = HOME, rules: MembershipRules | None = None) -> dict[str, dict[int, float]]:
    edges = find_members(likes, home, rules).edges
    found: dict[str, dict[int, float]] = {}
    for place in range(len(edges)):
        where = found.setdefault(likes.identities[int(edges.source[place])], {})
        where[int(edges.target[place])] = round(float(edges.weight[place]), 3)
    return found


def test_strengths_are_shares_of_all_that_one_likes() -> None:
    crowd = ["4567"] * 6
    assert belongs(likes_of("01237", *crowd))["i0"] == {0: 0.8}


def test_one_product_makes_no_member() -> None:
    assert belongs(likes_of("0", *["4567"] * 6)).get("i0") is None


def test_what_everybody_likes_makes_nobody_a_member() -> None:
    crowd = ["0123"] * 20 + ["012345"] * 2
    found = belongs(likes_of(*crowd))

    assert {id_ for id_, where in found.items() if 1 in where} == {"i20", "i21"}
    assert not any(0 in where for id_, where in found.items() if id_ in ("i20", "i21"))


def test_one_belongs_to_the_few_largest_at_most() -> None:
    home = np.repeat(np.arange(6), 2)
    people = ["".join(map(str, range(10))), *["89"] * 9]
    rules = MembershipRules(most=3, surprise=0)

    found = belongs(likes_of(*people, products=12), home, rules)

    assert len(found["i0"]) == 3
    assert sum(found["i0"].values()) <= 1


def test_links_are_undirected_and_of_products_that_some_like() -> None:
    similar = Edges(np.asarray([0, 1, 0, 2, 3]), np.asarray([1, 0, 2, 3, 3]), np.asarray([0.5, 0.3, 0.2, 0.9, 1.0]))

    linked = link_products(similar, np.asarray([5, 5, 2, 1]))

    assert list(zip(linked.source.tolist(), linked.target.tolist(), linked.weight.tolist(), strict=True)) == [
        (0, 1, 0.8),
        (0, 2, 0.2),
    ]


def test_a_community_favours_what_others_do_not_like() -> None:
    likes = likes_of("014", "014", "47", "47", "4", "4")
    members = Edges(np.asarray([0, 1]), np.asarray([0, 0]), np.asarray([0.9, 0.9]))

    loud, fair = (find_favours(likes, members, 1, gamma=gamma, most=3) for gamma in (0.0, 1.0))

    # 4 is liked by everybody, so nobody's taste; 0 and 1 by these two of six.
    assert loud.target.tolist() == fair.target.tolist() == [0, 1]
    assert loud.weight.tolist() == pytest.approx([1 - 2 / 6] * 2)
    assert fair.weight.tolist() == pytest.approx([(1 - 2 / 6) / (7 / 6)] * 2)


def test_nobody_belongs_where_nothing_is_at_home() -> None:
    assert belongs(likes_of("01", "23"), np.full(8, -1)) == {}


def test_structure_is_that_of_similar_products_at_home() -> None:
    similar = Edges(np.array([0, 0, 3]), np.array([1, 2, 0]), np.array([3.0, 1.0, 5.0]))

    two, one, none = measure_structures(similar, np.array([0, 0, 1, -1]), 3)

    assert two == Structure(products=2, density=0.5, conductance=0.25, core_share=0.5)
    assert one == Structure(products=1, density=None, conductance=None, core_share=0.0)
    assert none == Structure(products=0, density=None, conductance=None, core_share=None)
