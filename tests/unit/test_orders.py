"""One purchase an order and product, whatever arrives of it and in which order."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.models import Interaction, Line
from app.domain.orders import NAMED, PAGE, SERVER, counted, settle, waiting_place, with_summed_lines, without_returned

START = datetime(2026, 1, 1, tzinfo=UTC)


def purchase(
    id_: str, *products: str | Line, who: str = "tom", day: float = 0, order: str | None = "o", **more: Any
) -> Interaction:
    lines = tuple(Line(one) if isinstance(one, str) else one for one in products)
    return Interaction(id_, "purchase", who, START + timedelta(days=day), lines, order_id=order, **more)


def refund(id_: str, *products: str | Line, day: float = 1, order: str | None = "o", who: str = "tom") -> Interaction:
    return replace(purchase(id_, *products, who=who, day=day, order=order), type="refund")


def of(*messages: Interaction) -> list[tuple[str, str, float]]:
    """What counts: whose, which product, how many."""
    return sorted((one.identity_id, line.product_id, line.quantity) for one in counted(messages) for line in one.lines)


def test_lines_of_one_product_are_one_line() -> None:
    red, blue = Line("sofa", 1, Decimal(900), Decimal(1000)), Line("sofa", 2, Decimal(600), Decimal(1000))

    one = with_summed_lines(purchase("e", red, "lamp", blue))

    assert one.lines == (Line("sofa", 3, Decimal(700), Decimal(1000)), Line("lamp"))


def test_the_price_of_a_sum_is_not_known_where_one_of_its_prices_is_not() -> None:
    [line] = with_summed_lines(purchase("e", Line("sofa", 1, Decimal(900)), Line("sofa"))).lines

    assert line == Line("sofa", 2)


def test_a_page_that_is_loaded_again_is_one_purchase_made_when_it_was_first_seen() -> None:
    [one] = counted([purchase("e1", "tea", trust=PAGE), purchase("e2", "tea", day=3, trust=PAGE)])

    assert (one.lines, one.at) == ((Line("tea"),), START)


def test_a_tag_and_a_server_are_one_purchase_of_whom_the_server_names() -> None:
    tag = purchase("t", "parent", who="browser", day=0, trust=PAGE)
    server = purchase("s", "variant", who="tom", day=0.1, trust=NAMED)

    assert of(tag, server) == of(server, tag) == [("tom", "variant", 1.0)]


def test_a_server_that_names_somebody_counts_before_one_that_knows_a_browser() -> None:
    assert of(purchase("s", "tea", day=0), purchase("b", "tea", "cup", who="web.1", day=2, trust=SERVER)) == [
        ("tom", "tea", 1.0)
    ]


def test_no_page_takes_a_purchase_from_another_page() -> None:
    mine, yours = purchase("a", "tea", who="a", trust=PAGE), purchase("b", "tea", who="b", day=9, trust=PAGE)

    assert of(mine, yours) == [("a", "tea", 1.0), ("b", "tea", 1.0)]


def test_whatever_a_page_says_changes_nothing_of_a_servers_order() -> None:
    server = purchase("s", Line("tea", 2), who="tom")
    later = purchase("p", Line("tea", 9), "cup", who="eve", day=30, updated_at=START + timedelta(days=90), trust=PAGE)

    assert of(server, later) == of(server)


def test_the_newest_state_of_an_order_replaces_the_one_before() -> None:
    placed = purchase("e1", Line("tea", 3), "cup", updated_at=START)
    edited = purchase("e2", Line("tea", 1), updated_at=START + timedelta(days=1))

    assert of(edited, placed) == of(placed, edited) == [("tom", "tea", 1.0)]


def test_messages_that_each_name_a_part_of_an_order_add_up_to_it() -> None:
    assert of(purchase("e1", "tea"), purchase("e2", "cup"), purchase("e3", Line("cup", 2), day=1)) == [
        ("tom", "cup", 2.0),
        ("tom", "tea", 1.0),
    ]


def test_refunds_of_an_order_add_up_by_quantity() -> None:
    bought = purchase("e", Line("tea", 3))

    assert of(bought, refund("r1", Line("tea", 1))) == [("tom", "tea", 2.0)]
    assert of(bought, refund("r1", Line("tea", 1)), refund("r2", Line("tea", 2))) == []


def test_one_of_three_equal_lines_that_went_back_leaves_two() -> None:
    assert of(purchase("e", "tea", "tea", "tea"), refund("r", "tea")) == [("tom", "tea", 2.0)]


def test_more_may_go_back_than_was_bought() -> None:
    assert of(purchase("e", Line("tea", 2), "cup"), refund("r", Line("tea", 5), "pot")) == [("tom", "cup", 1.0)]


def test_parts_of_a_unit_leave_nothing_behind() -> None:
    assert of(purchase("e", Line("silk", 0.1 + 0.2)), refund("r", Line("silk", 0.3))) == []


def test_a_refund_that_names_no_line_takes_the_whole_order_and_no_other() -> None:
    assert of(purchase("e", "tea", "cup"), purchase("f", "pot", order="o2"), refund("r")) == [("tom", "pot", 1.0)]


def test_an_order_id_is_enough_whoever_sends_the_refund() -> None:
    assert of(purchase("e", "tea"), refund("r", "tea", who=waiting_place("o"))) == []


def test_a_refund_without_an_order_takes_the_latest_earlier_purchases() -> None:
    bought = [purchase(f"e{day}", "tea", day=day, order=None) for day in (0, 2, 9)]

    def left(*refunds: Interaction) -> list[str]:
        return [one.id for one in without_returned([*refunds, *bought])]

    assert left(refund("r", "tea", day=5, order=None)) == ["e0", "e9"]
    assert left(refund("r1", "tea", day=5, order=None), refund("r2", "tea", day=6, order=None)) == ["e9"]
    assert left(refund("r", Line("tea", 2), day=5, order=None)) == ["e9"]


def test_a_part_of_a_line_that_went_back_leaves_the_rest_of_it() -> None:
    [one] = without_returned([purchase("e", Line("tea", 3), order=None), refund("r", "tea", order=None)])

    assert one.lines == (Line("tea", 2),)


@pytest.mark.parametrize("order", ["1", "x" * 200], ids=["short", "long"])
def test_a_refund_waits_in_a_place_of_its_order(order: str) -> None:
    assert len(waiting_place(order)) <= 200
    assert waiting_place(order) != waiting_place(order[:-1] + "y")


LINES = st.lists(st.builds(Line, st.sampled_from(["tea", "cup"]), st.integers(1, 3).map(float)), max_size=3)
MESSAGES = st.lists(
    st.builds(
        Interaction,
        id=st.integers(0, 9).map(str),
        type=st.sampled_from(["purchase", "purchase", "refund"]),
        identity_id=st.sampled_from(["tom", "eve"]),
        at=st.integers(0, 5).map(lambda day: START + timedelta(days=day)),
        lines=LINES.map(tuple),
        order_id=st.just("o"),
        updated_at=st.none() | st.integers(0, 5).map(lambda day: START + timedelta(days=day)),
        trust=st.sampled_from([PAGE, SERVER, NAMED]),
    ),
    max_size=6,
    unique_by=lambda one: one.id,
).map(lambda messages: [with_summed_lines(one) for one in messages])


@given(MESSAGES, st.randoms(use_true_random=False))
def test_an_order_is_the_same_however_its_messages_arrive(messages: list[Interaction], random: Any) -> None:
    assert settle(messages) == settle(random.sample(messages, len(messages)))


@given(MESSAGES)
def test_no_product_of_a_servers_order_counts_twice(messages: list[Interaction]) -> None:
    by_servers = [one for one in messages if one.trust != PAGE or one.type == "refund"]
    products = [product_id for _, product_id, _ in of(*by_servers)]

    assert len(products) == len(set(products))


@given(MESSAGES, st.integers(1, 3))
def test_a_further_refund_never_adds_anything(messages: list[Interaction], quantity: int) -> None:
    before, after = (
        sum(number for *_, number in of(*some)) for some in (messages, [*messages, refund("r", Line("tea", quantity))])
    )

    assert after <= before
