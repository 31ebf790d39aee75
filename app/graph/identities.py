"""Identities and their asserted links in the graph (cypher/ingest/)."""

from collections.abc import Sequence
from datetime import UTC, datetime

from app.domain.models import Identity
from app.graph.database import Database


class IdentityGraph:
    """Identities with person, account, household and identifiers as edges; implements ``IdentityStore``."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def upsert(self, tenant: str, identities: Sequence[Identity]) -> None:
        """Add identities and their links in one commit (ingest/upsert_identities.cypher)."""
        rows = [
            {
                "id": identity.id,
                "kind": identity.kind,
                "source": identity.source,
                "person_id": identity.person_id,
                "account_id": identity.account_id,
                "household_id": identity.household_id,
                "identifiers": [{"id": known.digest, "type": known.type} for known in identity.identifiers],
            }
            for identity in sorted(identities, key=lambda identity: identity.id)
        ]
        await self._db.write("ingest/upsert_identities", tenant=tenant, now=datetime.now(UTC), rows=rows)
