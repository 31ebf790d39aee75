"""Orders and products as WooCommerce's webhooks carry them."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from app.domain.models import Line
from app.intake.events import parse_events
from app.intake.woocommerce import OrderBody, ProductBody, order_rows, shop_product

NOW = datetime(2026, 5, 3, tzinfo=UTC)
ORDER: dict[str, Any] = {
    "id": 727,
    "status": "processing",
    "currency": "EUR",
    "date_created": "2026-05-01T12:00:00",
    "date_created_gmt": "2026-05-01T10:00:00",
    "date_modified_gmt": "2026-05-01T10:05:00",
    "customer_id": 7,
    "billing": {"first_name": "Ann", "email": "ann@example.org", "phone": ""},
    "line_items": [
        {"id": 1, "product_id": 44, "variation_id": 45, "quantity": 2, "subtotal": "20.00", "total": "15.00"},
        {"id": 2, "product_id": 48, "variation_id": 0, "quantity": 1, "subtotal": "4.00", "total": "4.00"},
        {"id": 3, "product_id": 0, "variation_id": 0, "name": "Gone", "quantity": 1, "total": "1.00"},
    ],
}
BEANIE: dict[str, Any] = {
    "id": 48,
    "name": "Beanie",
    "type": "simple",
    "status": "publish",
    "catalog_visibility": "visible",
    "permalink": "https://tea.example/product/beanie/",
    "date_modified_gmt": "2026-05-01T10:00:00",
    "sku": "woo-beanie",
    "price": "18",
    "regular_price": "20",
    "sale_price": "18",
    "on_sale": True,
    "stock_status": "instock",
    "parent_id": 0,
    "categories": [{"id": 1, "name": "Hats"}, {"id": 2, "name": "Winter"}],
    "tags": [{"id": 9, "name": "wool"}],
    "images": [{"id": 3, "src": "https://tea.example/c.jpg"}],
    "attributes": [{"name": "Colour", "options": ["Red", "Blue"]}],
}


def read(body: dict[str, Any], identity_id: str | None = "ann") -> Any:
    return parse_events(order_rows(OrderBody.model_validate(body), identity_id), NOW, 1)


def test_an_order_is_a_purchase_by_the_numbers_of_its_products() -> None:
    parsed = read(ORDER)
    (bought,) = parsed.values

    assert (bought.identity_id, bought.order_id, bought.currency) == ("ann", "727", "EUR")
    assert bought.at == datetime(2026, 5, 1, 10, tzinfo=UTC)
    assert bought.updated_at == datetime(2026, 5, 1, 10, 5, tzinfo=UTC)
    assert bought.lines == (
        Line("45", 2.0, Decimal("7.5000"), Decimal("10.0000")),
        Line("48", 1.0, Decimal("4.0000")),
    )
    assert [error.field for error in parsed.errors] == ["lines.2.product_id"]


@pytest.mark.parametrize("status", ["cancelled", "refunded", "failed", "trash"])
def test_of_an_order_that_is_undone_nothing_stands(status: str) -> None:
    (undone,) = read({**ORDER, "status": status}).values

    assert (undone.type, undone.lines, undone.order_id) == ("purchase", (), "727")


@pytest.mark.parametrize("status", ["pending", "checkout-draft", "auto-draft"])
def test_what_nobody_paid_for_yet_is_none(status: str) -> None:
    assert read({**ORDER, "status": status}).values == []


def test_in_doubt_an_order_is_its_own() -> None:
    assert read(ORDER, None).values[0].identity_id == "session:woocommerce-order:727"


def test_a_guest_has_no_number() -> None:
    customer = OrderBody.model_validate({**ORDER, "customer_id": 0}).customer

    assert [(one.type, one.value) for one in customer.identifiers] == [("email", "ann@example.org")]


def test_a_product_is_what_its_export_says_of_it() -> None:
    own = shop_product(ProductBody.model_validate(BEANIE))
    (beanie,) = own.products

    assert (own.id, beanie.id, beanie.title, beanie.availability) == ("48", "48", "Beanie", "in_stock")
    assert (beanie.price, beanie.sale_price, beanie.sku) == (Decimal(20), Decimal(18), "woo-beanie")
    assert (beanie.product_type, beanie.link) == ("Hats", "https://tea.example/product/beanie/")
    assert {tag.id for tag in beanie.tags} == {"category:winter", "tag:wool", "colour:red", "colour:blue"}


@pytest.mark.parametrize(
    ("change", "availability", "group"),
    [
        ({"stock_status": "outofstock"}, "out_of_stock", None),
        ({"stock_status": "onbackorder"}, "backorder", None),
        ({"status": "draft"}, "withdrawn", None),
        ({"catalog_visibility": "hidden"}, "withdrawn", None),
        ({"type": "variable"}, "in_stock", "48"),
        ({"type": "variation", "parent_id": 44, "attributes": [{"name": "Size", "option": "M"}]}, "in_stock", "44"),
    ],
)
def test_what_a_product_says_of_its_stock_and_its_parent(
    change: dict[str, Any], availability: str, group: str | None
) -> None:
    (product,) = shop_product(ProductBody.model_validate({**BEANIE, **change})).products

    assert (product.availability, product.item_group_id) == (availability, group)
