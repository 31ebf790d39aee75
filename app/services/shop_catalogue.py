"""Use case: a shop's own system says what it sells, and how many there are. Every word may come twice, or late."""

from datetime import datetime
from typing import Protocol

from app.domain.stock import Level, ShopProduct


class StockStore(Protocol):
    """Where the catalogue is kept, and what is known of its stock."""

    async def put_product(self, tenant: str, product: ShopProduct) -> bool:
        """Put what a product is now into the catalogue; False where something newer is known."""
        ...

    async def remove_product(self, tenant: str, id_: str, at: datetime) -> bool:
        """Withdraw what a product was; False where something newer is known."""
        ...

    async def put_level(self, tenant: str, level: Level) -> bool:
        """Note what a location has; False where something newer is known."""
        ...
