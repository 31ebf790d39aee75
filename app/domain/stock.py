"""How much a shop has of what it sells, and what that means for a product. No I/O."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from app.domain.models import Availability, Product

FOR_GOOD = datetime(9999, 1, 1, tzinfo=UTC)
"""As of when something is gone that never comes back under its number."""

_BEST_FIRST: tuple[Availability, ...] = ("in_stock", "backorder", "out_of_stock")


@dataclass(frozen=True, slots=True)
class Level:
    """What one location has of one inventory item."""

    inventory_item: str
    location: str
    available: int
    """Below 0 where more was sold than there was."""
    at: datetime


@dataclass(frozen=True, slots=True)
class ShopItem:
    """What a shop's own system sells as one thing: a variant, or a product without any."""

    id: str
    """The system's own number of it."""
    product_id: str
    """The product of the catalogue that it is."""
    inventory_item: str | None = None
    """By which locations count it; ``None`` where the system does not say."""
    is_counted: bool = True
    """Whether its stock is counted; if not, it is there."""
    may_be_ordered_ahead: bool = False
    """Whether it is sold on when there is none left."""
    total: int | None = None
    """How many there are at all locations, as the product said; ``None`` where it did not."""


@dataclass(frozen=True, slots=True)
class ShopProduct:
    """One product of a shop's own system, as it stood at a moment."""

    id: str
    """The system's own number of it: what its storefront's tags often say."""
    at: datetime
    items: tuple[ShopItem, ...] = ()
    products: tuple[Product, ...] = field(default=(), repr=False)
    """What the catalogue holds of it: several items may be one product."""


@dataclass(frozen=True, slots=True)
class Stock:
    """All that is known of how many there are of an item."""

    item: ShopItem
    total_at: datetime
    levels: Sequence[tuple[int, datetime]] = ()
    """Available and since when, a location each."""

    @property
    def available(self) -> int | None:
        """The newer word counts: the product's total, or the sum over locations; ``None`` where nobody said."""
        if self.levels and (self.item.total is None or max(at for _, at in self.levels) > self.total_at):
            return sum(number for number, _ in self.levels)
        return self.item.total


def availability_of(stocks: Sequence[Stock]) -> Availability | None:
    """Say whether a product can be had: as well as the best of its items; ``None`` where nobody counts them."""
    known = {_availability(stock) for stock in stocks}
    return next((one for one in _BEST_FIRST if one in known), None)


def _availability(stock: Stock) -> Availability | None:
    if not stock.item.is_counted:
        return "in_stock"
    if stock.available is None:
        return None
    if stock.available > 0:
        return "in_stock"
    return "backorder" if stock.item.may_be_ordered_ahead else "out_of_stock"
