"""Product rows as in a Google Merchant feed."""

from decimal import Decimal
from typing import Any

import pytest

from app.domain.models import Product, RowError, Tag
from app.intake.products import parse_products

PAN: dict[str, Any] = {
    "id": "TDD-1",
    "title": " Cast-iron pan ",
    "description": "For two generations.\nAt least.",
    "link": "https://shop.example/pan",
    "image_link": "https://shop.example/pan.jpg",
    "price": "39.90 EUR",
    "sale_price": "29.90 EUR",
    "brand": "Ironworks",
    "product_type": "Home > Kitchen > Pans",
    "google_product_category": 654,
    "availability": "in stock",
    "item_group_id": "pans",
    "custom_label_1": "heavy",
    "tags": [{"name": "iron", "facet": "material", "weight": 0.5}, "mood:cosy", "kitchen"],
    "gtin": "3234567890126",
    "shipping": [{"country": "DE", "price": "4.90 EUR"}],
    "additional_image_link": ["https://shop.example/pan-2.jpg"],
}


def product(**changes: object) -> dict[str, Any]:
    return {name: value for name, value in {**PAN, **changes}.items() if value is not ...}


def test_a_feeds_row_becomes_a_product() -> None:
    parsed = parse_products([PAN])

    expected = Product(
        id="TDD-1",
        title="Cast-iron pan",
        availability="in_stock",
        description="For two generations.\nAt least.",
        link="https://shop.example/pan",
        image_link="https://shop.example/pan.jpg",
        price=Decimal("39.90"),
        sale_price=Decimal("29.90"),
        currency="EUR",
        brand="Ironworks",
        product_type="Home > Kitchen > Pans",
        google_product_category="654",
        item_group_id="pans",
        gtin="3234567890126",
        custom_labels=(None, "heavy"),
        tags=(Tag("iron", "material", 0.5), Tag("cosy", "mood"), Tag("kitchen")),
    )
    assert (parsed.rows, parsed.errors) == ([(0, expected)], [])


def test_an_id_and_a_title_are_enough() -> None:
    assert parse_products([{"id": "p", "title": "Pan"}]).values == [Product("p", "Pan")]


@pytest.mark.parametrize(
    ("price", "amount", "currency"),
    [
        ("12.50 EUR", "12.50", "EUR"),
        ("EUR 12.50", "12.50", "EUR"),
        ("12.50eur", "12.50", "EUR"),
        ("12.50", "12.50", None),
        (12.5, "12.5", None),
        (0.1 + 0.2, "0.3", None),
        (12, "12", None),
        ("0 USD", "0", "USD"),
    ],
)
def test_a_price_is_read_as_feeds_write_it(price: object, amount: str, currency: str | None) -> None:
    [row] = parse_products([product(price=price, sale_price=...)]).values

    assert (row.price, row.currency) == (Decimal(amount), currency)


def test_a_currency_may_stand_by_itself() -> None:
    [row] = parse_products([product(price=12.5, sale_price="10", currency="chf")]).values

    assert (row.price, row.sale_price, row.currency) == (Decimal("12.5"), 10, "CHF")


@pytest.mark.parametrize("word", ["out_of_stock", "out of stock", "Out Of Stock"])
def test_availability_is_written_with_blanks_or_underscores(word: str) -> None:
    assert parse_products([product(availability=word)]).values[0].availability == "out_of_stock"


def test_tags_come_from_one_column_of_a_csv() -> None:
    [row] = parse_products([product(tags="material:iron| mood:cosy ||kitchen")]).values

    assert row.tags == (Tag("iron", "material"), Tag("cosy", "mood"), Tag("kitchen"))


def test_a_tag_given_twice_counts_once_with_its_strongest_weight() -> None:
    [row] = parse_products([product(tags=[{"name": "Iron", "weight": 0.2}, "iron"])]).values

    assert row.tags == (Tag("iron"),)


def test_blank_text_means_none_given() -> None:
    [row] = parse_products([product(brand=" ", description="", custom_label_1="")]).values

    assert (row.brand, row.description, row.custom_labels) == (None, None, ())


@pytest.mark.parametrize(
    ("changes", "field", "reason"),
    [
        ({"id": ...}, "id", "is missing"),
        ({"title": "  "}, "title", "must not be empty"),
        ({"title": "x" * 501}, "title", "must have at most 500 characters"),
        ({"description": "x" * 5001}, "description", "must have at most 5000 characters"),
        ({"link": "javascript:alert(1)"}, "link", "must be an address that begins with http:// or https://"),
        ({"image_link": "http://x.example/" + "a" * 2000}, "image_link", "must have at most 2000 characters"),
        ({"price": "12,50 EUR"}, "price", "must be a price of 0 or more, such as 12.50 EUR"),
        ({"price": "-1 EUR"}, "price", "must be a price of 0 or more, such as 12.50 EUR"),
        ({"price": True}, "price", "must be a price of 0 or more, such as 12.50 EUR"),
        ({"price": float("nan")}, "price", "must be a price of 0 or more, such as 12.50 EUR"),
        ({"price": ["1"]}, "price", "must be a price of 0 or more, such as 12.50 EUR"),
        ({"price": "1234567.12345678901"}, "price", "must have at most 15 digits"),
        ({"sale_price": "29.90 USD"}, "sale_price", "must be in the same currency as the rest of the row"),
        ({"currency": "USD"}, "price", "must be in the same currency as the rest of the row"),
        ({"availability": "soon"}, "availability", "must be one of 'in_stock'"),
        ({"tags": ["a"] * 51}, "tags", "must have at most 50 entries"),
        ({"tags": [{"name": "a", "weight": 0}]}, "tags.0.weight", "must be above 0"),
        ({"tags": [{"name": "a", "weight": 1.1}]}, "tags.0.weight", "must be at most 1"),
        ({"tags": ["mood:"]}, "tags.0.name", "must not be empty"),
        ({"tags": [7]}, "tags.0", "must be an object"),
        ({"colour": "black"}, "colour", "is not a field that Plural takes"),
        ({"margin": 0.4}, "margin", "is not a field that Plural takes"),
    ],
)
def test_what_breaks_a_limit_is_refused_with_its_reason(changes: dict[str, object], field: str, reason: str) -> None:
    [error] = parse_products([product(**changes)]).errors

    assert (error.index, error.field) == (0, field)
    assert error.reason.startswith(reason)


def test_of_two_rows_of_one_product_the_last_usable_one_stands() -> None:
    parsed = parse_products([product(title="First"), product(title="Second"), product(title="")])

    assert [(index, row.title) for index, row in parsed.rows] == [(1, "Second")]
    assert (parsed.replaced, parsed.errors) == (1, [RowError(2, "title", "must not be empty")])
