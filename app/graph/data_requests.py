"""What customers ask of a shop, and the shop that asks to be forgotten (cypher/requests/)."""

from pathlib import Path

from app.domain.audit import Act
from app.domain.data_requests import DataRequest
from app.graph.audit import AuditTrail
from app.graph.database import Database, Transaction
from app.graph.models import remove_files
from app.graph.times import from_ms


class DataRequestGraph:
    """Keeps requests as ``(:DataRequest)-[:ABOUT]->(:Identity)``; implements ``RequestStore``."""

    def __init__(self, db: Database, audit: AuditTrail, models_folder: Path) -> None:
        self._db = db
        self._audit = audit
        self._models_folder = models_folder

    async def keep(self, tenant: str, request: DataRequest, act: Act) -> None:
        """Keep a request with its audit entry in one commit (requests/keep_request.cypher); a replay keeps one."""

        async def work(transaction: Transaction) -> None:
            await transaction.run(
                "requests/keep_request",
                tenant=tenant,
                id=request.id,
                at=request.at,
                source=request.source,
                identity_ids=list(request.identity_ids),
            )
            await self._audit.append(transaction, tenant, act)

        await self._db.transact(work, tenant=tenant)

    async def note(self, tenant: str, act: Act) -> None:
        """Put into the audit log that something was asked for."""
        await self._db.transact(lambda transaction: self._audit.append(transaction, tenant, act), tenant=tenant)

    async def read(self, tenant: str, limit: int) -> list[DataRequest]:
        """The newest requests, newest first (requests/list_requests.cypher)."""
        rows = await self._db.read("requests/list_requests", tenant=tenant, limit=limit)
        return [
            DataRequest(row["id"], from_ms(row["at_ms"]), row["source"], tuple(row["identity_ids"])) for row in rows
        ]

    async def remove_tenant(self, tenant: str) -> int:
        """Remove a whole tenant, its log included (evaluate/remove_tenant.cypher), and its model's file.

        The number of nodes that went.
        """
        remove_files(self._models_folder, tenant, None)
        return (await self._db.run_long("evaluate/remove_tenant", tenant=tenant))[0]["removed"]
