"""What somebody took back, thinks otherwise of by now, or has excluded is no evidence of taste."""

from datetime import UTC, datetime, timedelta
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.evidence import EvidenceRules, sum_likes
from app.domain.exclusions import Unwanted
from app.domain.models import Interaction, InteractionType, Line, Rating
from app.domain.opinions import what_counts
from app.domain.recommendation import Rule

START = datetime(2026, 1, 1, tzinfo=UTC)
RULES = EvidenceRules(decay_days=1e9)


def did(type_: InteractionType, *products: str, day: float = 0, **more: Any) -> Interaction:
    at = START + timedelta(days=day)
    return Interaction(f"{type_}-{day}", type_, "tom", at, tuple(Line(one) for one in products), **more)


def rated(value: float, of: float = 5, day: float = 0) -> Interaction:
    return did("rating", "tea", day=day, rating=Rating(value, of))


def weights(*interactions: Interaction, excluded: tuple[tuple[str, str], ...] = ()) -> dict[str, float]:
    """Weights by product, the same in whatever order the interactions come."""
    orders = [sum_likes(what_counts(order, excluded), RULES) for order in permutations(interactions)]
    found = [{like.product_id: pytest.approx(like.weight, abs=1e-6) for like in likes} for likes in orders]
    assert all(one == {id_: like.expected for id_, like in found[0].items()} for one in found)
    return {like.product_id: like.weight for like in orders[0]}


def test_a_dislike_ends_what_was_said_before_and_counts_against_the_product() -> None:
    assert weights(did("purchase", "tea", "cup"), did("view", "tea", day=1), did("dislike", "tea", day=2)) == {
        "tea": pytest.approx(-1.0),
        "cup": pytest.approx(1.0),
    }


def test_who_buys_again_after_a_dislike_has_come_back_to_it() -> None:
    assert weights(did("dislike", "tea"), did("purchase", "tea", day=1), did("cart", "tea", day=2)) == {
        "tea": pytest.approx(0.3)
    }


def test_a_wish_that_was_taken_back_is_none_and_a_later_one_is() -> None:
    wish, unwish, again = did("wish", "tea"), did("unwish", "tea", day=1), did("wish", "tea", day=2)

    assert weights(wish, unwish) == {}
    assert weights(wish, unwish, again) == {"tea": pytest.approx(0.4)}
    assert weights(wish, did("cart", "tea"), unwish) == {"tea": pytest.approx(0.3)}


@pytest.mark.parametrize(("value", "weight"), [(5, 0.5), (4, 0.3), (2, -0.4), (1, -1.2), (0, -2.0)])
def test_a_rating_counts_by_how_far_it_is_from_half(value: float, weight: float) -> None:
    assert weights(rated(value)) == {"tea": pytest.approx(weight)}
    assert weights(rated(20 * value, of=100)) == {"tea": pytest.approx(weight)}


def test_half_of_the_points_say_nothing() -> None:
    assert weights(rated(2.5)) == {}


def test_the_newest_rating_of_a_product_is_the_one_that_counts() -> None:
    assert weights(rated(5), rated(1, day=1), rated(4, day=2)) == {"tea": pytest.approx(0.3)}


def test_a_low_rating_weighs_what_its_own_weight_says() -> None:
    mild = EvidenceRules(low_rating_weight=0.1)

    assert sum_likes([rated(0)], mild)[0].weight == pytest.approx(-0.1)
    with pytest.raises(ValueError, match="below 0"):
        EvidenceRules(low_rating_weight=-1)


def test_an_excluded_line_is_no_evidence() -> None:
    gift = did("purchase", "tea", "cup")

    assert weights(gift, did("view", "tea", day=1), excluded=(("purchase-0", "tea"),)) == {
        "tea": pytest.approx(0.05),
        "cup": pytest.approx(1.0),
    }


@given(st.lists(st.sampled_from(("purchase", "view", "wish", "unwish", "dislike")), max_size=5))
def test_without_opinions_nothing_is_lost(types: list[InteractionType]) -> None:
    history = [did(type_, "tea", day=day) for day, type_ in enumerate(types) if type_ not in {"unwish", "dislike"}]

    assert what_counts(history) == history


def test_excluded_brands_tags_and_categories_are_rules() -> None:
    unwanted = Unwanted.of(
        [("tag", "cats"), ("brand", "acme"), ("tag", "category:pets"), ("order", "o1"), ("product", "tea")]
    )

    assert unwanted.product_ids == ("tea",)
    assert unwanted.rules == (
        Rule("brand", ("acme",), "exclude"),
        Rule("tag", ("cats",), "exclude"),
        Rule("category", ("pets",), "exclude"),
    )
