"""Product rows as in a Google Merchant feed."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from app.domain.models import Product, RowError, Tag
from app.intake.batches import Refused
from app.intake.products import ProductChanges, change_product, parse_products

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


@pytest.mark.parametrize(
    ("written", "start", "end"),
    [
        ("2026-05-01T10:00+0200/2026-05-02T10:00+0200", "2026-05-01T08:00Z", "2026-05-02T08:00Z"),
        ("2026-05-01T10:00Z / 2026-05-02", "2026-05-01T10:00Z", "2026-05-03T00:00Z"),
        ("2026-05-01/", "2026-05-01T00:00Z", None),
        ("/2026-05-01 12:30:00", None, "2026-05-01T12:30Z"),
    ],
)
def test_a_sale_lasts_as_feeds_write_it(written: str, start: str | None, end: str | None) -> None:
    [row] = parse_products([product(sale_price_effective_date=written)]).values

    assert (row.sale_from, row.sale_until) == (
        start and datetime.fromisoformat(start),
        end and datetime.fromisoformat(end),
    )


def test_a_product_expires_at_its_time_or_at_the_end_of_its_day() -> None:
    rows = parse_products([product(expiration_date=text) for text in ("2026-05-01T10:00+02:00",)]).values
    rows += parse_products([product(expiration_date="2026-05-01", availability_date="2026-04-01")]).values

    assert [row.expiration_date for row in rows] == [
        datetime(2026, 5, 1, 8, tzinfo=UTC),
        datetime(2026, 5, 2, tzinfo=UTC),
    ]
    assert rows[1].availability_date == datetime(2026, 4, 1, tzinfo=UTC)
    assert [rows[1].is_offered_at(datetime(2026, 5, day, tzinfo=UTC)) for day in (1, 2)] == [True, False]


def test_what_can_be_ordered_is_in_stock_from_its_date_on() -> None:
    [row] = parse_products([product(availability="preorder", availability_date="2026-05-01")]).values

    assert row.availability_at(datetime(2026, 4, 30, 23, tzinfo=UTC)) == "preorder"
    assert row.availability_at(datetime(2026, 5, 1, tzinfo=UTC)) == "in_stock"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("expiration_date", "soon"),
        ("availability_date", "01.05.2026"),
        ("expiration_date", 20260501.5),
        ("sale_price_effective_date", "2026-05-02/2026-04-01"),
        ("sale_price_effective_date", "2026-05-02"),
        ("sale_price_effective_date", "/"),
        ("sale_price_effective_date", 7),
    ],
)
def test_a_time_that_is_none_is_refused_with_its_reason(field: str, value: object) -> None:
    [error] = parse_products([product(**{field: value})]).errors

    assert (error.field, error.reason.split(" such")[0].split(" parted")[0]) in (
        (field, "must be a time"),
        (field, "must be two times"),
    )


@pytest.mark.parametrize("written", ["Home > Kitchen > Pans", "Home>Kitchen>Pans", " Home >Kitchen>  Pans >"])
def test_a_category_has_one_spelling(written: str) -> None:
    assert parse_products([product(product_type=written)]).values[0].category == "Home > Kitchen > Pans"


def test_what_is_changed_is_changed_and_all_else_stays() -> None:
    [pan] = parse_products([product(sale_price_effective_date="2026-05-01/2026-05-02")]).values

    changes = ProductChanges.model_validate({"price": "35 EUR", "custom_label_0": "new", "tags": ["mood:calm"]})
    changed = change_product(pan, changes, ["sale_price", "custom_label_1"])

    expected = replace(pan, price=Decimal(35), sale_price=None, custom_labels=("new",), tags=(Tag("calm", "mood"),))
    assert changed == expected
    assert change_product(pan, ProductChanges.model_validate({}), []) == pan
    cleared = change_product(pan, ProductChanges.model_validate({}), ["sale_price_effective_date"])
    assert (cleared.sale_from, cleared.sale_until) == (None, None)


def test_one_price_alone_does_not_change_the_currency_of_both() -> None:
    [pan] = parse_products([PAN]).values

    with pytest.raises(Refused, match="must be given too"):
        change_product(pan, ProductChanges.model_validate({"price": "35 USD"}))
    both = ProductChanges.model_validate({"price": "35 USD", "sale_price": "30 USD"})
    assert change_product(pan, both).currency == "USD"
    assert change_product(pan, ProductChanges.model_validate({"price": "35"})).currency == "EUR"


def test_of_two_rows_of_one_product_the_last_usable_one_stands() -> None:
    parsed = parse_products([product(title="First"), product(title="Second"), product(title="")])

    assert [(index, row.title) for index, row in parsed.rows] == [(1, "Second")]
    assert (parsed.replaced, parsed.errors) == (1, [RowError(2, "title", "must not be empty")])
