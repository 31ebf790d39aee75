"""The catalogue of the seed: what the crowd and the cast bought, as a shop would offer it."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from functools import cache

import numpy as np

from app.domain.models import Product, Tag
from seed.brands import brand_of
from seed.journey import Journey, ProductRow, Receipts
from seed.sizes import readable_size
from seed.titles import Titles

CURRENCY = "USD"
STORE_BRAND = "Store brand"

_CRATE = re.compile(r"^(1[1-9]|[2-9]\d|\d{3,})(\.\d+)?(-\d+)? *(LB|CT)")
"""More than 10 pounds or pieces."""

NOT_GOODS = frozenset(
    {
        "",  # lines that the shop itself did not classify
        "COUPON/MISC ITEMS", "COUPONS/STORE & MFG", "COUPON",  # vouchers, corrections, petrol rung up as such
        "FUEL", "PROPANE",  # pumped or exchanged at the station: nothing that a storefront offers
        "BOTTLE DEPOSITS", "TICKETS", "PREPAID WIRELESS&ACCESSORIES", "LONG DISTANCE CALLING CARDS",  # not goods
        "IN-STORE PHOTOFINISHING", "OVERNIGHT PHOTOFINISHING", "PHARMACY",  # services
        "MEAT SUPPLIES", "DELI SUPPLIES", "PROD SUPPLIES", "NON EDIBLE PRODUCTS", "CONTINUITIES",  # the shop's own use
        "CIGARETTES", "TOBACCO OTHER", "CIGARS",  # may not be advertised
    }
)  # fmt: skip
"""Categories that are left out, baskets and catalogue alike."""

NOT_GOODS_TYPES = frozenset(
    {
        "FTD SERVICE CHARGES", "OUTGOING/INCOMING FTD", "MISC SALES TRANS",  # charges
        "CRV DEPOSIT NT/F", "CRV DEPOSIT T/NF",  # deposits
        "PRODUCE DISCONTINUED ITEMS", "PROMOTIONAL", "PROMO/ENDCAP", "PROMO", "SNSL/PROMO",  # rung up without a name
    }
)  # fmt: skip
"""Types of other categories that are left out."""


@dataclass(frozen=True, slots=True)
class Names:
    """What a product is called, readable."""

    department: str
    category: str
    type: str


def goods(journey: Journey) -> frozenset[int]:
    """Ids of the products that a storefront could offer."""
    return frozenset(
        row.id
        for row in journey.products.values()
        if row.category not in NOT_GOODS and row.type not in NOT_GOODS_TYPES and (row.type or row.category)
    )


def build_catalogue(journey: Journey, product_ids: Iterable[int]) -> list[Product]:
    """Products in the order of their ids; ids that the data does not describe are left out.

    ``price`` is the median shelf price over all receipts of the year, so it does not depend on who was chosen.
    """
    titles = Titles.load(row.type for row in journey.products.values())
    prices = median_prices(journey.receipts)
    rows = [journey.products[product_id] for product_id in sorted(set(product_ids)) if product_id in journey.products]
    names = {
        (row.department, row.category, row.type): Names(
            department=titles.category_name(row.department),
            category=titles.category_name(row.category),
            type=titles.type_name(row.category, row.type or row.category),
        )
        for row in rows
    }
    return [_product(row, names[row.department, row.category, row.type], prices.get(row.id)) for row in rows]


def median_prices(receipts: Receipts) -> dict[int, int]:
    """The (lower) median of the shelf prices by product, in cents."""
    order = np.lexsort((receipts.listed, receipts.product))
    products, first, counts = np.unique(receipts.product[order], return_index=True, return_counts=True)
    middle = receipts.listed[order][first + (counts - 1) // 2]
    return dict(zip(products.tolist(), middle.tolist(), strict=True))


def shelf_size(row: ProductRow) -> str:
    """The package size that a shopper sees: fresh produce is described by the crate that it came in, so not that."""
    return "" if row.department == "PRODUCE" and _CRATE.search(row.package_size) else row.package_size


@cache
def money(cents: int) -> Decimal:
    """Cents as an amount with two places."""
    return Decimal(cents).scaleb(-2)


def _product(row: ProductRow, names: Names, price: int | None) -> Product:
    size = readable_size(shelf_size(row))
    own = row.label == "Private"
    return Product(
        id=str(row.id),
        title=f"{names.type}, {size}" if size else names.type,
        price=None if price is None else money(price),
        currency=CURRENCY,
        brand=STORE_BRAND if own else brand_of(row.manufacturer),
        product_type=names.category,
        item_group_id=f"{row.manufacturer}/{names.type}",
        custom_labels=(row.package_size or None,),
        tags=(
            Tag(names.department, "department"),
            Tag(names.category, "category"),
            Tag(names.type, "type"),
            Tag("store brand" if own else "national brand", "label"),
        ),
    )
