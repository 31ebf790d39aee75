"""What is like a product (cypher/recommend/similar_products.cypher)."""

from app.domain.models import OFFERED
from app.domain.recommendation import Item, RunStamp
from app.graph.database import Database


class SimilarGraph:
    """Reads the active run's similarities; implements ``SimilarStore``."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def read_similar(
        self, tenant: str, product_id: str, limit: int
    ) -> tuple[tuple[Item, ...], RunStamp | None] | None:
        """The products most like one, best first, and the run; ``None`` when there is no such product."""
        rows = await self._db.read(
            "recommend/similar_products", tenant=tenant, product_id=product_id, offered=list(OFFERED), limit=limit
        )
        if not rows:
            return None
        row = rows[0]
        items = tuple(
            Item(product_id=near["product_id"], rank=rank, score=near["score"], source="similar", title=near["title"])
            for rank, near in enumerate(row["items"], start=1)
        )
        return items, RunStamp(row["run"], row["model_version"]) if row["run"] else None
