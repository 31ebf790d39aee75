"""Use case: the shop's catalogue as its feed says."""

from collections.abc import Sequence
from typing import Protocol

from app.domain.errors import NotFoundError
from app.domain.models import Product


class ProductStore(Protocol):
    """Where the catalogue is kept."""

    async def upsert(self, tenant: str, products: Sequence[Product]) -> None:
        """Replace or add products in one commit."""
        ...

    async def withdraw(self, tenant: str, product_ids: Sequence[str]) -> int:
        """Take products out of every answer; how many of them there are."""
        ...


async def upsert_products(store: ProductStore, tenant: str, products: Sequence[Product]) -> int:
    """Put products into the catalogue, the last of equal ids wins; the number of products written."""
    latest = {product.id: product for product in products}
    if latest:
        await store.upsert(tenant, list(latest.values()))
    return len(latest)


async def withdraw_product(store: ProductStore, tenant: str, product_id: str) -> None:
    """Take a product out of every answer, its history stays. Raises ``NotFoundError``."""
    if not await store.withdraw(tenant, [product_id]):
        raise NotFoundError("There is no such product.")
