"""The consent log of identities in the graph (cypher/consents/)."""

from collections.abc import Sequence
from dataclasses import asdict

from app.domain.models import Consent, Purpose
from app.graph.database import Database, Row
from app.graph.times import from_ms, from_optional_ms


class ConsentGraph:
    """Append-only consent records; implements ``ConsentStore``."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def append(self, tenant: str, records: Sequence[tuple[str, Consent]]) -> list[Consent]:
        """Append (identity id, record) pairs in one commit (consents/record_consents.cypher); the ones kept."""
        rows = [{"identity_id": identity_id, **asdict(consent)} for identity_id, consent in records]
        return [consent_of(row) for row in await self._db.write("consents/record_consents", tenant=tenant, rows=rows)]

    async def read(self, tenant: str, identity_id: str, purpose: Purpose) -> list[Consent]:
        """Records of one purpose, newest first, at most 1,000 (consents/read_consents.cypher)."""
        rows = await self._db.read("consents/read_consents", tenant=tenant, identity_id=identity_id, purpose=purpose)
        return [consent_of(row) for row in rows]


def consent_of(row: Row) -> Consent:
    """Read one record as every consent statement returns it."""
    return Consent(
        id=row["id"],
        purpose=row["purpose"],
        status=row["status"],
        at=from_ms(row["at_ms"]),
        expires_at=from_optional_ms(row["expires_at_ms"]),
        source=row["source"],
    )
