"""What was shown and what came of it, counted from the log (cypher/outcomes/); no count is kept."""

from datetime import datetime

from app.domain.channels import VISITED
from app.graph.database import Database
from app.recommend.sampler import Count, Outcomes

MOST_DECISIONS = 100_000
"""That are counted, the newest."""


class OutcomeGraph:
    """Counts outcomes; implements ``OutcomeStore``."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def tally(self, tenant: str, now: datetime, since: datetime) -> Outcomes:
        """Outcomes by community and creative (outcomes/tally_outcomes), of decisions after ``since``."""
        rows = await self._db.read(
            "outcomes/tally_outcomes",
            tenant=tenant,
            now=now,
            since=since,
            visited=sorted(VISITED),
            limit=MOST_DECISIONS,
        )
        return Outcomes({(row["community"], row["creative"]): Count(row["shown"], row["taken"]) for row in rows})
