"""Products as the catalogue's routes take and answer them."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from app.domain.models import Availability, Product
from app.intake.products import ProductChanges

Clearable = Literal[
    "description", "link", "image_link", "price", "sale_price", "sale_price_effective_date", "currency",
    "availability_date", "expiration_date", "brand", "product_type", "google_product_category",
    "item_group_id", "gtin", "mpn", "sku",
    "custom_label_0", "custom_label_1", "custom_label_2", "custom_label_3", "custom_label_4",
]  # fmt: skip


class ProductPatch(ProductChanges):
    """What is to be different; what is not given, or null, stays as it is."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False, frozen=True, use_attribute_docstrings=True)

    clear: Annotated[list[Clearable], Field(default_factory=list, max_length=20)]
    """Fields that shall have no value any more."""


class TagAnswer(BaseModel):
    """A word on a product."""

    name: str
    facet: str
    weight: float


class ProductAnswer(BaseModel):
    """One product as the catalogue has it, named as in a Google Merchant feed; prices are decimal strings."""

    id: str
    title: str
    description: str | None
    link: str | None
    image_link: str | None
    price: str | None
    sale_price: str | None
    sale_from: Annotated[datetime | None, Field(description="From when `sale_price` is what is paid.")]
    sale_until: datetime | None
    currency: str | None
    availability: Availability
    availability_date: datetime | None
    expiration_date: datetime | None
    is_offered: Annotated[bool, Field(description="Whether it may be recommended now.")]
    brand: str | None
    product_type: str | None
    google_product_category: str | None
    item_group_id: str | None
    gtin: str | None
    mpn: str | None
    sku: str | None
    custom_labels: list[str | None]
    tags: list[TagAnswer]


class ProductPage(BaseModel):
    """Some of the catalogue, by id."""

    products: list[ProductAnswer]
    next_after: Annotated[str | None, Field(description="Ask again with `after` set to this; null: that was all.")]


def product_answer(product: Product, now: datetime) -> ProductAnswer:
    """Turn a product into its wire shape, as of a moment."""
    return ProductAnswer(
        id=product.id,
        title=product.title,
        description=product.description,
        link=product.link,
        image_link=product.image_link,
        price=_money(product.price),
        sale_price=_money(product.sale_price),
        sale_from=product.sale_from,
        sale_until=product.sale_until,
        currency=product.currency,
        availability=product.availability_at(now),
        availability_date=product.availability_date,
        expiration_date=product.expiration_date,
        is_offered=product.is_offered_at(now),
        brand=product.brand,
        product_type=product.product_type,
        google_product_category=product.google_product_category,
        item_group_id=product.item_group_id,
        gtin=product.gtin,
        mpn=product.mpn,
        sku=product.sku,
        custom_labels=list(product.custom_labels),
        tags=[TagAnswer(name=tag.name, facet=tag.facet, weight=tag.weight) for tag in product.tags],
    )


def _money(amount: Decimal | None) -> str | None:
    """At least two places, as in answers: ``2.50``."""
    if amount is None:
        return None
    whole, _, places = f"{amount:f}".partition(".")
    return f"{whole}.{places.rstrip('0'):0<2}"
