"""Products and stock as Shopify's webhooks carry them."""

from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError

from app.intake.shopify_products import GoneBody, LevelBody, ProductBody, shop_product

SHIRT: dict[str, Any] = {
    "id": 632910392,
    "title": "Shirt",
    "handle": "shirt",
    "body_html": "<p>Soft</p>",
    "vendor": "Loom",
    "product_type": "Shirts",
    "status": "active",
    "published_at": "2026-01-01T00:00:00Z",
    "updated_at": "2026-05-01T10:00:00-04:00",
    "tags": "cotton, summer",
    "options": [{"name": "Size", "position": 1, "values": ["S", "M"]}],
    "images": [{"id": 1, "src": "https://cdn.example/1.jpg"}, {"id": 2, "src": "https://cdn.example/2.jpg"}],
    "image": {"id": 1, "src": "https://cdn.example/1.jpg"},
    "variants": [
        {
            "id": 11,
            "title": "S",
            "option1": "S",
            "sku": "SHIRT-S",
            "barcode": "4006381333931",
            "price": "20.00",
            "compare_at_price": "25.00",
            "inventory_item_id": 91,
            "inventory_management": "shopify",
            "inventory_policy": "deny",
            "inventory_quantity": 3,
        },
        {"id": 12, "option1": "M", "sku": "SHIRT-M", "price": 20, "image_id": 2, "inventory_item_id": 92},
    ],
}
MUG: dict[str, Any] = {
    **SHIRT,
    "id": 5,
    "title": "Mug",
    "handle": "mug",
    "options": [{"name": "Title"}],
    "variants": [{"id": 51, "title": "Default Title", "option1": "Default Title", "sku": "", "price": "9.00"}],
}


def read(body: dict[str, Any]) -> Any:
    return shop_product(ProductBody.model_validate(body), "tea.myshopify.com")


def test_each_variant_is_a_product_of_one_group_as_in_the_export() -> None:
    own = read(SHIRT)
    small, medium = own.products

    assert (own.id, [item.id for item in own.items]) == ("632910392", ["11", "12"])
    assert (small.id, small.title, small.item_group_id) == ("SHIRT-S", "Shirt - S", "shirt")
    assert (small.price, small.sale_price, small.gtin) == (Decimal("25.00"), Decimal("20.00"), "4006381333931")
    assert small.link == "https://tea.myshopify.com/products/shirt?variant=11"
    assert (small.brand, small.product_type, small.description) == ("Loom", "Shirts", "Soft")
    assert {tag.id for tag in small.tags} == {"tag:cotton", "tag:summer", "size:s"}
    assert (medium.price, medium.sale_price) == (Decimal(20), None)
    assert (small.image_link, medium.image_link) == ("https://cdn.example/1.jpg", "https://cdn.example/2.jpg")


def test_an_item_says_how_it_is_counted() -> None:
    small, medium = read(SHIRT).items

    assert (small.inventory_item, small.is_counted, small.may_be_ordered_ahead, small.total) == ("91", True, False, 3)
    assert (medium.inventory_item, medium.is_counted) == ("92", False)


def test_without_a_sku_the_handle_is_the_id() -> None:
    (mug,) = read(MUG).products

    assert (mug.id, mug.title, mug.item_group_id) == ("mug", "Mug", None)


@pytest.mark.parametrize("change", [{"status": "draft"}, {"status": "archived"}, {"published_at": None}])
def test_what_is_not_published_is_withdrawn(change: dict[str, Any]) -> None:
    assert [one.availability for one in read({**MUG, **change}).products] == ["withdrawn"]


def test_a_variant_that_cannot_be_used_is_left_out_alone() -> None:
    own = read({**SHIRT, "variants": [{**SHIRT["variants"][0], "price": "free"}, SHIRT["variants"][1]]})

    assert [one.id for one in own.products] == ["SHIRT-M"]
    assert [item.id for item in own.items] == ["12"]


def test_a_body_of_another_topic_is_no_deletion() -> None:
    assert GoneBody.model_validate({"id": 5}).id == "5"
    for body in (MUG, {"id": 5, "order_id": 1}):
        with pytest.raises(ValidationError):
            GoneBody.model_validate(body)


def test_what_is_not_counted_at_a_location_has_no_level() -> None:
    level = {"inventory_item_id": 91, "location_id": 1, "available": None, "updated_at": "2026-05-01T10:00:00Z"}

    assert LevelBody.model_validate(level).to_domain() is None
