"""What a backup and its restore read and write (cypher/backup/, cypher/erase/), over all tenants."""

from collections.abc import AsyncGenerator, Collection, Mapping

from app.domain import clock
from app.domain.audit import Head
from app.graph.audit import AuditGraph
from app.graph.database import Database, Transaction
from app.graph.status import read_counts

_OF_THE_INSTANCE = ("Migration", "HashKey", "Hold")
"""Labels that a start of a newer Plural, with a newer key, or a backup, may add to."""
_PAGE = 10_000
_LABELS = {"identity": "Identity", "person": "Person", "account": "Account", "household": "Household"}


class BackupGraph:
    """Implements ``FactStore`` and ``RestoredStore``."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def count(self) -> tuple[Mapping[str, int], Mapping[str, int]]:
        """Nodes by label and relationships by type, but for what belongs to the instance."""
        counts = await read_counts(self._db)
        nodes = {label: number for label, number in counts.nodes.items() if number and label not in _OF_THE_INSTANCE}
        return nodes, {type_: number for type_, number in counts.relationships.items() if number}

    async def holds_data(self) -> bool:
        """Whether there is more than what any start writes into an empty store (backup/holds_data.cypher)."""
        return (await self._db.run_long("backup/holds_data"))[0]["holds"]

    async def remove_all(self) -> None:
        """Remove everything but holds (backup/remove_all.cypher)."""
        await self._db.run_long("backup/remove_all")

    async def read_heads(self) -> Mapping[str, Head]:
        """End of the audit log by tenant."""
        return {tenant: head for tenant, (head, _) in (await AuditGraph(self._db).list_heads({})).items()}

    async def sample(self, limit: int) -> list[tuple[str, str]]:
        """Some identities, drawn by lot, as (tenant, id) (backup/sample_identities.cypher)."""
        rows = await self._db.run_long("backup/sample_identities", tenant=None, limit=limit)
        return [(row["tenant"], row["id"]) for row in rows]

    async def list_subjects(self, tenant: str, kind: str) -> AsyncGenerator[list[str]]:
        """Yield the ids of one kind (identity, person, account, household), page by page, in order."""
        after = ""
        while rows := await self._db.read(
            "erase/list_subjects", tenant=tenant, label=_LABELS[kind], after=after, limit=_PAGE
        ):
            after = rows[-1]["id"]
            yield [row["id"] for row in rows]

    async def bury(self, tenant: str, digests: Collection[str]) -> None:
        """Put up tombstones that are not there yet (erase/put_tombstones.cypher)."""
        ordered = sorted(digests)
        for start in range(0, len(ordered), _PAGE):

            async def work(transaction: Transaction, some: list[str] = ordered[start : start + _PAGE]) -> None:
                await transaction.run("links/lock_links", tenant=tenant)
                await transaction.run("erase/put_tombstones", tenant=tenant, digests=some, at=clock.now())

            await self._db.transact(work, tenant=tenant)
