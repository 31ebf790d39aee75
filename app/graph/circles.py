"""Who shares a person, account, household or grant (cypher/describe/read_circle); never read when serving."""

from datetime import datetime

from app.domain.grants import Grant
from app.domain.influence import CircleIdentity
from app.domain.models import Consent
from app.graph.consents import consent_of
from app.graph.database import Database, Row
from app.graph.grants import grant_of


class CircleGraph:
    """Reads the neighbourhood of an identity; implements ``CircleStore``."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def read_circle(
        self, tenant: str, name: str, now: datetime, limit: int
    ) -> list[tuple[CircleIdentity, list[Consent]]]:
        """Identities around a name with their consent records, by id (describe/read_circle, read_all_consents)."""
        rows = await self._db.read("describe/read_circle", tenant=tenant, name=name, now=now, limit=limit)
        return [(_identity(row), await self._consents(tenant, row["id"])) for row in rows]

    async def read_grants(self, tenant: str, identity_ids: list[str]) -> list[Grant]:
        """Grants between these identities (grants/read_grants_among)."""
        rows = await self._db.read("grants/read_grants_among", tenant=tenant, identity_ids=identity_ids)
        return [grant_of(row) for row in rows]

    async def _consents(self, tenant: str, identity_id: str) -> list[Consent]:
        rows = await self._db.read("describe/read_all_consents", tenant=tenant, identity_id=identity_id)
        return [consent_of(row) for row in rows]


def _identity(row: Row) -> CircleIdentity:
    return CircleIdentity(
        id=row["id"],
        kind=row["kind"],
        person_ids=tuple(row["person_ids"]),
        account_ids=tuple(row["account_ids"]),
        household_ids=tuple(row["household_ids"]),
        identifier_types=tuple(row["identifier_types"]),
        consents={},
    )
