"""Remembers requests that came with an idempotency key (cypher/requests/)."""

from app.graph.database import Database

HOURS = 24.0
"""How long."""


class IdempotencyGraph:
    """Implements ``IdempotencyStore``."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def remember(self, tenant: str, id_: str, fingerprint: str) -> tuple[str, bool]:
        """Remember a request unless one came with its key before (requests/remember_key.cypher)."""
        rows = await self._db.write(
            "requests/remember_key", tenant=tenant, id=id_, fingerprint=fingerprint, hours=HOURS
        )
        return rows[0]["fingerprint"], rows[0]["is_new"]
