"""Identities and their asserted links in the graph (cypher/ingest/, cypher/links/)."""

from collections.abc import Callable, Sequence

from app.domain import clock
from app.domain.audit import Act
from app.domain.hashing import Hasher
from app.domain.links import links_of
from app.domain.models import Identity
from app.graph.audit import AuditTrail
from app.graph.database import Database, Row, Transaction
from app.graph.link_writer import LinkWriter


class IdentityGraph:
    """Identities with person, account, household and identifiers as edges; implements ``IdentityStore``."""

    def __init__(self, db: Database, hasher: Callable[[str], Hasher]) -> None:
        self._db = db
        self._audit = AuditTrail(hasher)
        self._writer = LinkWriter(hasher)

    async def upsert(self, tenant: str, identities: Sequence[Identity], actor: str) -> set[str]:
        """Add identities and their links in one commit; the ids of those that were erased and stay so."""
        seen_at = clock.to_milliseconds(clock.now())

        async def work(transaction: Transaction) -> set[str]:
            past = await self._writer.lock(transaction, tenant)
            told = _last_words(identities)
            erased = await self._writer.find_erased(transaction, tenant, [*told], past)
            ids = sorted(told.keys() - erased)
            rows = [told[id_] for id_ in ids]
            await transaction.run("ingest/upsert_identities", tenant=tenant, rows=rows, at=seen_at)
            links = [link for one in identities if one.id not in erased for link in links_of(one, seen_at)]
            written = await self._writer.write(transaction, tenant, links, past)
            detail = {"identities": len(ids), "links": len(written.stored)}
            act = Act(actor, "identities_put", tuple(("identity", id_) for id_ in ids), detail)
            await self._audit.append(transaction, tenant, act)
            return erased

        return await self._db.transact(work, tenant=tenant)


def _last_words(identities: Sequence[Identity]) -> dict[str, Row]:
    """One row an id: of each property what was said last, where anything was."""
    rows: dict[str, Row] = {}
    for one in identities:
        row = rows.setdefault(one.id, {"id": one.id, "kind": one.kind, "time_zone": None, "reachable": None})
        row["kind"] = one.kind
        if one.time_zone is not None:
            row["time_zone"] = one.time_zone
        if one.reachable is not None:
            row["reachable"] = list(one.reachable)
    return rows
