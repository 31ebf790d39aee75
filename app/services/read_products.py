"""Use cases: what the catalogue says of products, read back, and changed one by one."""

from collections.abc import Callable, Sequence
from typing import Protocol

from app.domain.catalogue import ProductFilter
from app.domain.errors import NotFoundError
from app.domain.models import Product
from app.services.pages import Page


class CatalogueReader(Protocol):
    """Where the catalogue is kept."""

    async def list_products(
        self, tenant: str, wanted: ProductFilter, after: str | None, limit: int
    ) -> Sequence[Product]:
        """Return products of the catalogue by id, those behind ``after``."""
        ...

    async def read_product(self, tenant: str, product_id: str) -> Product | None:
        """Return one product; ``None`` when the shop has put none of that id into its catalogue."""
        ...

    async def change_product(
        self, tenant: str, product_id: str, change: Callable[[Product], Product]
    ) -> Product | None:
        """Replace a product by what ``change`` makes of it, in one commit; ``None`` when there is none."""
        ...


async def list_products(
    store: CatalogueReader, tenant: str, wanted: ProductFilter, after: str | None, limit: int
) -> Page[Product]:
    """Return a page of the catalogue, by id."""
    found = await store.list_products(tenant, wanted, after, limit + 1)
    page = tuple(found[:limit])
    return Page(page, page[-1].id if len(found) > limit else None)


async def find_product(store: CatalogueReader, tenant: str, product_id: str) -> Product:
    """Return one product. Raises ``NotFoundError``."""
    return _found(await store.read_product(tenant, product_id))


async def change_product(
    store: CatalogueReader, tenant: str, product_id: str, change: Callable[[Product], Product]
) -> Product:
    """Return a product as ``change`` has made it. Raises ``NotFoundError``, and what ``change`` raises."""
    return _found(await store.change_product(tenant, product_id, change))


def _found(product: Product | None) -> Product:
    if product is None:
        raise NotFoundError("There is no such product.")
    return product
