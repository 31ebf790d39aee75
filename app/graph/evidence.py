"""Reads the evidence behind an identity's likes (cypher/recommend/read_evidence.cypher)."""

from datetime import datetime

from app.domain.models import Interaction, Purpose
from app.domain.opinions import without_lines
from app.graph.database import Database
from app.graph.interactions import interaction_of


class EvidenceGraph:
    """Implements ``EvidenceReader``."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def read_evidence(
        self, tenant: str, identity_id: str, purpose: Purpose, now: datetime | None
    ) -> list[Interaction]:
        """All that it did and did not exclude, oldest first; ``[]`` without its consent for the purpose."""
        rows = await self._db.read(
            "recommend/read_evidence",
            tenant=tenant,
            identity_id=identity_id,
            purpose=purpose,
            now=now or await self._db.now(),
        )
        if not rows:
            return []
        excluded = await self._db.read("exclusions/find_excluded", tenant=tenant, identity_ids=[identity_id])
        gone = {(line[0], line[1]) for row in excluded for line in row["lines"]}
        return without_lines((interaction_of(identity_id, row) for row in rows), gone)
