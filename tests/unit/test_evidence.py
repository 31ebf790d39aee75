"""How much an interaction says about taste."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.evidence import EvidenceRules, combine, regular_interval, sum_likes
from app.domain.models import Interaction, InteractionType, Line

RULES = EvidenceRules()
START = datetime(2026, 1, 1, tzinfo=UTC)
TYPES: list[InteractionType] = ["purchase", "view", "cart", "wish", "share", "search"]


def purchase(
    id_: str, product_id: str = "p", day: float = 0, order: str | None = None, quantity: float = 1
) -> Interaction:
    lines = (Line(product_id, quantity),)
    return Interaction(id_, "purchase", "tom", START + timedelta(days=day), lines, order_id=order)


def test_moments_count_to_the_millisecond_as_the_graph_keeps_them() -> None:
    exact = purchase("e1", day=0.123456789012)
    kept = purchase("e1")
    kept = replace(kept, at=exact.at.replace(microsecond=exact.at.microsecond // 1000 * 1000))
    assert exact.at != kept.at
    later = purchase("e2", day=90)

    assert sum_likes([exact, later], RULES) == sum_likes([kept, later], RULES)


@given(st.sampled_from(TYPES), st.floats(0, 1), st.floats(0, 1), st.floats(0, 1), st.floats(0, 1))
def test_a_deeper_discount_never_raises_a_weight(
    type_: InteractionType, penalty: float, factor: float, one: float, other: float
) -> None:
    rules = EvidenceRules(discount_penalty=penalty, deal_factor=factor)
    shallow, deep = (Line("p", 1, Decimal(100) * (1 - Decimal(off)), Decimal(100)) for off in sorted((one, other)))

    assert rules.line_weight(type_, deep) <= rules.line_weight(type_, shallow)
    assert rules.full_price_weight(type_, deep) <= rules.full_price_weight(type_, shallow)
    assert rules.full_price_weight(type_, shallow) <= rules.line_weight(type_, shallow)


@given(st.floats(0, 10_000), st.floats(0, 10_000))
def test_an_older_interaction_never_weighs_more(one: float, other: float) -> None:
    assert RULES.decay(max(one, other)) <= RULES.decay(min(one, other)) <= 1


def test_a_deal_counts_fully_as_taste_and_less_as_what_is_bought_at_full_price() -> None:
    half = Line("p", 1, Decimal("5"), Decimal("10"))

    assert (RULES.line_weight("purchase", half), RULES.full_price_weight("purchase", half)) == (1.0, 0.6)
    assert (RULES.line_weight("purchase", Line("p")), RULES.full_price_weight("purchase", Line("p"))) == (1.0, 1.0)


def test_a_full_discount_can_be_told_to_take_a_share_of_both_weights() -> None:
    half, rules = Line("p", 1, Decimal("5"), Decimal("10")), EvidenceRules(discount_penalty=0.5)

    assert rules.line_weight("purchase", half) == pytest.approx(0.75)
    assert rules.full_price_weight("purchase", half) == pytest.approx(0.45)


def test_a_look_says_less_than_a_purchase() -> None:
    assert RULES.line_weight("purchase", Line("p")) == 1.0
    assert RULES.line_weight("cart", Line("p")) == 0.3
    assert RULES.line_weight("view", Line("p")) == 0.05


def test_a_price_above_the_list_price_is_no_negative_discount() -> None:
    assert Line("p", 1, Decimal("12"), Decimal("10")).discount_share == 0


def test_quantity_counts_only_where_it_is_asked_to() -> None:
    six = Line("p", 6)

    assert RULES.line_weight("purchase", six) == 1.0
    assert EvidenceRules(quantity_growth=1).line_weight("purchase", six) == pytest.approx(1 + 1.791759)


@given(st.permutations(range(6)), st.lists(st.floats(0, 300), min_size=6, max_size=6))
def test_likes_do_not_depend_on_the_order_of_events(order: list[int], days: list[float]) -> None:
    events = [purchase(f"e{place}", "p", day) for place, day in enumerate(days)]
    straight = sum_likes(events, RULES)[0]
    shuffled = sum_likes([events[place] for place in order], RULES)[0]

    assert shuffled.weight == pytest.approx(straight.weight)
    assert shuffled.full_price_weight == pytest.approx(straight.full_price_weight)
    assert (shuffled.count, shuffled.purchases, shuffled.last_at) == (6, 6, straight.last_at)
    assert (shuffled.first_bought_at, shuffled.last_bought_at) == (straight.first_bought_at, straight.last_bought_at)


def test_two_likes_are_brought_to_the_later_moment() -> None:
    half = Line("p", 1, Decimal("5"), Decimal("10"))
    deal = Interaction("e0", "purchase", "tom", START, (half,))
    early, late = (sum_likes([bought], RULES)[0] for bought in (deal, purchase("e1", "p", 120)))

    both = combine(early, late, RULES)

    assert both.weight == pytest.approx(1 + 1 / 2.718281828)
    assert both.full_price_weight == pytest.approx(1 + 0.6 / 2.718281828)


def test_likes_are_sorted_by_product_and_identity() -> None:
    events = [purchase("e1", "b"), purchase("e2", "a"), purchase("e3", "c")]

    assert [like.product_id for like in sum_likes(events, RULES)] == ["a", "b", "c"]


def test_rules_that_would_turn_evidence_around_are_refused() -> None:
    with pytest.raises(ValueError, match="discount_penalty"):
        EvidenceRules(discount_penalty=1.5)
    with pytest.raises(ValueError, match="deal_factor"):
        EvidenceRules(deal_factor=-0.1)
    with pytest.raises(ValueError, match="below 0"):
        EvidenceRules(base_weights={"view": -1.0})


@pytest.mark.parametrize(
    ("days", "interval"),
    [
        ((0, 14, 28, 42, 56), 14.0),
        ((0, 13, 28, 43, 56), 14.0),
        ((0, 7, 14), 0.0),
        ((0, 1, 2, 60), 0.0),
        ((0, 1, 30, 31, 60), 0.0),
        ((), 0.0),
    ],
)
def test_a_regular_interval_takes_four_days_at_steady_distances(days: tuple[int, ...], interval: float) -> None:
    assert regular_interval(days) == pytest.approx(interval)


def test_of_days_of_purchases_each_counts_once_and_the_latest_are_kept() -> None:
    day, noon = datetime(2026, 3, 1, tzinfo=UTC), timedelta(hours=12)
    times = [day + timedelta(days=n) + part for n in range(20) for part in (timedelta(), noon)]
    bought = [Interaction(f"e{n}", "purchase", "ann", at, (Line("tea"),)) for n, at in enumerate(times)]

    [like] = sum_likes(bought, EvidenceRules())
    first = int(day.timestamp() // 86_400)

    assert (like.purchases, like.bought_days) == (40, tuple(range(first + 8, first + 20)))
    [viewed] = sum_likes([Interaction("v", "view", "ann", day, (Line("tea"),))], EvidenceRules())
    assert viewed.bought_days == ()
