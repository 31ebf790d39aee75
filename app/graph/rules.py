"""The identity rules of each tenant in the graph (cypher/rules/)."""

import json
from collections.abc import Mapping
from typing import Any

from app.domain.audit import Act
from app.domain.identity_rules import IdentityRules, document_of, rules_of
from app.graph.audit import AuditTrail
from app.graph.database import Database, Transaction


class RulesGraph:
    """Rules as JSON on the tenant's node; implements ``RulesStore``."""

    def __init__(self, db: Database, audit: AuditTrail, defaults: IdentityRules | None = None) -> None:
        self._db = db
        self._audit = audit
        self._defaults = defaults or IdentityRules()

    async def read(self, tenant: str) -> IdentityRules:
        """The rules of a tenant (rules/read_rules.cypher); the defaults where it has none of its own."""
        return await read_rules(self._db, tenant, self._defaults)

    async def write(self, tenant: str, rules: IdentityRules, actor: str) -> None:
        """Replace the rules of a tenant (rules/write_rules.cypher); the audit log says who did it."""
        text = json.dumps(document_of(rules), ensure_ascii=False, sort_keys=True)

        async def work(transaction: Transaction) -> None:
            await transaction.run("rules/write_rules", tenant=tenant, rules=text)
            await self._audit.append(transaction, tenant, Act(actor, "rules"))

        await self._db.transact(work)


async def read_rules(db: Database, tenant: str, defaults: IdentityRules) -> IdentityRules:
    """The rules of a tenant (rules/read_rules.cypher); ``defaults`` where it has none of its own."""
    rows = await db.read("rules/read_rules", tenant=tenant)
    if not rows or rows[0]["rules"] is None:
        return defaults
    document: Mapping[str, Any] = json.loads(rows[0]["rules"])
    return rules_of(document)
