"""A product wears a creative that fits it, drawn with the chance that is told, and none twice."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from app.domain.creatives import About, Creative
from app.domain.recommendation import Item, Offer
from app.recommend.choose_creatives import choose_creatives, why_not_chosen
from app.taste.values import Floats

DRAWS = 20_000
OFFERS = [
    Offer("tea", "Tea", "Leaf", "Drinks > Tea", 4.5),
    Offer("mug", "Mug", "Clay", "Kitchen", 9.0),
    Offer("pot", "Pot", "Clay", "Kitchen"),
]
ITEMS = [Item(one.id, rank, 1.0, "popular", one.title, offer=one) for rank, one in enumerate(OFFERS, 1)]
LIKELY = {"a": 7.0, "b": 2.0, "c": 1.0}


def chances(ids: tuple[str, ...]) -> Floats:
    weights = np.asarray([LIKELY[id_] for id_ in ids])
    return weights / weights.sum()


def creative(id_: str, **fields: object) -> Creative:
    return replace(Creative(id_, ("web",), headline="Now"), **fields)  # pyright: ignore[reportArgumentType]


ALL = [creative("a"), creative("b"), creative("c")]


def test_each_is_drawn_as_often_as_the_chance_that_is_logged_says() -> None:
    shown = [choose_creatives(ITEMS, ALL, chances, None, 1, str(seed))[0].choice for seed in range(DRAWS)]
    seen = Counter(one.creative_id for one in shown)

    for id_, expected in (("a", 0.7), ("b", 0.2), ("c", 0.1)):
        told = {round(one.chance, 12) for one in shown if one.creative_id == id_}
        assert told == {expected}
        assert abs(seen[id_] / DRAWS - expected) < 4.5 * (expected * (1 - expected) / DRAWS) ** 0.5


def test_no_creative_is_used_twice_and_what_is_left_has_the_chances_of_what_is_left() -> None:
    shown = choose_creatives(ITEMS, ALL, chances, None, 3, "seed")

    assert [one.item.product_id for one in shown] == ["tea", "mug", "pot"]
    assert sorted(one.choice.creative_id for one in shown) == ["a", "b", "c"]
    assert [len(one.choice.eligible) for one in shown] == [3, 2, 1]
    assert all(sum(chance for _, chance in one.choice.eligible) == pytest.approx(1) for one in shown)
    assert shown[2].choice.chance == 1


def test_a_product_that_no_creative_fits_is_left_out() -> None:
    only = [creative("a", about=About(brands=("CLAY",))), creative("b", about=About(categories=("kitchen",)))]

    assert [one.item.product_id for one in choose_creatives(ITEMS, only, chances, None, 3, "s")] == ["mug", "pot"]
    priced = [creative("a", text="{product.price}")]
    assert [one.item.product_id for one in choose_creatives(ITEMS[1:], priced, chances, None, 3, "s")] == ["mug"]
    assert choose_creatives(ITEMS[2:], priced, chances, None, 3, "s") == ()


def test_a_pinned_creative_is_taken_first_and_nothing_is_learned_from_it() -> None:
    pinned = [*ALL[:2], creative("c", pinned=True, about=About(product_ids=("mug",)))]

    for seed in range(50):
        [_, mug] = choose_creatives(ITEMS[:2], pinned, chances, None, 2, str(seed))
        assert (mug.choice.creative_id, mug.choice.is_deterministic, mug.choice.chance) == ("c", True, 1.0)


def test_the_others_say_why_they_were_not_chosen() -> None:
    usable = [*ALL[:2], creative("c", about=About(product_ids=("never",)))]
    shown = choose_creatives(ITEMS[:1], usable, chances, None, 1, "seed")

    told = {one.creative_id: (one.code, one.text) for one in why_not_chosen(usable, shown, "web")}

    other = "b" if shown[0].choice.creative_id == "a" else "a"
    chance = {"a": "77.8%", "b": "22.2%"}[other]
    assert told == {
        other: ("less_likely", f"had a chance of {chance}"),
        "c": ("fits_nothing", "fits none of the products"),
    }
