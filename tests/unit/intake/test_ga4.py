"""Google Analytics 4 e-commerce events, as a server sends them."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from app.domain.models import Interaction, InteractionType, Line, RowError
from app.intake.events import parse_events
from app.intake.ga4 import TYPES

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
AT = datetime(2026, 5, 1, 10, tzinfo=UTC)
MICROS = int(AT.timestamp() * 1_000_000)
PURCHASE: dict[str, Any] = {
    "name": "purchase",
    "params": {
        "currency": "USD",
        "transaction_id": "T_12345",
        "value": 41.60,
        "coupon": "SAVE20",
        "shipping": 3.33,
        "tax": 1.11,
        "session_id": 1714557000,
        "engagement_time_msec": 100,
        "items": [
            {
                "item_id": "SKU_12345",
                "item_name": "Blue Widget",
                "affiliation": "Corner Store",
                "coupon": "SAVE20",
                "discount": 2.00,
                "index": 0,
                "item_brand": "Widgets",
                "item_category": "Tools",
                "price": 8.00,
                "quantity": 3,
            },
            {"item_id": "SKU_12346", "item_name": "Red Widget", "discount": 4.40, "price": 17.60},
        ],
    },
}
VIEW: dict[str, Any] = {"name": "view_item", "params": {"items": [{"item_id": "SKU_1", "price": 5}]}}
BODY: dict[str, Any] = {
    "client_id": "1234567890.1714550000",
    "user_id": "tom-personal",
    "timestamp_micros": MICROS,
    "non_personalized_ads": False,
    "user_properties": {"age_band": {"value": "40-49"}},
    "user_location": {"city": "Mountain View"},
    "events": [VIEW, PURCHASE],
}


def body(*events: object, **changes: object) -> dict[str, Any]:
    fields = {**BODY, "events": list(events) or BODY["events"], **changes}
    return {name: value for name, value in fields.items() if value is not ...}


def parse(*rows: object, now: datetime = NOW) -> list[Interaction]:
    parsed = parse_events(rows, now, 24)
    assert not parsed.errors
    return parsed.values


def test_each_event_of_a_body_becomes_an_interaction_of_its_position() -> None:
    parsed = parse_events([VIEW | {"client_id": "c"}, BODY], NOW, 24)

    assert [(index, row.type) for index, row in parsed.rows] == [(0, "view"), (1, "view"), (1, "purchase")]


def test_a_purchase_keeps_price_paid_and_list_price() -> None:
    _, purchase = parse(BODY)

    assert purchase.lines == (
        Line("SKU_12345", 3.0, Decimal("8.0"), Decimal("10.0")),
        Line("SKU_12346", 1.0, Decimal("17.6"), Decimal("22.0")),
    )
    assert (purchase.order_id, purchase.currency, purchase.at) == ("T_12345", "USD", AT)


def test_nothing_of_the_person_or_the_device_is_kept() -> None:
    kept = repr(parse(BODY))

    for private in ("40-49", "Mountain", "Widget", "SAVE20"):
        assert private not in kept


@pytest.mark.parametrize(("changes", "expected"), [({}, "tom-personal"), ({"user_id": ...}, "1234567890.1714550000")])
def test_who_is_not_logged_in_is_the_browser(changes: dict[str, object], expected: str) -> None:
    assert {row.identity_id for row in parse(body(**changes))} == {expected}


def test_googles_session_number_is_made_unique_by_the_client_and_the_shops_own_is_kept() -> None:
    own = {"name": "search", "params": {"session_id": "visit-7", "search_term": "widgets"}}

    [purchase, search] = parse(body(PURCHASE, own))

    assert (purchase.session_id, search.session_id) == ("1234567890.1714550000.1714557000", "visit-7")


def test_an_events_own_time_goes_before_the_bodys() -> None:
    earlier = {**VIEW, "timestamp_micros": MICROS - 5_000_000}

    [view] = parse(body(earlier))

    assert view.at == AT - timedelta(seconds=5)


def test_an_event_without_a_time_happens_when_it_arrives() -> None:
    assert [row.at for row in parse(body(timestamp_micros=...))] == [NOW, NOW]


def test_a_share_names_its_product_by_item_id() -> None:
    [share] = parse(body({"name": "share", "params": {"method": "email", "item_id": "SKU_1"}}))

    assert share.lines == (Line("SKU_1"),)


@pytest.mark.parametrize(("name", "type_"), TYPES.items())
def test_every_event_name_that_is_used_has_its_type(name: str, type_: InteractionType) -> None:
    assert [row.type for row in parse(body({**PURCHASE, "name": name}))] == [type_]


def test_sending_a_body_again_gives_the_same_ids() -> None:
    assert [row.id for row in parse(BODY)] == [row.id for row in parse(body(), now=NOW + timedelta(hours=3))]


def test_a_purchase_is_its_transaction_and_what_is_said_of_it() -> None:
    by_browser, by_server = parse(body(PURCHASE), body(PURCHASE, client_id="server", timestamp_micros=...))

    assert by_browser.id == by_server.id


@pytest.mark.parametrize(
    "other",
    [
        body({**VIEW, "name": "add_to_cart"}),
        body(VIEW, timestamp_micros=MICROS + 1),
        body(VIEW, user_id="debbie-personal"),
        body({"name": "view_item", "params": {"items": [{"item_id": "SKU_2", "price": 5}]}}),
        body({"name": "view_item", "params": {"items": [{"item_id": "SKU_1", "price": 6}]}}),
    ],
)
def test_events_that_say_something_else_have_other_ids(other: object) -> None:
    first, second = parse(body(VIEW), other)

    assert first.id != second.id


def test_an_event_without_a_time_counts_once_a_minute() -> None:
    untimed = body(VIEW, timestamp_micros=...)
    [first], [again], [later] = (parse(untimed, now=NOW + timedelta(seconds=seconds)) for seconds in (0, 20, 60))

    assert first.id == again.id != later.id


def test_a_bad_event_does_not_sink_its_body() -> None:
    bad = {"name": "add_to_cart", "params": {"items": [{"item_id": "a"}, {"item_name": "b", "price": -1}]}}

    parsed = parse_events([body(VIEW, bad, PURCHASE)], NOW, 24)

    assert [row.type for row in parsed.values] == ["view", "cart", "purchase"]
    assert [line.product_id for line in parsed.values[1].lines] == ["a"]
    assert parsed.errors == [
        RowError(0, "events.1.params.items.1.item_id", "is missing"),
        RowError(0, "events.1.params.items.1.price", "must be at least 0"),
    ]


@pytest.mark.parametrize(
    ("row", "field", "reason"),
    [
        (body({"name": "page_view"}), "events.0.name", "is not an e-commerce event Plural uses"),
        (body({"name": "view_item_list", "params": {}}), "events.0.name", "is not an e-commerce event Plural uses"),
        ({"name": "scroll", "params": {}}, "name", "is not an e-commerce event Plural uses"),
        (body({"params": {}}), "events.0.name", "is missing"),
        (body("purchase"), "events.0", "must be an object"),
        (body(events=[]), "events", "must be a list of 1 to 25 events"),
        (body(*[VIEW] * 26), "events", "must be a list of 1 to 25 events"),
        (body(events=VIEW), "events", "must be a list of 1 to 25 events"),
        (body(client_id=..., user_id=...), "client_id", "is missing"),
        (body(VIEW, PURCHASE, client_id="x" * 201), "client_id", "must have at most 200 characters"),
        (body(timestamp_micros="soon"), "timestamp_micros", "must be a whole number"),
        (body(timestamp_micros=MICROS * 2), "timestamp_micros", "must not be more than 24 h in the future"),
        (body({**VIEW, "timestamp_micros": -1}), "events.0.timestamp_micros", "must be at least 0"),
        (body({"name": "view_item"}), "events.0.params.items", "must name at least one product"),
        (body({"name": "purchase", "params": 7}), "events.0.params", "must be an object"),
    ],
)
def test_what_cannot_be_used_is_named_once_as_the_sender_names_it(row: object, field: str, reason: str) -> None:
    assert parse_events([row], NOW, 24).errors == [RowError(0, field, reason)]


@pytest.mark.parametrize(
    ("params", "taken"),
    [
        ({}, []),
        ({"value": 41.60, "currency": "USD"}, []),
        ({"items": []}, []),
        ({"items": None, "value": 0}, []),
        ({"value": 5.0, "items": [{"item_id": "a", "quantity": 1}]}, ["a"]),
        ({"value": 5.0, "items": [{"item_id": "a"}, {"item_name": "a tip"}]}, ["a"]),
    ],
)
def test_a_refund_without_items_is_of_the_whole_order_as_google_says(params: dict[str, Any], taken: list[str]) -> None:
    event = {"client_id": "1.2", "name": "refund", "params": {"transaction_id": "T_1", **params}}

    [refund] = parse_events([event], NOW, 1).values

    assert (refund.type, refund.order_id, [line.product_id for line in refund.lines]) == ("refund", "T_1", taken)


@pytest.mark.parametrize(
    ("params", "field"),
    [
        ({"value": 5.0}, "params.items"),
        ({"transaction_id": "", "value": 5.0}, "params.items"),
        ({"transaction_id": "T_1", "items": [{"item_name": "a tip"}]}, "params.items.0.item_id"),
        ({"transaction_id": "T_1", "items": [{"item_id": "a", "quantity": 0}]}, "params.items.0.quantity"),
        ({"transaction_id": "T_1", "items": "a"}, "params.items"),
    ],
)
def test_items_that_cannot_be_read_do_not_make_a_refund_one_of_the_whole_order(
    params: dict[str, Any], field: str
) -> None:
    parsed = parse_events([{"client_id": "1.2", "name": "refund", "params": params}], NOW, 1)

    assert (parsed.values, [error.field for error in parsed.errors]) == ([], [field])


def test_a_row_of_the_export_that_refunds_names_its_order_alone() -> None:
    amount = {"key": "value", "value": {"double_value": 41.60}}
    order = {"transaction_id": "T_1", "refund_value": 41.60}
    row = {
        "event_name": "refund",
        "event_timestamp": str(MICROS),
        "user_pseudo_id": "1.2",
        "event_params": [amount],
        "ecommerce": order,
        "items": [],
    }
    of_params = {"key": "transaction_id", "value": {"string_value": "T_1"}}

    for one in (row, {**row, "ecommerce": None, "event_params": [amount, of_params], "items": None}):
        [refund] = parse(one)
        assert (refund.type, refund.order_id, refund.lines) == ("refund", "T_1", ())
