"""The catalogue of a shop in the graph (cypher/ingest/)."""

from collections.abc import Collection, Sequence
from typing import Any

from app.domain import clock
from app.domain.models import Product, Tag
from app.graph.database import Database, Transaction
from app.graph.matching import rehome_purchases
from app.graph.money import as_float


class ProductGraph:
    """Products with their brand and tags; implements ``ProductStore``."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def upsert(self, tenant: str, products: Sequence[Product]) -> None:
        """Replace or add products in one commit (ingest/upsert_products.cypher)."""

        async def work(transaction: Transaction) -> None:
            await write_products(transaction, tenant, products)

        await self._db.transact(work, tenant=tenant)

    async def withdraw(self, tenant: str, product_id: str) -> bool:
        """Take a product out of every answer (ingest/withdraw_product.cypher); False when there is none."""

        async def work(transaction: Transaction) -> bool:
            found = await transaction.run("ingest/withdraw_product", tenant=tenant, id=product_id)
            await transaction.run("ingest/touch_catalogue", tenant=tenant)
            return bool(found)

        return await self._db.transact(work, tenant=tenant)


async def write_products(
    transaction: Transaction, tenant: str, products: Sequence[Product], also: Collection[str] = ()
) -> None:
    """Replace or add products; what was said of what they are known by joins them.

    ``also`` is what events may call them that stands in none of their fields.
    """
    rows = [_row(tenant, product) for product in sorted(products, key=lambda product: product.id)]
    await transaction.run("ingest/upsert_products", tenant=tenant, rows=rows, now=clock.now())
    await transaction.run("ingest/touch_catalogue", tenant=tenant)
    if known_by := sorted({*also, *(text for product in products for text in _also(product))}):
        await rehome_purchases(transaction, tenant, known_by)


def _also(product: Product) -> list[str]:
    """What else events may call a product."""
    return [text for text in (product.gtin, product.mpn, product.sku, product.item_group_id) if text is not None]


def _row(tenant: str, product: Product) -> dict[str, Any]:
    brand = product.brand and {"id": product.brand.lower(), "name": product.brand}
    return {
        "id": product.id,
        "properties": _properties(tenant, product),
        "brand": brand or None,
        "tags": [
            {"id": tag.id, "name": tag.name, "facet": tag.facet, "weight": tag.weight}
            for tag in sorted(_tags_of(product).values(), key=lambda tag: tag.id)
        ],
    }


def _tags_of(product: Product) -> dict[str, Tag]:
    """The product's own tags, and its category as one more."""
    tags = {tag.id: tag for tag in product.tags}
    if product.category is not None:
        category = Tag(product.category, "category")
        tags.setdefault(category.id, category)
    return tags


def _properties(tenant: str, product: Product) -> dict[str, Any]:
    labels = {f"custom_label_{place}": label for place, label in enumerate(product.custom_labels)}
    properties = {
        "tenant": tenant,
        "id": product.id,
        "title": product.title,
        "availability": product.availability,
        "description": product.description,
        "link": product.link,
        "image_link": product.image_link,
        "price": as_float(product.price),
        "sale_price": as_float(product.sale_price),
        "currency": product.currency,
        "brand": product.brand,
        "category": product.category,
        "product_type": product.product_type,
        "google_product_category": product.google_product_category,
        "item_group_id": product.item_group_id,
        "gtin": product.gtin,
        "mpn": product.mpn,
        "sku": product.sku,
        **labels,
    }
    return {name: value for name, value in properties.items() if value is not None}
