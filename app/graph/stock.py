"""What a shop's own system sells, and how many there are, beside the catalogue (cypher/stock/)."""

from collections.abc import Collection, Sequence
from dataclasses import asdict
from datetime import datetime

from app.domain.models import Product
from app.domain.stock import Level, ShopItem, ShopProduct, Stock, availability_of
from app.graph.database import Database, Row, Transaction
from app.graph.products import write_products
from app.graph.times import from_ms, to_ms


class StockGraph:
    """Implements ``StockStore``."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def put_product(self, tenant: str, product: ShopProduct) -> bool:
        """Put what a product is now into the catalogue; False, and nothing, where something newer is known."""

        async def work(transaction: Transaction) -> bool:
            if not await _is_news(transaction, tenant, product.id, product.at):
                return False
            numbers = [product.id, *(item.id for item in product.items)]
            await _put(transaction, tenant, product, product.products)
            await write_products(transaction, tenant, product.products, also=numbers)
            await _count_anew(transaction, tenant, {item.product_id for item in product.items})
            return True

        return await self._db.transact(work, tenant=tenant)

    async def remove_product(self, tenant: str, id_: str, at: datetime) -> bool:
        """Withdraw what a product of the shop's system was; what is said of before ``at`` brings nothing back."""

        async def work(transaction: Transaction) -> bool:
            if not await _is_news(transaction, tenant, id_, at):
                return False
            await _put(transaction, tenant, ShopProduct(id_, at), ())
            await transaction.run("ingest/touch_catalogue", tenant=tenant)
            return True

        return await self._db.transact(work, tenant=tenant)

    async def put_level(self, tenant: str, level: Level) -> bool:
        """Note what a location has; False, and nothing, where something newer is known."""

        async def work(transaction: Transaction) -> bool:
            await transaction.run("stock/lock_shop", tenant=tenant)
            rows = await transaction.run(
                "stock/put_level",
                tenant=tenant,
                id=f"{level.inventory_item}@{level.location}",
                inventory_item=level.inventory_item,
                available=level.available,
                at_ms=to_ms(level.at),
            )
            for row in rows:
                await _count_anew(transaction, tenant, row["product_ids"])
            return bool(rows)

        return await self._db.transact(work, tenant=tenant)


async def _is_news(transaction: Transaction, tenant: str, id_: str, at: datetime) -> bool:
    """Lock the shop; whether nothing newer is known of a product. The same moment counts: seconds are coarse."""
    await transaction.run("stock/lock_shop", tenant=tenant)
    known = await transaction.run("stock/read_shop_product", tenant=tenant, id=id_)
    return not known or known[0]["at_ms"] <= to_ms(at)


async def _put(transaction: Transaction, tenant: str, own: ShopProduct, products: Sequence[Product]) -> None:
    """Write the products' places first, so that items have what to hang on."""
    if products:
        await transaction.run("ingest/keep_unknown_products", tenant=tenant, ids=sorted(one.id for one in products))
    await transaction.run(
        "stock/put_shop_product",
        tenant=tenant,
        id=own.id,
        at_ms=to_ms(own.at),
        items=[asdict(item) for item in own.items],
    )


async def _count_anew(transaction: Transaction, tenant: str, product_ids: Collection[str]) -> None:
    """Bring products' availability to what is known of their stock."""
    rows = await transaction.run("stock/read_stock", tenant=tenant, ids=sorted(product_ids))
    stocks = {row["product_id"]: [_stock(row["product_id"], one) for one in row["items"]] for row in rows}
    known = [[product_id, availability_of(of_product)] for product_id, of_product in stocks.items()]
    changes = [pair for pair in known if pair[1] is not None]
    await transaction.run("stock/set_availability", tenant=tenant, rows=changes)
    await transaction.run("ingest/touch_catalogue", tenant=tenant)


def _stock(product_id: str, row: Row) -> Stock:
    item = ShopItem(
        row["id"],
        product_id,
        is_counted=row["is_counted"],
        may_be_ordered_ahead=row["may_be_ordered_ahead"],
        total=row["total"],
    )
    return Stock(item, from_ms(row["total_ms"]), [(number, from_ms(at)) for number, at in row["levels"]])
