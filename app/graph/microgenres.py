"""Microgenres of the active run and the names that people give them (cypher/microgenres/)."""

from datetime import datetime

from app.domain.audit import Act
from app.domain.communities import Genre
from app.domain.errors import NotFoundError
from app.graph.audit import AuditTrail
from app.graph.database import Database, Transaction


class GenreGraph:
    """Reads and names microgenres; implements ``GenreStore``."""

    def __init__(self, db: Database, audit: AuditTrail) -> None:
        self._db = db
        self._audit = audit

    async def read_genres(self, tenant: str, genre_id: str | None = None) -> list[Genre]:
        """Those of the active run, by id (microgenres/read_genres)."""
        rows = await self._db.read("microgenres/read_genres", tenant=tenant, id=genre_id)
        return [Genre(row["id"], row["label"], row["found_label"], row["products"]) for row in rows]

    async def name_genre(self, tenant: str, genre_id: str, name: str, at: datetime, actor: str) -> str | None:
        """Name one (microgenres/name_genre); the id of another that is called so. Raises ``NotFoundError``."""

        async def work(transaction: Transaction) -> str | None:
            rows = await transaction.run(
                "microgenres/name_genre", tenant=tenant, id=genre_id, name=name, by=actor, at=at
            )
            if not rows:
                raise NotFoundError("There is no such microgenre.")
            if rows[0]["taken_by"] is None:
                await self._audit.append(transaction, tenant, Act(actor, "name_genre", detail={"genre": genre_id}))
            return rows[0]["taken_by"]

        return await self._db.transact(work, tenant=tenant)
