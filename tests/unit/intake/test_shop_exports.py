"""Product exports of Shopify and WooCommerce, as their admins write them."""

from pathlib import Path

import pytest

from app.intake.feeds.notes import FeedOptions
from tests.unit.intake.feeds import SHOPIFY, read, taken


def test_shopifys_export_has_a_product_for_each_variant_by_sku_else_by_handle(tmp_path: Path) -> None:
    rows, notes = read(tmp_path / "products_export.csv", SHOPIFY)

    assert notes.form.startswith("Shopify's product export")
    assert [line for line, _ in rows] == [2, 3, 5, 6]
    small, medium, mug, old = taken(tmp_path / "products_export.csv", SHOPIFY, FeedOptions(currency="EUR"))
    assert (small["id"], small["title"], small["item_group_id"]) == ("TEE-S", "Tee - S", "tee")
    assert (small["price"], small["sale_price"], small["currency"]) == ("25", "20", "EUR")
    assert (small["availability"], medium["availability"]) == ("out_of_stock", "backorder")
    assert (small["description"], small["brand"], small["product_type"]) == ("Soft & warm", "Ocean", "Shirts")
    assert (small["image_link"], medium["image_link"]) == ("https://shop.example/a.jpg", "https://shop.example/m.jpg")
    assert [tag.id for tag in small["tags"]] == ["tag:summer", "colour:red", "size:s"]
    assert mug == {"id": "mug", "title": "Mug", "price": "8", "currency": "EUR", "brand": "Ocean"}
    assert old["availability"] == "withdrawn"
    assert list(notes.left_out) == ["Colour (product.metafields.custom.colour)"]


def test_variants_of_shopify_without_skus_are_one_product_with_a_warning(tmp_path: Path) -> None:
    head, first, second, *_ = SHOPIFY.splitlines(keepends=True)
    content = head + first.replace("TEE-S", "") + second.replace("TEE-M", "")

    [tee] = taken(tmp_path / "f", content, FeedOptions(currency="EUR"))

    assert (tee["id"], tee["title"]) == ("tee", "Tee")
    assert any("variant without a SKU" in told for told in read(tmp_path / "f", content)[1].sentences("f"))


def test_shopifys_newer_header_is_read_as_well(tmp_path: Path) -> None:
    content = (
        "Title,URL handle,Description,Vendor,Product category,Status,SKU,Price,Compare-at price,Inventory quantity,"
        "Inventory tracker,Continue selling when out of stock,Product image URL\n"
        "Tee,tee,Soft,Ocean,Apparel & Accessories > Clothing,Draft,TEE,20,,5,shopify,DENY,https://shop.example/a.jpg\n"
    )

    [tee] = taken(tmp_path / "f", content, FeedOptions(currency="EUR"))

    assert (tee["id"], tee["price"], tee["availability"]) == ("TEE", "20", "withdrawn")
    assert tee["google_product_category"] == "Apparel & Accessories > Clothing"


@pytest.mark.parametrize(
    ("paid", "compared", "locale", "expected"),
    [
        ("20", "25", None, ("25", "20")),
        ("20", "0.00", None, ("20", None)),
        ("20", "20.00", None, ("20", None)),
        ("20", "15", None, ("20", None)),
        ("20", "sold", None, ("20", None)),
        ("1.020,50", "1.100,00", "de", ("1100.00", "1020.50")),
        ("20,50", "0,00", "de", ("20.50", None)),
    ],
)
def test_what_shopify_compares_with_is_the_price_only_where_less_is_paid(
    tmp_path: Path, paid: str, compared: str, locale: str | None, expected: tuple[str, str | None]
) -> None:
    content = f'Handle,Title,Variant Price,Variant Compare At Price\ntee,Tee,"{paid}","{compared}"\n'

    [tee] = taken(tmp_path / "f", content, FeedOptions(currency="EUR", locale=locale))

    assert (tee["price"], tee.get("sale_price")) == expected


WOO = (
    'ID,Type,SKU,Name,Published,"Visibility in catalog","Short description","In stock?",Stock,"Backorders allowed?",'
    '"Sale price","Regular price",Categories,Tags,Images,Parent,"Attribute 1 name","Attribute 1 value(s)",'
    '"Attribute 1 visible","Meta: _custom"\n'
    '44,variable,vneck,"V-Neck",1,visible,"<p>Soft</p>",1,,0,,,"Clothing > Tshirts, Sale","summer",'
    '"https://shop.example/a.jpg, https://shop.example/b.jpg",,Colour,"Blue, Red",1,x\n'
    "45,variation,vneck-red,V-Neck - Red,1,visible,,1,3,0,18,20,,,,vneck,Colour,Red,,\n"
    "46,variation,vneck-blue,V-Neck - Blue,1,visible,,0,0,0,,20,,,,id:44,Colour,Blue,,\n"
    "48,simple,beanie,Beanie,1,hidden,,1,,0,,20,Clothing > Accessories,,,,,,,\n"
    "49,simple,cap,Cap,-1,visible,,1,,0,,20,Clothing > Accessories,,,,,,,\n"
)


def test_woocommerces_export_joins_variations_by_parent(tmp_path: Path) -> None:
    rows, notes = read(tmp_path / "wc-export.csv", WOO)

    assert notes.form.startswith("WooCommerce's product export")
    assert [line for line, _ in rows] == [2, 3, 4, 5, 6]
    parent, red, blue, beanie, cap = taken(tmp_path / "wc-export.csv", WOO, FeedOptions(currency="EUR"))
    assert [one["item_group_id"] for one in (parent, red, blue)] == ["44", "44", "44"]
    assert (red["id"], red["title"], red["price"], red["sale_price"]) == ("45", "V-Neck - Red", "20", "18")
    assert (parent["product_type"], parent["image_link"]) == ("Clothing > Tshirts", "https://shop.example/a.jpg")
    assert [tag.id for tag in parent["tags"]] == ["category:sale", "tag:summer", "colour:blue", "colour:red"]
    assert blue["availability"] == "out_of_stock"
    assert beanie["availability"] == cap["availability"] == "withdrawn"
    assert list(notes.left_out) == ["Meta: _custom"]
