"""Use case: what is like a product; says nothing of any identity, so it asks for no consent."""

from typing import Protocol

from app.domain.errors import NotFoundError
from app.domain.recommendation import Item, RunStamp


class SimilarStore(Protocol):
    """Where similarities are kept."""

    async def read_similar(
        self, tenant: str, product_id: str, limit: int
    ) -> tuple[tuple[Item, ...], RunStamp | None] | None:
        """The products most like one, best first, and the run; ``None`` when there is no such product."""
        ...


async def similar_products(
    store: SimilarStore, tenant: str, product_id: str, limit: int
) -> tuple[tuple[Item, ...], RunStamp | None]:
    """At most ``limit`` offered products most like one, best first, and the run that says so (``None``: none yet).

    Scores are shrunk cosines, comparable between products. Raises ``NotFoundError``.
    """
    found = await store.read_similar(tenant, product_id, limit)
    if found is None:
        raise NotFoundError("There is no such product.")
    return found
