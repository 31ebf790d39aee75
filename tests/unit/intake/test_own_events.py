"""Events in our own shape."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from app.domain.models import Interaction, Line, RowError
from app.intake.events import parse_events

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
BASKET: dict[str, Any] = {
    "event_id": "e1",
    "type": "purchase",
    "identity_id": "tom-personal",
    "at": "2026-05-01T10:00:00+02:00",
    "session_id": "s1",
    "decision_id": "d1",
    "order_id": "o1",
    "currency": "eur",
    "lines": [{"product_id": "p1", "quantity": 2, "price_paid": "9.50", "list_price": 10.5}, {"product_id": 17}],
}


def event(**changes: object) -> dict[str, Any]:
    return {name: value for name, value in {**BASKET, **changes}.items() if value is not ...}


def errors_of(*rows: object) -> list[RowError]:
    return parse_events(rows, NOW, 24).errors


def test_a_basket_becomes_one_interaction_with_its_lines() -> None:
    parsed = parse_events([BASKET], NOW, 24)

    expected = Interaction(
        id="e1",
        type="purchase",
        identity_id="tom-personal",
        at=datetime(2026, 5, 1, 8, tzinfo=UTC),
        lines=(Line("p1", 2.0, Decimal("9.50"), Decimal("10.5")), Line("17", 1.0)),
        session_id="s1",
        decision_id="d1",
        order_id="o1",
        currency="EUR",
    )
    assert (parsed.rows, parsed.errors) == ([(0, expected)], [])


def test_times_are_kept_in_utc() -> None:
    [(_, interaction)] = parse_events([BASKET], NOW, 24).rows

    assert interaction.at.tzinfo is UTC


def test_a_bad_row_is_named_by_index_field_and_reason_and_the_others_stand() -> None:
    bad = event(lines=[{"product_id": "p2", "price_paid": -1}])

    parsed = parse_events([event(event_id="a"), bad, event(event_id="c")], NOW, 24)

    assert [(index, row.id) for index, row in parsed.rows] == [(0, "a"), (2, "c")]
    assert parsed.errors == [RowError(1, "lines.0.price_paid", "must be at least 0")]


NO_PRODUCTS: list[tuple[dict[str, Any], str]] = [
    ({"product_id": None}, ".product_id"),
    ({"quantity": 2}, ".product_id"),
    ({"product_id": "p2", "quantity": 0}, ".quantity"),
    ({"product_id": "p2", "quantity": -1}, ".quantity"),
    ({"product_id": "p2", "price_paid": float("nan")}, ".price_paid"),
    ({"product_id": "undefined"}, ".product_id"),
]
"""Tips, gift wraps, deleted products: one bad line among good ones, and the field that says so."""


@pytest.mark.parametrize(("line", "field"), NO_PRODUCTS)
def test_a_line_that_is_no_product_does_not_sink_its_order(line: dict[str, Any], field: str) -> None:
    parsed = parse_events([event(lines=[{"product_id": "p1"}, line, {"product_id": "p3"}])], NOW, 24)

    assert [one.product_id for row in parsed.values for one in row.lines] == ["p1", "p3"]
    assert [(error.index, error.field) for error in parsed.errors] == [(0, f"lines.1{field}")]


def test_nor_does_one_of_segment_or_of_ga4() -> None:
    products = [{"product_id": "p1", "price": 10}, {"name": "Tip", "price": 2}, {"product_id": None, "sku": None}]
    call = {"type": "track", "event": "Order Completed", "messageId": "1", "userId": "u", "timestamp": BASKET["at"]}
    items = [{"item_id": "p1"}, {"item_name": "Gift wrap", "price": 2}, {"item_id": "p2", "quantity": 0}]
    body = {"client_id": "1.2", "events": [{"name": "purchase", "params": {"transaction_id": "2", "items": items}}]}

    parsed = parse_events([{**call, "properties": {"order_id": "1", "products": products}}, body], NOW, 24)

    assert [[one.product_id for one in row.lines] for row in parsed.values] == [["p1"], ["p1"]]
    assert [(error.index, error.field) for error in parsed.errors] == [
        (0, "properties.products.1"),
        (0, "properties.products.2"),
        (1, "events.0.params.items.1.item_id"),
        (1, "events.0.params.items.2.quantity"),
    ]


def test_an_order_of_bad_lines_alone_and_one_that_is_bad_itself_are_refused() -> None:
    bad = {"product_id": None}
    parsed = parse_events([event(lines=[bad, bad]), event(type="dance", lines=[{"product_id": "p"}, bad])], NOW, 24)

    assert parsed.values == []
    assert {(error.index, error.field) for error in parsed.errors} == {
        (0, "lines.0.product_id"),
        (0, "lines.1.product_id"),
        (1, "type"),
        (1, "lines.1.product_id"),
    }


@pytest.mark.parametrize(
    ("changes", "field", "reason"),
    [
        ({"event_id": ...}, "event_id", "is missing"),
        ({"event_id": None}, "event_id", "is missing"),
        ({"event_id": ""}, "event_id", "must not be empty"),
        ({"identity_id": "x" * 201}, "identity_id", "must have at most 200 characters"),
        ({"identity_id": "a\tb"}, "identity_id", "must have no control characters and no blank at either end"),
        ({"identity_id": "tom "}, "identity_id", "must have no control characters and no blank at either end"),
        ({"identity_id": "\ud800"}, "identity_id", "must be text of whole Unicode characters"),
        ({"identity_id": True}, "identity_id", "must be text"),
        ({"type": "buy"}, "type", "must be one of 'view', 'cart'"),
        ({"at": "2026-05-01T10:00:00"}, "at", "needs a time zone, such as Z or +02:00"),
        ({"at": "yesterday"}, "at", "must be a time such as"),
        ({"at": "2026-05-02T12:00:01Z"}, "at", "must not be more than 24 h in the future"),
        ({"at": "1969-12-31T23:59:59Z"}, "at", "must not be before 1970"),
        ({"at": "0001-01-01T00:00:00+14:00"}, "at", "must not be before 1970"),
        ({"at": "9999-12-31T23:59:59-14:00"}, "at", "must not be more than 24 h in the future"),
        ({"currency": "€"}, "currency", "must be a currency of ISO 4217"),
        ({"age": 41}, "age", "is not a field that Plural takes"),
        ({"lines": "p1"}, "lines", "must be a list"),
        ({"lines": []}, "lines", "must name at least one product"),
        ({"lines": [{"product_id": "p"}] * 501}, "lines", "must have at most 500 entries"),
        ({"lines": ["p1"]}, "lines.0", "must be an object"),
        ({"lines": [{"quantity": 1}]}, "lines.0.product_id", "is missing"),
        ({"lines": [{"product_id": "p", "name": "x"}]}, "lines.0.name", "is not a field that Plural takes"),
        ({"lines": [{"product_id": "p", "quantity": 0}]}, "lines.0.quantity", "must be above 0"),
        ({"lines": [{"product_id": "p", "quantity": float("inf")}]}, "lines.0.quantity", "must be a finite number"),
        ({"lines": [{"product_id": "p", "list_price": "NaN"}]}, "lines.0.list_price", "must be a finite number"),
        ({"lines": [{"product_id": "p", "list_price": "12,50"}]}, "lines.0.list_price", "must be a number"),
        ({"lines": [{"product_id": "p", "list_price": True}]}, "lines.0.list_price", "must be a number"),
        ({"lines": [{"product_id": "p", "list_price": "12345678901234.567"}]}, "lines.0.list_price", "15 digits"),
        ({"lines": [{"product_id": "p", "list_price": "1e400"}]}, "lines.0.list_price", "15 digits"),
    ],
)
def test_what_breaks_a_limit_is_refused_with_its_reason(changes: dict[str, object], field: str, reason: str) -> None:
    [error] = errors_of(event(**changes))

    assert (error.index, error.field) == (0, field)
    assert error.reason.startswith(reason) or reason in error.reason


@pytest.mark.parametrize("row", [None, 7, "text", [1], []])
def test_a_row_that_is_no_object_is_refused(row: object) -> None:
    assert errors_of(row) == [RowError(0, "", "must be an object" if row is not None else "is missing")]


def test_every_problem_of_a_row_is_told_at_once() -> None:
    fields = [error.field for error in errors_of(event(event_id="", at="x", age=3))]

    assert fields == ["event_id", "at", "age"]


def test_a_row_with_hundreds_of_problems_tells_the_first_twenty() -> None:
    nameless: dict[str, object] = {}

    assert len(errors_of(event(lines=[nameless] * 400))) == 20


def test_a_stamp_just_inside_the_allowed_skew_is_taken() -> None:
    assert not errors_of(event(at=NOW + timedelta(hours=24)))


def test_the_allowed_skew_is_a_setting() -> None:
    [error] = parse_events([event(at=NOW + timedelta(hours=2))], NOW, 1.5).errors

    assert error.reason == "must not be more than 1.5 h in the future"


@pytest.mark.parametrize("changes", [{"type": "search"}, {"type": "refund"}, {"type": "return"}])
def test_a_search_and_the_refund_of_a_whole_order_need_no_product(changes: dict[str, object]) -> None:
    assert not errors_of(event(lines=[], **changes))


def test_a_refund_of_neither_an_order_nor_a_product_is_refused() -> None:
    assert [error.field for error in errors_of(event(type="refund", lines=[], order_id=None))] == ["lines"]


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("9.50", "9.50"),
        (0.1 + 0.2, "0.3"),
        ("0.30000000000000004", "0.3"),
        (12, "12"),
        ("1E+3", "1E+3"),
        (0.0022991404011461, "0.002299140401146"),
    ],
)
def test_a_price_is_kept_to_the_digits_that_a_double_holds(sent: object, kept: str) -> None:
    [(_, interaction)] = parse_events([event(lines=[{"product_id": "p", "price_paid": sent}])], NOW, 24).rows

    assert interaction.lines[0].price_paid == Decimal(kept)


def test_reasons_never_quote_what_was_sent() -> None:
    secret = "debbie@example.org"
    rows = [event(**{name: secret + "\n"}) for name in BASKET if name != "lines"]

    assert not [error for error in errors_of(*rows) if secret in error.reason or secret in error.field]


def test_a_field_name_that_cannot_be_sent_back_is_made_so() -> None:
    [error] = errors_of(event(**{"\ud800" * 300: 1}))

    assert len(error.field.encode()) <= 200
