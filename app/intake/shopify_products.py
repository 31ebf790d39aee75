"""Shopify's products and stock, as its webhooks carry them.

Source: Shopify, "Webhooks" and the ``Product``, ``ProductVariant`` and ``InventoryLevel`` resources of its REST Admin
API. A variant is a product of the catalogue as it is in Shopify's product export: its id is its SKU, else the handle
(variants without a SKU are one product), and variants of one product are a group by its handle.
"""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from app.domain.stock import Level, ShopItem, ShopProduct
from app.intake.feeds.variants import compared_prices, variant_tags, variant_title, variant_values
from app.intake.feeds.words import plain_text, split_words, word_tag
from app.intake.fields import AsText, Moment
from app.intake.products import parse_products

Number = Annotated[str, Field(min_length=1, max_length=100), AsText]


class _Foreign(BaseModel):
    model_config = ConfigDict(extra="ignore")


class Picture(_Foreign):
    """A picture of a product."""

    id: Number | None = None
    src: str | None = None


class Variant(_Foreign):
    """What can be bought of a product."""

    id: Number
    title: str | None = None
    sku: str | None = None
    barcode: str | None = None
    price: str | float | None = None
    compare_at_price: str | float | None = None
    option1: str | None = None
    option2: str | None = None
    option3: str | None = None
    image_id: Number | None = None
    inventory_item_id: Number | None = None
    inventory_management: str | None = None
    inventory_policy: str | None = None
    inventory_quantity: int | None = None


class Option(_Foreign):
    """What variants differ in."""

    name: str


class ProductBody(_Foreign):
    """What ``products/create`` and ``products/update`` carry."""

    id: Number
    title: str
    handle: Annotated[str, Field(min_length=1)]
    body_html: str | None = None
    updated_at: Moment
    variants: list[Variant]
    vendor: str | None = None
    product_type: str | None = None
    tags: str | list[str] | None = None
    status: str | None = None
    published_at: str | None = None
    options: list[Option] | None = None
    images: list[Picture] | None = None
    image: Picture | None = None


class GoneBody(BaseModel):
    """What ``products/delete`` carries, and nothing else: no body of another topic passes for it."""

    model_config = ConfigDict(extra="forbid")

    id: Number


class LevelBody(_Foreign):
    """What ``inventory_levels/update`` carries."""

    inventory_item_id: Number
    location_id: Number
    available: int | None
    updated_at: Moment

    def to_domain(self) -> Level | None:
        """What the location has; ``None`` where the item is not counted there."""
        if self.available is None:
            return None
        return Level(self.inventory_item_id, self.location_id, self.available, self.updated_at)


def shop_product(body: ProductBody, shop: str) -> ShopProduct:
    """Turn a product of a shop's domain into those of the catalogue; a variant that cannot be used is left out."""
    rows = [_row(body, variant, shop) for variant in body.variants]
    products = tuple(parse_products(rows).values)
    known = {product.id for product in products}
    items = (_item(body, variant) for variant in body.variants)
    return ShopProduct(body.id, body.updated_at, tuple(item for item in items if item.product_id in known), products)


def _item(body: ProductBody, variant: Variant) -> ShopItem:
    return ShopItem(
        variant.id,
        _id_of(body, variant),
        variant.inventory_item_id,
        is_counted=variant.inventory_management is not None,
        may_be_ordered_ahead=variant.inventory_policy == "continue",
        total=variant.inventory_quantity,
    )


def _id_of(body: ProductBody, variant: Variant) -> str:
    return (variant.sku or "").strip() or body.handle


def _row(body: ProductBody, variant: Variant, shop: str) -> Mapping[str, Any]:
    many = len(body.variants) > 1
    values = _values(body, variant) if many and variant.sku else {}
    row: dict[str, Any] = {
        "id": _id_of(body, variant),
        "title": variant_title(body.title, values),
        "description": plain_text(body.body_html or ""),
        "link": f"https://{shop}/products/{body.handle}" + (f"?variant={variant.id}" if values else ""),
        "image_link": _picture(body, variant),
        "brand": body.vendor,
        "product_type": body.product_type,
        "item_group_id": body.handle if many else None,
        "availability": "in_stock" if body.published_at and body.status in (None, "active") else "withdrawn",
        "gtin": variant.barcode,
        "sku": variant.sku,
        "tags": [*_words(body.tags), *variant_tags(values)],
        **compared_prices(variant.price, variant.compare_at_price),
    }
    return {name: value for name, value in row.items() if value not in (None, "", [])}


def _values(body: ProductBody, variant: Variant) -> dict[str, str]:
    names = [option.name for option in body.options or []]
    return variant_values(dict(zip(names, (variant.option1, variant.option2, variant.option3), strict=False)))


def _picture(body: ProductBody, variant: Variant) -> str | None:
    pictures = {one.id: one.src for one in body.images or []}
    first = body.image.src if body.image else next(iter(pictures.values()), None)
    return pictures.get(variant.image_id) or first


def _words(tags: str | list[str] | None) -> list[dict[str, str]]:
    words = split_words(tags) if isinstance(tags, str) else tags or []
    return [word_tag(word) for word in words]
