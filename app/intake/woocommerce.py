"""WooCommerce's orders and products, as its webhooks carry them: the bodies of its REST API, version 3.

Source: WooCommerce, "REST API: Webhooks, Orders, Products", and its source for the ping. A product's id is
WooCommerce's own, as in its product export; a variation is a product of its own, in the group of its parent. Addresses,
names and notes are dropped unread; of the one who pays, e-mail and phone say who it is.
"""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from app.domain.stock import ShopItem, ShopProduct
from app.domain.webhooks import WOOCOMMERCE, Customer
from app.intake.feeds.words import plain_text, word_tag
from app.intake.fields import AsText, Moment
from app.intake.products import parse_products

Number = Annotated[str, Field(min_length=1, max_length=100), AsText]

_BOUGHT = frozenset({"processing", "on-hold", "completed"})
"""States of an order that was made."""
_UNDONE = frozenset({"cancelled", "refunded", "failed", "trash"})
"""States of an order of which nothing stands, though it may once more: a payment that failed is tried again."""
_AVAILABILITY = {"instock": "in_stock", "outofstock": "out_of_stock", "onbackorder": "backorder"}
_PARENTS = frozenset({"variable", "grouped"})


def _as_utc(value: object) -> object:
    """Times whose names end in ``_gmt`` say no zone."""
    return f"{value}Z" if isinstance(value, str) and value and not value.endswith("Z") else value or None


Gmt = Annotated[Moment, BeforeValidator(_as_utc)]


class _Foreign(BaseModel):
    model_config = ConfigDict(extra="ignore")


class Billing(_Foreign):
    """Who pays, as far as it says who it is."""

    email: Annotated[str, Field(max_length=1000)] | None = None
    phone: Annotated[str, Field(max_length=255)] | None = None


class OrderLine(_Foreign):
    """One line of an order."""

    product_id: int | None = None
    variation_id: int | None = None
    quantity: float | None = None
    subtotal: str | float | None = None
    total: str | float | None = None


class OrderBody(_Foreign):
    """What ``order.created`` and ``order.updated`` carry."""

    id: Number
    status: str
    currency: str | None = None
    date_created_gmt: Gmt
    date_modified_gmt: Gmt
    customer_id: int | None = None
    billing: Billing | None = None
    line_items: list[OrderLine]

    @property
    def customer(self) -> Customer:
        """Whose it is; a guest has no number."""
        who = self.billing or Billing()
        number = str(self.customer_id) if self.customer_id else None
        return Customer(WOOCOMMERCE, number, who.email or None, who.phone or None)


class Named(_Foreign):
    """A category, tag or brand."""

    name: str


class Picture(_Foreign):
    """A picture of a product."""

    src: str | None = None


class Attribute(_Foreign):
    """What a product is made of, or what a variation is of its parent's."""

    name: str
    options: list[str] | None = None
    option: str | None = None


class ProductBody(_Foreign):
    """What ``product.created``, ``product.updated`` and ``product.restored`` carry."""

    id: Number
    name: str
    type: str
    status: str
    date_modified_gmt: Gmt
    catalog_visibility: str | None = None
    permalink: str | None = None
    short_description: str | None = None
    description: str | None = None
    sku: str | None = None
    global_unique_id: str | None = None
    price: str | float | None = None
    regular_price: str | float | None = None
    sale_price: str | float | None = None
    on_sale: bool = False
    stock_status: str | None = None
    parent_id: int | None = None
    categories: list[Named] | None = None
    tags: list[Named] | None = None
    brands: list[Named] | None = None
    images: list[Picture] | None = None
    image: Picture | None = None
    attributes: list[Attribute] | None = None


class GoneBody(BaseModel):
    """What ``product.deleted`` carries, and nothing else: no body of another topic passes for it."""

    model_config = ConfigDict(extra="forbid")

    id: Number


def order_rows(order: OrderBody, identity_id: str | None) -> list[dict[str, Any]]:
    """Turn an order as it stands into a row of our own shape; none for a cart that nobody paid for yet.

    Of an order that was cancelled, given back or not paid nothing stands. What of it went back in part it does not say.
    """
    if order.status not in _BOUGHT | _UNDONE:
        return []
    whose = {"identity_id": identity_id} if identity_id else {"session_id": f"woocommerce-order:{order.id}"}
    return [
        {
            "event_id": f"woocommerce-order-{order.id}-{order.date_modified_gmt:%Y%m%dT%H%M%S}-{order.status}",
            "type": "purchase",
            "at": order.date_created_gmt,
            "updated_at": order.date_modified_gmt,
            "order_id": order.id,
            "currency": order.currency,
            "lines": [_line(one) for one in order.line_items] if order.status in _BOUGHT else [],
            **whose,
        }
    ]


def _line(line: OrderLine) -> dict[str, Any]:
    product_id = line.variation_id or line.product_id or None  # of a product that is gone it is 0
    row: dict[str, Any] = {"product_id": None if product_id is None else str(product_id), "quantity": line.quantity}
    paid, full = _unit(line.total, line.quantity), _unit(line.subtotal, line.quantity)
    return {**row, "price_paid": paid, **({"list_price": full} if full != paid else {})}


def _unit(amount: str | float | None, quantity: float | None) -> str | None:
    try:
        return None if amount is None or not quantity else str(round(Decimal(str(amount)) / Decimal(str(quantity)), 4))
    except InvalidOperation:
        return None


def shop_product(body: ProductBody) -> ShopProduct:
    """Turn a product into that of the catalogue; without any where it cannot be used."""
    products = tuple(parse_products([_row(body)]).values)
    items = tuple(ShopItem(body.id, product.id) for product in products)
    return ShopProduct(body.id, body.date_modified_gmt, items, products)


def _row(body: ProductBody) -> Mapping[str, Any]:
    categories, pictures = body.categories or [], [*([body.image] if body.image else []), *(body.images or [])]
    row: dict[str, Any] = {
        "id": body.id,
        "title": body.name,
        "description": plain_text(body.short_description or body.description or ""),
        "link": body.permalink,
        "image_link": next((one.src for one in pictures if one.src), None),
        "price": body.regular_price or body.price,
        "sale_price": body.sale_price if body.on_sale else None,
        "brand": next((one.name for one in body.brands or []), None),
        "product_type": next((one.name for one in categories), None),
        "item_group_id": _group(body),
        "gtin": body.global_unique_id,
        "sku": body.sku,
        "availability": _availability(body),
        "tags": [
            *({"facet": "category", "name": one.name} for one in categories[1:]),
            *(word_tag(one.name) for one in body.tags or []),
            *(tag for one in body.attributes or [] for tag in _facets(one)),
        ][:50],
    }
    return {name: value for name, value in row.items() if value not in (None, "", [])}


def _facets(attribute: Attribute) -> list[dict[str, str]]:
    values = [attribute.option, *(attribute.options or [])]
    return [{"facet": attribute.name.lower()[:50], "name": one} for one in values if one and len(one) <= 100]


def _group(body: ProductBody) -> str | None:
    if body.type in _PARENTS:
        return body.id
    return str(body.parent_id) if body.type == "variation" and body.parent_id else None


def _availability(body: ProductBody) -> str:
    if body.status != "publish" or body.catalog_visibility == "hidden":
        return "withdrawn"
    return _AVAILABILITY.get(body.stock_status or "", "in_stock")
