"""Scenarios in the graph: one node each (cypher/scenarios/)."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.domain.audit import Act
from app.domain.scenarios import Scenario
from app.graph.audit import AuditTrail
from app.graph.database import Database, Row, Transaction
from app.graph.times import from_ms


class ScenarioGraph:
    """Keeps scenarios with an audit entry a change; implements ``ScenarioStore``."""

    def __init__(self, db: Database, audit: AuditTrail) -> None:
        self._db = db
        self._audit = audit

    async def read(self, tenant: str, name: str | None = None) -> list[Scenario]:
        """The scenarios of a tenant by name, or the one that is called so (scenarios/read_scenarios)."""
        return [_scenario(row) for row in await self._db.read("scenarios/read_scenarios", tenant=tenant, name=name)]

    async def write(self, tenant: str, name: str, fields: Mapping[str, Any], at: datetime, actor: str) -> None:
        """Keep a scenario in place of the one of its name (scenarios/write_scenario)."""
        text = json.dumps(fields, ensure_ascii=False, sort_keys=True)

        async def work(transaction: Transaction) -> None:
            await transaction.run("scenarios/write_scenario", tenant=tenant, name=name, fields=text, by=actor, at=at)
            await self._audit.append(transaction, tenant, Act(actor, "scenario_put", detail={"name": name}))

        await self._db.transact(work, tenant=tenant)

    async def delete(self, tenant: str, name: str, actor: str) -> bool:
        """Forget a scenario (scenarios/delete_scenario); whether there was one."""

        async def work(transaction: Transaction) -> bool:
            rows = await transaction.run("scenarios/delete_scenario", tenant=tenant, name=name)
            if rows:
                await self._audit.append(transaction, tenant, Act(actor, "scenario_deleted", detail={"name": name}))
            return bool(rows)

        return await self._db.transact(work, tenant=tenant)


def _scenario(row: Row) -> Scenario:
    return Scenario(row["name"], json.loads(row["fields"]), from_ms(row["changed_at_ms"]), row["changed_by"])
