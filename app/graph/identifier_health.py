"""How identifiers are, in one bounded read (cypher/identifiers/read_health.cypher)."""

from datetime import datetime

from app.domain.identifier_health import NEVER_JOINED, Connector, IdentifierFacts, TypeCount, naming_types
from app.domain.identity_rules import IdentityRules
from app.graph.database import Database, Row

_REACH = 100_000
_BOUND = 10_000


class IdentifierHealthGraph:
    """Reads the facts; implements ``HealthStore``."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def read(self, tenant: str, rules: IdentityRules, now: datetime) -> IdentifierFacts:
        """What the first 100,000 identifiers and persons of a tenant say; degrees are counted up to 10,000."""
        rows = await self._db.read(
            "identifiers/read_health",
            tenant=tenant,
            now=now,
            caps={type_: rules.cap_of(type_) for type_ in rules.classes},
            other_cap=rules.caps["ephemeral"],
            naming=naming_types(rules),
            apart=list(NEVER_JOINED),
            min_confidence=rules.min_confidence,
            reach=_REACH,
            bound=_BOUND,
        )
        return _facts(rows[0])


def _facts(row: Row) -> IdentifierFacts:
    return IdentifierFacts(
        identities=row["identities"],
        identifiers=row["identifiers"],
        types=tuple(TypeCount(**one) for one in row["types"]),
        connectors=tuple(
            Connector(one["type"], one["prefix"], one["degree"], one["blocked"] or one["degree"] > one["cap"])
            for one in row["connectors"]
        ),
        joins=row["joins"],
    )
