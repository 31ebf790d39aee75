"""The catalogue of the seed: what the crowd and the cast bought, as a shop would offer it."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from functools import cache

import numpy as np

from app.domain.models import Product, Tag
from seed.journey import Journey, ProductRow, Receipts
from seed.titles import Titles

CURRENCY = "USD"

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


def goods(journey: Journey) -> frozenset[int]:
    """Ids of the products that a storefront could offer."""
    return frozenset(
        row.id for row in journey.products.values() if row.category not in NOT_GOODS and (row.type or row.category)
    )


def build_catalogue(journey: Journey, product_ids: Iterable[int]) -> list[Product]:
    """Products in the order of their ids; ids that the data does not describe are left out.

    ``price`` is the median shelf price over all receipts of the year, so it does not depend on who was chosen.
    """
    titles = Titles.load(row.type for row in journey.products.values())
    prices = median_prices(journey.receipts)
    rows = (journey.products[product_id] for product_id in sorted(set(product_ids)) if product_id in journey.products)
    return [_product(row, titles, prices) for row in rows]


def median_prices(receipts: Receipts) -> dict[int, int]:
    """The (lower) median of the shelf prices by product, in cents."""
    order = np.lexsort((receipts.listed, receipts.product))
    products, first, counts = np.unique(receipts.product[order], return_index=True, return_counts=True)
    middle = receipts.listed[order][first + (counts - 1) // 2]
    return dict(zip(products.tolist(), middle.tolist(), strict=True))


@cache
def money(cents: int) -> Decimal:
    """Cents as an amount with two places."""
    return Decimal(cents).scaleb(-2)


def _product(row: ProductRow, titles: Titles, prices: Mapping[int, int]) -> Product:
    category = titles.category_name(row.category)
    kind = titles.type_name(row.category, row.type or row.category)
    label = "store brand" if row.label == "Private" else "national brand"
    brand = "Store brand" if row.label == "Private" else f"Maker {row.manufacturer}"
    price = prices.get(row.id)
    return Product(
        id=str(row.id),
        title=titles.title(row.category, row.type or row.category, row.package_size),
        price=None if price is None else money(price),
        currency=CURRENCY,
        brand=brand,
        product_type=category,
        item_group_id=f"{row.manufacturer}/{kind}/{row.package_size}" if row.package_size else None,
        custom_labels=(row.package_size or None,),
        tags=(
            Tag(titles.category_name(row.department), "department"),
            Tag(category, "category"),
            Tag(kind, "type"),
            Tag(label, "label"),
        ),
    )
