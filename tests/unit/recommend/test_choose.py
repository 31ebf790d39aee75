"""From the graph's lists to the places of an answer."""

from collections import Counter
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.errors import InvalidError
from app.domain.recommendation import (
    Introduced,
    Item,
    Near,
    Offer,
    Popular,
    Ranking,
    Reason,
    RecommendationRequest,
    Repeat,
    Rule,
    RuleAction,
    RuleField,
    Seed,
    Source,
)
from app.recommend.choose import choose_items, take_turns
from app.recommend.explain import vary_first

WEIGHTS: dict[Source, float] = {"repeat": 1.0, "similar": 0.5, "session": 0.5, "popular": 0.1}


def offer(id_: str, *tags: str, brand: str = "acme", price: float = 2.0) -> Offer:
    return Offer(id_, f"Title of {id_}", brand, "snacks", price, frozenset(tags))


def ranking(**lists: Any) -> Ranking:
    return Ranking("stamp", granted=True, **lists)


SEEDS = (Seed("s0", "Bought", True, "like"), Seed("s1", "Seen", False, "like"), Seed("s2", "Shown", False, "context"))
NEAR = (Near(offer("a", "x"), 0.4, 0.0, ((0, 0.3), (1, 0.1))), Near(offer("b", "x"), 0.2, 0.15, ((2, 0.2),)))
FULL = ranking(
    seeds=SEEDS,
    near=NEAR,
    repeats=(Repeat(offer("r", "y"), 8.0), Repeat(offer("a", "x"), 1.0)),
    popular=(Popular(offer("p", "z", brand="best"), 90.0, "Snacks"), Popular(offer("a", "x"), 50.0)),
)


def answer(request: RecommendationRequest, full: Ranking = FULL) -> list[str]:
    return [item.product_id for item in choose_items(full, request, WEIGHTS)]  # pyright: ignore[reportArgumentType]


def test_sources_are_blended_and_popular_ones_fill_the_rest() -> None:
    items = choose_items(FULL, RecommendationRequest(shelf="ranking"), WEIGHTS)

    assert [(i.product_id, i.source) for i in items] == [
        ("r", "repeat"),
        ("a", "repeat"),
        ("b", "session"),
        ("p", "popular"),
    ]
    assert [i.rank for i in items] == [1, 2, 3, 4]
    assert [i.score for i in items] == sorted((i.score for i in items), reverse=True)


def test_shares_sum_to_one_and_name_what_spoke() -> None:
    items = choose_items(FULL, RecommendationRequest(shelf="ranking", explain=True), WEIGHTS)
    reasons = {item.product_id: item.reasons for item in items}

    assert all(sum(r.share for r in item.reasons) == pytest.approx(1) for item in items)
    assert [(r.code, r.id) for r in reasons["a"]] == [
        ("because_you_bought", "s0"),
        ("buy_again", "a"),
        ("because_you_liked", "s1"),
    ]
    assert [(r.code, r.id) for r in reasons["b"]] == [("goes_with", "s2")]
    assert [(r.code, r.label) for r in reasons["p"]] == [("popular_here", "Snacks")]


def test_without_explain_there_are_no_reasons() -> None:
    assert all(item.reasons == () for item in choose_items(FULL, RecommendationRequest()))


@pytest.mark.parametrize(
    ("field", "value", "action", "expected"),
    [
        ("brand", "BEST", "include", ["p"]),
        ("brand", "best", "exclude", ["r", "a", "b"]),
        ("tag", "x", "exclude", ["r", "p"]),
        ("tag", "x", "include", ["a", "b"]),
        ("category", "Snacks", "include", ["r", "a", "b", "p"]),
        ("price", "..1.5", "include", []),
        ("price", "1.5..", "include", ["r", "a", "b", "p"]),
        ("tag", "x", "boost", ["a", "b", "r", "p"]),
    ],
)
def test_rules_keep_drop_or_multiply(field: RuleField, value: str, action: RuleAction, expected: list[str]) -> None:
    assert answer(RecommendationRequest(shelf="ranking", rules=(Rule(field, (value,), action, 100),))) == expected


def test_a_price_rule_that_cannot_be_read_says_how() -> None:
    with pytest.raises(InvalidError, match=r"5\.\.20"):
        answer(RecommendationRequest(rules=(Rule("price", ("cheap",), "include"),)))


def test_diversity_spreads_tags() -> None:
    near = tuple(
        Near(offer(id_, tag), score, 0.0) for id_, tag, score in [("a", "x", 1.0), ("b", "x", 0.9), ("c", "y", 0.5)]
    )

    assert answer(RecommendationRequest(limit=2), ranking(near=near)) == ["a", "b"]
    assert answer(RecommendationRequest(limit=2, diversity=0.7), ranking(near=near)) == ["a", "c"]


def test_nothing_to_rank_is_an_empty_answer() -> None:
    assert choose_items(ranking(), RecommendationRequest()) == ()


OFFERS = st.builds(Offer, st.sampled_from("abcdefgh"), st.just("t"), tags=st.frozensets(st.sampled_from("xyz")))
RANKINGS = st.builds(
    Ranking,
    st.just("s"),
    st.booleans(),
    seeds=st.just(SEEDS),
    near=st.lists(st.builds(Near, OFFERS, st.floats(0.001, 9), st.just(0.0)), unique_by=lambda n: n.offer.id).map(
        tuple
    ),
    repeats=st.lists(st.builds(Repeat, OFFERS, st.floats(0.001, 9)), unique_by=lambda r: r.offer.id).map(tuple),
    popular=st.lists(st.builds(Popular, OFFERS, st.floats(0.001, 9)), unique_by=lambda p: p.offer.id).map(tuple),
)


@given(RANKINGS, st.integers(1, 10), st.floats(0, 1))
def test_an_answer_never_shows_a_product_twice_or_exceeds_its_limit(
    full: Ranking, limit: int, diversity: float
) -> None:
    items = choose_items(full, RecommendationRequest(limit=limit, diversity=diversity))

    assert len({item.product_id for item in items}) == len(items) <= limit
    assert all(item.score > 0 for item in items)


def items(*ids: str, score: float = 0.5) -> tuple[Item, ...]:
    return tuple(Item(id_, rank, score, "similar", "") for rank, id_ in enumerate(ids, start=1))


def test_members_of_a_household_take_turns() -> None:
    shown = take_turns([items("a", "b", "c", score=0.9), items("a", "x", score=0.2), ()], items("p", "x"), 5)

    assert [item.product_id for item in shown] == ["a", "x", "b", "c", "p"]
    assert [item.rank for item in shown] == [1, 2, 3, 4, 5]
    assert [item.score for item in shown] == [0.9, 0.2, 0.2, 0.2, 0.2]


@given(st.lists(st.lists(st.sampled_from("abcdefghij"), unique=True, max_size=6), max_size=5), st.integers(0, 12))
def test_no_member_with_something_to_name_goes_without(members: list[list[str]], limit: int) -> None:
    shown = [item.product_id for item in take_turns([items(*ids) for ids in members], (), limit)]

    assert len(set(shown)) == len(shown) <= limit
    if limit >= len(members):
        assert all(set(ids) & set(shown) for ids in members if ids)


@pytest.mark.parametrize("noise", [-1e-13, 0.0, 1e-13])
def test_at_exactly_one_half_the_session_speaks_whatever_the_order_of_sums(noise: float) -> None:
    half = ranking(near=(Near(offer("a"), 0.4, 0.2 + noise),))
    shown = choose_items(half, RecommendationRequest(), WEIGHTS)  # pyright: ignore[reportArgumentType]

    assert [item.source for item in shown] == ["session"]


def test_what_was_granted_says_from_whom() -> None:
    granted = ranking(
        seeds=(Seed("s0", "Tea", True, "like", "personal"),),
        near=(Near(offer("a"), 0.4, 0.0, ((0, 0.4),)),),
        repeats=(Repeat(offer("r"), 1.0, "work"),),
    )
    shown = choose_items(granted, RecommendationRequest(shelf="ranking", explain=True), WEIGHTS)  # pyright: ignore[reportArgumentType]

    assert {item.product_id: [(r.code, r.label) for r in item.reasons] for item in shown} == {
        "r": [("from_your_identity", "Title of r, from your work identity")],
        "a": [("from_your_identity", "Tea, from your personal identity")],
    }


def near(*scores: float) -> tuple[Near, ...]:
    return tuple(Near(offer(f"n{place:02}"), score) for place, score in enumerate(scores))


def test_a_mixed_shelf_holds_a_repeat_in_three_while_there_is_anything_new() -> None:
    again = tuple(Repeat(offer(f"r{place:02}"), 9.0 - place) for place in range(9))
    full = ranking(near=near(*(1.0 - place / 20 for place in range(6))), repeats=again)
    items = choose_items(full, RecommendationRequest(limit=12))

    assert [item.product_id[0] for item in items] == [*"nnrnnrnnrrrr"]
    assert [item.score for item in items] == sorted((item.score for item in items), reverse=True)
    for limit in range(1, 13):
        assert choose_items(full, RecommendationRequest(limit=limit)) == items[:limit]


def test_what_hardly_anything_speaks_for_is_no_reason_to_leave_a_repeat_out() -> None:
    full = ranking(near=near(1.0, 0.01, 0.01), repeats=(Repeat(offer("r1"), 9.0), Repeat(offer("r2"), 8.0)))

    assert [item.product_id for item in choose_items(full, RecommendationRequest())] == [
        "n00",
        "r1",
        "r2",
        "n01",
        "n02",
    ]


def test_what_is_popular_is_new_as_well() -> None:
    popular = tuple(Popular(offer(f"p{place}"), 9.0 - place) for place in range(4))
    again = tuple(Repeat(offer(f"r{place}"), 9.0) for place in range(4))
    items = choose_items(ranking(popular=popular, repeats=again), RecommendationRequest(limit=6))

    assert [item.product_id[0] for item in items] == [*"pprppr"]


def test_one_place_in_ten_is_introduced() -> None:
    new = tuple(Introduced(offer(f"new{place}"), 1.0 - place / 9, "g", "hot drinks") for place in range(3))
    full = ranking(near=near(*(1.0 - place / 40 for place in range(30))), introduced=new)
    items = choose_items(full, RecommendationRequest(limit=24, explain=True))

    assert [item.rank for item in items if item.source == "introduced"] == [10, 20]
    assert [(r.code, r.label) for r in items[9].reasons] == [("your_microgenre", "hot drinks")]
    assert items[9].score == items[8].score
    assert "introduced" not in {i.source for i in choose_items(full, RecommendationRequest(shelf="ranking", limit=24))}


def test_what_is_one_to_a_customer_has_one_place() -> None:
    offers = [
        Offer("a", "Milk", "Acme", "Dairy"),
        Offer("b", "MILK ", "acme", "Dairy"),
        Offer("c", "Milk", "Best", "Dairy"),
    ]
    offers += [Offer("d", "Cream", group="g"), Offer("e", "Sour cream", group="g"), Offer("f", "Tea")]
    full = ranking(near=tuple(Near(one, 1.0 - place / 9) for place, one in enumerate(offers)))

    # Milk of another brand is another thing, and as it is called the same it comes last.
    assert answer(RecommendationRequest(), full) == ["a", "d", "f", "c"]
    assert answer(RecommendationRequest(variants="all"), full) == [*"abcdef"]


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Milk, 1 gal", "milk"),
        ("Milk", "milk"),
        ("Cola, 6 x 0.5 l", "cola"),
        ("Soft drink cans, 12 x 12 oz", "soft drink cans"),
        ("Sugar (1 kg)", "sugar"),
        ("Bakery cookies, 8 7/8 oz", "bakery cookies"),
        ("Paper towels, 57 sq ft", "paper towels"),
        ("Eggs, 1 dozen", "eggs"),
        ("Saft 0,7 l", "saft"),
        ("1 kg", "1 kg"),
        ("Monitor 27 in", "monitor"),
        ("Levi's 501", "levi's 501"),
        ("Vitamin B12", "vitamin b12"),
        ("Big in Japan", "big in japan"),
    ],
)
def test_titles_that_differ_in_size_only_are_one_name(title: str, name: str) -> None:
    assert Offer("a", title).name == name


def test_a_title_comes_again_a_shelf_later() -> None:
    offers = [Offer(f"a{n:02}", "Milk", f"Brand {n}") for n in range(2)] + [
        Offer(f"b{n:02}", f"Tea {n}") for n in range(20)
    ]
    full = ranking(near=tuple(Near(one, 1.0 - place / 90) for place, one in enumerate(offers)))
    titles = [item.title for item in choose_items(full, RecommendationRequest(limit=30))]

    assert [place for place, title in enumerate(titles) if title == "Milk"] == [0, 12]
    assert len(titles) == 22


def test_members_of_a_household_do_not_name_one_thing_twice() -> None:
    milk = [Item(id_, 1, 0.5, "similar", "Milk", offer=Offer(id_, "Milk", "Acme")) for id_ in "ab"]

    assert [item.product_id for item in take_turns([milk[:1], milk[1:]], (), 5)] == ["a"]
    assert [item.product_id for item in take_turns([milk[:1], milk[1:]], (), 5, folds=False)] == ["a", "b"]


def reasons_of(*seeds: tuple[str, float], title: str = "Cup") -> list[tuple[str, str, float]]:
    """Reasons of one product, by what was bought and its part."""
    known = tuple(Seed(f"s{place}", label, True, "like") for place, (label, _) in enumerate(seeds))
    parts = tuple((place, part) for place, (_, part) in enumerate(seeds))
    shown = ranking(seeds=known, near=(Near(Offer("a", title, "Acme", "Kitchen"), 1.0, 0.0, parts),))
    [item] = choose_items(shown, RecommendationRequest(explain=True))
    return [(r.code, r.label, round(r.share, 3)) for r in item.reasons]


def test_a_label_is_named_once() -> None:
    assert reasons_of(("Tea", 0.3), ("TEA", 0.3), ("Pot", 0.4)) == [
        ("because_you_bought", "Tea", 0.6),
        ("because_you_bought", "Pot", 0.4),
    ]


def test_no_reason_is_under_a_tenth() -> None:
    found = reasons_of(("Tea", 0.6), ("Pot", 0.32), ("Mug", 0.05), ("Jar", 0.03))

    assert [label for _, label, _ in found] == ["Tea", "Pot"]
    assert sum(share for _, _, share in found) == pytest.approx(1, abs=0.01)


def test_nobody_is_told_that_they_bought_the_same_thing() -> None:
    assert reasons_of(("cup", 0.7), ("Pot", 0.3)) == [
        ("because_you_bought", "Kitchen", 0.7),
        ("because_you_bought", "Pot", 0.3),
    ]
    assert reasons_of(("Kitchen", 1.0), title="Kitchen") == [("because_you_bought", "others of its kind", 1.0)]


def test_first_reasons_differ_along_a_shelf() -> None:
    labels = ["Tea", "Pot", "Mug", "Jar", "Lid", "Tin"]
    reasons = [
        tuple(Reason("because_you_bought", label, label, 0.2) for label in labels[place % 5 :]) for place in range(12)
    ]
    shelf = [
        replace(one, reasons=(Reason("popular_here", "", "all", 0.5), *reasons[place]))
        for place, one in enumerate(items(*"abcdefghijkl"))
    ]

    firsts = Counter(item.reasons[0].label for item in vary_first(shelf))
    assert len(firsts) >= 6
    assert max(firsts.values()) == 2
    assert all({*item.reasons} == {*given.reasons} for item, given in zip(vary_first(shelf), shelf, strict=True))
    alone = [replace(one, reasons=one.reasons[:1]) for one in shelf]
    assert {item.reasons[0].label for item in vary_first(alone)} == {"all"}  # there is nothing else to say
