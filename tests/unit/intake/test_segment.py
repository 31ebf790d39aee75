"""Segment calls of the e-commerce spec v2, as its libraries send them."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from app.domain.models import InteractionType, Line, RowError
from app.intake.events import parse_events
from app.intake.segment import TYPES

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
ORDER: dict[str, Any] = {
    "type": "track",
    "event": "Order Completed",
    "messageId": "ajs-next-1714557600-6f0f",
    "anonymousId": "23adfd82-aa0f-45a7-a756-24f2a7a4c895",
    "userId": "debbie-personal",
    "timestamp": "2026-05-01T10:00:00.250Z",
    "originalTimestamp": "2026-05-01T11:59:00.000Z",
    "sentAt": "2026-05-01T11:59:01.000Z",
    "receivedAt": "2026-05-01T10:00:01.250Z",
    "version": 2,
    "integrations": {"All": True},
    "context": {
        "ip": "108.0.78.21",
        "userAgent": "Mozilla/5.0 (X11; Linux x86_64)",
        "traits": {"email": "debbie@example.org", "age": 41},
        "library": {"name": "analytics.js", "version": "2.11.1"},
        "page": {"url": "https://shop.example/checkout", "title": "Checkout"},
        "sessionId": 1714557000,
    },
    "properties": {
        "checkout_id": "fksdjfsdjfisjf9sdfjsd9f",
        "order_id": "50314b8e9bcf000000000000",
        "affiliation": "Corner Store",
        "total": 27.50,
        "subtotal": 22.50,
        "revenue": 25.00,
        "shipping": 3,
        "tax": 2,
        "discount": 2.5,
        "coupon": "hasbros",
        "currency": "USD",
        "email": "debbie@example.org",
        "products": [
            {
                "product_id": "507f1f77bcf86cd799439011",
                "sku": "45790-32",
                "name": "Monopoly: 3rd Edition",
                "price": 19,
                "quantity": 1,
                "category": "Games",
                "url": "https://shop.example/monopoly",
                "image_url": "https://shop.example/monopoly.jpg",
            },
            {"sku": "46493-32", "name": "Uno Card Game", "price": 3, "quantity": 2, "category": "Games"},
        ],
    },
}


def call(**changes: object) -> dict[str, Any]:
    return {name: value for name, value in {**ORDER, **changes}.items() if value is not ...}


def said(**changes: object) -> dict[str, Any]:
    properties = {name: value for name, value in {**ORDER["properties"], **changes}.items() if value is not ...}
    return call(properties=properties)


def test_an_order_becomes_a_purchase_of_its_products() -> None:
    [(index, purchase)] = parse_events([ORDER], NOW, 24).rows

    assert (index, purchase.id, purchase.type, purchase.identity_id) == (
        0,
        "ajs-next-1714557600-6f0f",
        "purchase",
        "debbie-personal",
    )
    assert purchase.at == datetime(2026, 5, 1, 10, 0, 0, 250_000, tzinfo=UTC)
    assert (purchase.order_id, purchase.currency, purchase.session_id) == (
        "50314b8e9bcf000000000000",
        "USD",
        "1714557000",
    )


def test_the_discount_of_an_order_is_spread_over_its_lines_in_proportion() -> None:
    [(_, purchase)] = parse_events([ORDER], NOW, 24).rows

    assert purchase.lines == (
        Line("507f1f77bcf86cd799439011", 1.0, Decimal("17.1"), Decimal(19), also=("45790-32",)),
        Line("46493-32", 2.0, Decimal("2.7"), Decimal(3)),
    )
    paid = sum(Decimal(line.quantity) * (line.price_paid or 0) for line in purchase.lines)
    assert paid == Decimal("22.5")  # the subtotal of the spec's own example


def test_without_a_discount_the_price_was_paid_and_the_list_price_is_unknown() -> None:
    [(_, purchase)] = parse_events([said(discount=...)], NOW, 24).rows

    assert [(line.price_paid, line.list_price) for line in purchase.lines] == [(19, None), (3, None)]


def test_a_discount_beyond_the_amount_makes_the_products_free() -> None:
    [(_, purchase)] = parse_events([said(discount=100)], NOW, 24).rows

    assert [line.discount_share for line in purchase.lines] == [1.0, 1.0]


def test_a_call_about_one_product_has_one_line() -> None:
    viewed = call(event="Product Viewed", properties={"product_id": "p1", "price": 18.99, "currency": "usd"})

    [(_, view)] = parse_events([viewed], NOW, 24).rows

    assert (view.type, view.currency, view.lines) == ("view", "USD", (Line("p1", 1.0, Decimal("18.99")),))


def test_nothing_of_the_person_or_the_device_is_kept() -> None:
    kept = repr(parse_events([ORDER], NOW, 24))

    for private in ("debbie@example.org", "108.0.78.21", "Mozilla", "41", "Monopoly", "Checkout"):
        assert private not in kept.replace("507f1f77bcf86cd799439011", "")


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, "debbie-personal"),
        ({"userId": ...}, "23adfd82-aa0f-45a7-a756-24f2a7a4c895"),
        ({"userId": None}, "23adfd82-aa0f-45a7-a756-24f2a7a4c895"),
    ],
)
def test_who_is_not_logged_in_is_the_browser(changes: dict[str, object], expected: str) -> None:
    [(_, interaction)] = parse_events([call(**changes)], NOW, 24).rows

    assert interaction.identity_id == expected


def test_the_device_time_stands_in_for_the_corrected_one() -> None:
    [(_, interaction)] = parse_events([call(timestamp=...)], NOW, 24).rows

    assert interaction.at == datetime(2026, 5, 1, 11, 59, tzinfo=UTC)


@pytest.mark.parametrize(("name", "type_"), TYPES.items())
def test_every_event_name_that_is_used_has_its_type(name: str, type_: InteractionType) -> None:
    [(_, interaction)] = parse_events([call(event=name.title())], NOW, 24).rows

    assert interaction.type == type_


def test_a_search_needs_no_product_and_its_words_are_not_kept() -> None:
    parsed = parse_events([call(event="Products Searched", properties={"query": "blue roses"})], NOW, 24)

    assert [(row.type, row.lines) for row in parsed.values] == [("search", ())]
    assert "roses" not in repr(parsed)


@pytest.mark.parametrize(
    ("row", "field", "reason"),
    [
        (call(event="Product List Viewed"), "event", "is not an e-commerce event Plural uses"),
        (call(event="Cart Viewed"), "event", "is not an e-commerce event Plural uses"),
        (call(type="page"), "type", "is not an e-commerce event Plural uses"),
        (call(type=["identify"]), "type", "is not an e-commerce event Plural uses"),
        (call(event=...), "event", "is missing"),
        (call(userId=..., anonymousId=...), "userId", "is missing"),
        (call(timestamp=..., originalTimestamp=...), "timestamp", "is missing"),
        (call(timestamp="2026-05-03T00:00:00Z"), "timestamp", "must not be more than 24 h in the future"),
        (call(messageId="x" * 201), "messageId", "must have at most 200 characters"),
        (call(properties=None), "properties.products", "must name at least one product"),
        (said(products=[{"name": "Uno"}]), "properties.products.0", "must name its product by product_id or sku"),
        (said(products=[{"sku": "a", "price": "free"}]), "properties.products.0.price", "must be a number"),
        (said(products=[{"sku": "a"}] * 501), "properties.products", "must have at most 500 entries"),
        (said(discount=-1), "properties.discount", "must be at least 0"),
        (
            call(event="Product Viewed", properties={"sku": "a", "quantity": 0}),
            "properties.quantity",
            "must be above 0",
        ),
    ],
)
def test_what_cannot_be_used_is_named_as_the_sender_names_it(row: object, field: str, reason: str) -> None:
    assert parse_events([row], NOW, 24).errors == [RowError(0, field, reason)]


def test_a_call_without_a_message_id_gets_one_from_what_it_says() -> None:
    [first, again, other] = parse_events(
        [call(messageId=...), call(messageId=...), call(messageId=..., userId="tom-work")], NOW, 24
    ).values

    assert first.id == again.id != other.id


@pytest.mark.parametrize(
    ("changes", "taken"),
    [
        ({"total": 5}, None),
        ({"total": 5, "products": [{"product_id": "a", "quantity": 1}]}, ["a"]),
        ({}, []),
    ],
)
def test_money_without_products_is_no_return(changes: dict[str, object], taken: list[str] | None) -> None:
    parsed = parse_events([call(event="Order Refunded", properties={"order_id": "o", **changes})], NOW, 24)

    assert [[line.product_id for line in one.lines] for one in parsed.values] == ([] if taken is None else [taken])
    assert [error.field for error in parsed.errors] == (["properties.products"] if taken is None else [])
