"""The catalogue of a shop in the graph (cypher/ingest/)."""

from collections.abc import AsyncIterator, Callable, Collection, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from app.domain import clock
from app.domain.catalogue import ProductFilter, category_path
from app.domain.models import Product, Tag
from app.domain.taxonomy import Taxonomy
from app.graph.database import Database, Row, Transaction
from app.graph.matching import rehome_purchases
from app.graph.money import as_decimal, as_float

_PAGE = 5_000


class ProductGraph:
    """Products with their brand and tags; implements ``ProductStore``, ``SyncedStore`` and ``CatalogueReader``."""

    def __init__(self, db: Database, taxonomy: Taxonomy | None = None) -> None:
        """``taxonomy`` says which categories Google's numbers stand for."""
        self._db = db
        self._taxonomy = taxonomy or Taxonomy()

    async def upsert(self, tenant: str, products: Sequence[Product]) -> None:
        """Replace or add products in one commit (ingest/upsert_products.cypher)."""
        named = [self._named(product) for product in products]

        async def work(transaction: Transaction) -> None:
            await write_products(transaction, tenant, named)

        await self._db.transact(work, tenant=tenant)

    async def withdraw(self, tenant: str, product_ids: Sequence[str]) -> int:
        """Take products out of every answer (ingest/withdraw_products.cypher); how many of them there are."""

        async def work(transaction: Transaction) -> int:
            [row] = await transaction.run("ingest/withdraw_products", tenant=tenant, ids=sorted(product_ids))
            await transaction.run("ingest/touch_catalogue", tenant=tenant)
            return row["withdrawn"]

        return await self._db.transact(work, tenant=tenant)

    async def list_standing(self, tenant: str) -> AsyncIterator[Sequence[str]]:
        """Yield ids of what is in the catalogue and not withdrawn (ingest/list_standing.cypher), page by page."""
        async for page in self._db.stream("ingest/list_standing", _PAGE, tenant=tenant):
            yield [row["id"] for row in page]

    async def list_products(
        self, tenant: str, wanted: ProductFilter, after: str | None, limit: int
    ) -> Sequence[Product]:
        """Return products by id, those behind ``after`` (ingest/list_products.cypher)."""
        rows = await self._db.read(
            "ingest/list_products",
            tenant=tenant,
            after=after or "",
            availability=wanted.availability,
            brand=wanted.brand and wanted.brand.strip().lower(),
            category=wanted.category and Tag(category_path(wanted.category), "category").id,
            item_group_id=wanted.item_group_id,
            limit=limit,
        )
        return [_product(row) for row in rows]

    async def read_product(self, tenant: str, product_id: str) -> Product | None:
        """Return one product (ingest/read_product.cypher); ``None`` when the catalogue has none of that id."""
        rows = await self._db.read("ingest/read_product", tenant=tenant, id=product_id)
        return _product(rows[0]) if rows else None

    async def change_product(
        self, tenant: str, product_id: str, change: Callable[[Product], Product]
    ) -> Product | None:
        """Replace a product by what ``change`` makes of it, in one commit; ``None`` when there is none.

        (ingest/lock_product.cypher, ingest/read_product.cypher, ingest/upsert_products.cypher)
        """

        async def work(transaction: Transaction) -> Product | None:
            await transaction.run("ingest/lock_product", tenant=tenant, id=product_id)
            rows = await transaction.run("ingest/read_product", tenant=tenant, id=product_id)
            if not rows:
                return None
            changed = self._named(change(_product(rows[0])))
            await write_products(transaction, tenant, [changed])
            return changed

        return await self._db.transact(work, tenant=tenant)

    def _named(self, product: Product) -> Product:
        """Write out a category that is given by its number."""
        path = self._taxonomy.path_of(product.google_product_category)
        return product if path == product.google_product_category else replace(product, google_product_category=path)


def _product(row: Row) -> Product:
    """The product that was put (``_properties``)."""
    given: dict[str, Any] = row["properties"]
    labels = [given.get(f"custom_label_{place}") for place in range(5)]
    while labels and labels[-1] is None:
        labels.pop()
    product = Product(
        id=given["id"],
        title=given["title"],
        availability=given["availability"],
        price=as_decimal(given.get("price")),
        sale_price=as_decimal(given.get("sale_price")),
        item_group_id=given.get("item_group_id"),
        gtin=given.get("gtin"),
        mpn=given.get("mpn"),
        sku=given.get("sku"),
        custom_labels=tuple(labels),
        description=given.get("description"),
        link=given.get("link"),
        image_link=given.get("image_link"),
        currency=given.get("currency"),
        brand=given.get("brand"),
        product_type=given.get("product_type"),
        google_product_category=given.get("google_product_category"),
        availability_date=_moment(given.get("availability_date")),
        expiration_date=_moment(given.get("expiration_date")),
        sale_from=_moment(given.get("sale_from")),
        sale_until=_moment(given.get("sale_until")),
    )
    category = product.category and Tag(product.category, "category").id
    tags = [Tag(name, facet, weight) for name, facet, weight in row["tags"]]
    return replace(product, tags=tuple(tag for tag in tags if tag.id != category))


def _moment(value: Any) -> datetime | None:
    """A time of the driver's own type as Python's, in UTC."""
    return None if value is None else value.to_native().astimezone(UTC)


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
        "availability_date": product.availability_date,
        "expiration_date": product.expiration_date,
        "sale_from": product.sale_from,
        "sale_until": product.sale_until,
        **labels,
    }
    return {name: value for name, value in properties.items() if value is not None}
