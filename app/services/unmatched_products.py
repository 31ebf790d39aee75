"""Use case: which purchases are of products that no feed has."""

from typing import Protocol

from app.domain.matching import Unmatched


class UnmatchedStore(Protocol):
    """Where purchases are kept."""

    async def list_unmatched(self, tenant: str, limit: int) -> list[Unmatched]:
        """The most bought first; ``[]`` where a feed has them all."""
        ...
