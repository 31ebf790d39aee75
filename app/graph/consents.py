"""The consent log of identities in the graph (cypher/consents/)."""

from collections.abc import Sequence

from app.domain.models import Consent, Purpose
from app.graph.database import Database, Row, Transaction
from app.graph.times import from_ms, from_optional_ms


class ConsentGraph:
    """Append-only consent records; implements ``ConsentStore``."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def append(self, tenant: str, identity_id: str, consents: Sequence[Consent]) -> list[Consent]:
        """Append records in one commit (consents/record_consent.cypher); the ones that are kept."""

        async def work(transaction: Transaction) -> list[Consent]:
            return [await _append_one(transaction, tenant, identity_id, consent) for consent in consents]

        return await self._db.transact(work)

    async def read(self, tenant: str, identity_id: str, purpose: Purpose) -> list[Consent]:
        """Records of one purpose, newest first, at most 1,000 (consents/read_consents.cypher)."""
        rows = await self._db.read("consents/read_consents", tenant=tenant, identity_id=identity_id, purpose=purpose)
        return [consent_of(row) for row in rows]


async def _append_one(transaction: Transaction, tenant: str, identity_id: str, consent: Consent) -> Consent:
    rows = await transaction.run(
        "consents/record_consent",
        tenant=tenant,
        identity_id=identity_id,
        id=consent.id,
        purpose=consent.purpose,
        status=consent.status,
        at=consent.at,
        expires_at=consent.expires_at,
        source=consent.source,
    )
    return consent_of(rows[0])


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
