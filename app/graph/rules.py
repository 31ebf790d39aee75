"""The identity rules of each tenant in the graph (cypher/rules/)."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from app.domain.audit import Act
from app.domain.hashing import Hasher, identify
from app.domain.identity_rules import IdentityRules, document_of, rules_of
from app.graph.audit import AuditTrail
from app.graph.database import Database, Row, Transaction


class RulesGraph:
    """Rules as JSON on the tenant's node; implements ``RulesStore``."""

    def __init__(self, db: Database, hasher: Callable[[str], Hasher], defaults: IdentityRules | None = None) -> None:
        self._db = db
        self._hasher = hasher
        self._audit = AuditTrail(hasher)
        self._defaults = defaults or IdentityRules()

    async def read(self, tenant: str) -> IdentityRules:
        """The rules of a tenant (rules/read_rules.cypher); the defaults where it has none of its own."""
        return await read_rules(self._db, tenant, self._defaults)

    async def write(self, tenant: str, rules: IdentityRules, actor: str) -> None:
        """Replace the rules of a tenant (rules/write_rules.cypher); the audit log says who did it.

        What is blocked from now on, or no more, is noted on the identifiers at once (rules/mark_blocked.cypher).
        """
        text = json.dumps(document_of(rules), ensure_ascii=False, sort_keys=True)

        async def work(transaction: Transaction) -> None:
            before = _rules(await transaction.run("rules/read_rules", tenant=tenant), self._defaults)
            await transaction.run("rules/write_rules", tenant=tenant, rules=text)
            # What is sensitive may be something else now.
            await transaction.run("ingest/touch_catalogue", tenant=tenant)
            marks = _marks(self._hasher(tenant), before, rules)
            if marks:
                await transaction.run("rules/mark_blocked", tenant=tenant, rows=marks)
            await self._audit.append(transaction, tenant, Act(actor, "rules"))

        await self._db.transact(work, tenant=tenant)


async def read_rules(db: Database, tenant: str, defaults: IdentityRules) -> IdentityRules:
    """The rules of a tenant (rules/read_rules.cypher); ``defaults`` where it has none of its own."""
    return _rules(await db.read("rules/read_rules", tenant=tenant), defaults)


def parse_rules(text: str | None, defaults: IdentityRules) -> IdentityRules:
    """Rules as they are kept; ``defaults`` where a tenant has none."""
    if text is None:
        return defaults
    document: Mapping[str, Any] = json.loads(text)
    return rules_of(document)


def _rules(rows: Sequence[Row], defaults: IdentityRules) -> IdentityRules:
    return parse_rules(rows[0]["rules"] if rows else None, defaults)


def _marks(hasher: Hasher, before: IdentityRules, rules: IdentityRules) -> list[Row]:
    """The digests of values that only one of the two lists blocks, as each type of identifier would be hashed."""
    changed = before.blocked_values ^ rules.blocked_values
    known = [identify(hasher, rules, type_, value) for type_ in rules.classes for value in sorted(changed)]
    return [{"digest": digest, "blocked": one.blocked} for one in known for digest in (one.digest, *one.other_digests)]
