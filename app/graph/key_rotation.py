"""Identifiers move to a new key (cypher/identifiers/), each batch with its audit entry."""

from collections.abc import Sequence

from app.domain.audit import Act
from app.domain.key_rotation import Rekeyed
from app.domain.models import Identifier
from app.graph.audit import AuditTrail
from app.graph.database import Database, Row, Transaction


class KeyRotationGraph:
    """Re-keys identifiers; implements ``RotationStore``."""

    def __init__(self, db: Database, audit: AuditTrail) -> None:
        self._db = db
        self._audit = audit

    async def count_older(self, tenant: str, key_version: int) -> int:
        """How many are kept under keys older than this one (identifiers/count_older.cypher)."""
        rows = await self._db.run_long("identifiers/count_older", tenant=tenant, key_version=key_version)
        return rows[0]["identifiers"]

    async def note_key(self, tenant: str, key_version: int, actor: str) -> None:
        """Write into the audit log that there is a new key."""

        async def work(transaction: Transaction) -> None:
            await self._audit.append(transaction, tenant, _act(actor, key_version, 0))

        await self._db.transact(work, tenant=tenant)

    async def re_key(self, tenant: str, known: Sequence[Identifier], actor: str) -> Rekeyed:
        """Bring identifiers that are under one of their other digests to the first one, in one commit.

        A value that two nodes stand for, one under each key, becomes one (identifiers/join_identifiers.cypher).
        """

        async def work(transaction: Transaction) -> Rekeyed:
            await transaction.run("links/lock_links", tenant=tenant)
            digests = [digest for one in known for digest in (one.digest, *one.other_digests)]
            found = {
                row["id"] for row in await transaction.run("identifiers/find_known", tenant=tenant, digests=digests)
            }
            old = [one for one in known if not found.isdisjoint(one.other_digests)]
            if old:
                await transaction.run("links/renew_identifiers", tenant=tenant, rows=[_row(one) for one in old])
                double = [{"digest": one.digest, "older": digest} for one in old for digest in one.other_digests]
                await transaction.run("identifiers/join_identifiers", tenant=tenant, rows=double)
                await self._audit.append(transaction, tenant, _act(actor, old[0].key_version, len(old)))
            unknown = sum(found.isdisjoint((one.digest, *one.other_digests)) for one in known)
            return Rekeyed(len(old), unknown)

        return await self._db.transact(work, tenant=tenant)


def _row(known: Identifier) -> Row:
    return {"digest": known.digest, "key_version": known.key_version, "others": list(known.other_digests)}


def _act(actor: str, key_version: int, identifiers: int) -> Act:
    return Act(actor, "rotate", (), {"key_version": key_version, "identifiers": identifiers})
