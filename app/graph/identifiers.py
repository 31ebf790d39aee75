"""Identifiers in the graph: whom live links tie to a value (cypher/identifiers/)."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from app.domain.resolution import Candidate
from app.graph.database import Database

_REACH = 1_000
"""Links of one value that are looked at; more than any cap lets pass."""


class IdentifierGraph:
    """Digests and the identities known by them; implements ``IdentifierStore``."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def find(
        self, tenant: str, digests: Sequence[str], unique_types: Sequence[str], now: datetime
    ) -> Mapping[str, tuple[Candidate, ...]]:
        """Candidates by digest in one read (identifiers/find_candidates.cypher); digests not known are left out."""
        rows = await self._db.read(
            "identifiers/find_candidates",
            tenant=tenant,
            digests=list(digests),
            unique_types=list(unique_types),
            now=now,
            reach=_REACH,
        )
        return {
            row["digest"]: tuple(
                Candidate(one["id"], one["kind"], one["confidence"], frozenset(one["unique_types"]))
                for one in row["candidates"]
            )
            for row in rows
        }

    async def sharing(self, tenant: str, identity_ids: Sequence[str], now: datetime) -> frozenset[str]:
        """Those of some identities that use a login which others use, too (attribution/find_sharing.cypher)."""
        rows = await self._db.read("attribution/find_sharing", tenant=tenant, identity_ids=list(identity_ids), now=now)
        return frozenset(row["id"] for row in rows)
