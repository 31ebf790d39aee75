"""Claims in the graph: CLAIMED edges to interactions of others (cypher/claims/), and the likes that follow."""

from datetime import datetime
from itertools import groupby
from typing import Literal

from app.domain.audit import Act
from app.domain.claims import Claim, SessionShare, claim_to_extend
from app.domain.evidence import EvidenceRules
from app.graph.audit import AuditTrail
from app.graph.database import Database, Row, Transaction
from app.graph.given_evidence import claim_id_of, end_given, recount, write_attribution
from app.recommend.session import Who


class ClaimGraph:
    """Keeps claims, each change with its likes and its audit entry in one commit; implements ``ClaimStore``."""

    def __init__(self, db: Database, audit: AuditTrail, rules: EvidenceRules) -> None:
        self._db = db
        self._audit = audit
        self._rules = rules

    async def claim(
        self, tenant: str, identity_id: str, session_id: str, claim_id: str, at: datetime, actor: str
    ) -> Claim:
        """Make a claim, or extend the one that is there (claims/claim_session)."""

        async def work(transaction: Transaction) -> Claim:
            await transaction.run("attribution/lock_session", tenant=tenant, session_id=session_id)
            locked = await transaction.run("claims/lock_claimer", tenant=tenant, identity_id=identity_id)
            given = await end_given(transaction, tenant, session_id, self._rules)
            shares = await transaction.run("claims/read_session", tenant=tenant, session_id=session_id)
            known = claim_to_extend(identity_id, locked[0]["kind"] if locked else None, [_share(row) for row in shares])
            id_ = known or claim_id
            rows = await transaction.run(
                "claims/claim_session",
                tenant=tenant,
                identity_id=identity_id,
                session_id=session_id,
                id=id_,
                at=at,
            )
            await recount(transaction, tenant, identity_id, rows, self._rules)
            await write_attribution(transaction, tenant, session_id, Who(identity_id, "asserted", 1.0), None)
            taken = [_act(actor, "unclaim", *one) for one in given]
            claimed = _act(actor, "claim", identity_id, session_id, len(rows))
            await self._audit.append(transaction, tenant, *taken, claimed)
            return Claim(id_, identity_id, session_id, at, len(rows))

        return await self._db.transact(work, tenant=tenant)

    async def end(self, tenant: str, claim_id: str, actor: str) -> bool:
        """Undo a claim (claims/end_claim); whether there was one."""

        async def work(transaction: Transaction) -> bool:
            claims = await transaction.run("claims/lock_claim", tenant=tenant, id=claim_id)
            for claim in claims:
                identity_id = claim["identity_id"]
                rows = await transaction.run("claims/end_claim", tenant=tenant, identity_id=identity_id, id=claim_id)
                await recount(transaction, tenant, identity_id, rows, self._rules)
                rejected = identity_id if claim_id == claim_id_of(claim["session_id"]) else None
                await transaction.run(
                    "attribution/reopen_session",
                    tenant=tenant,
                    session_id=claim["session_id"],
                    rejected_id=rejected,
                )
                act = _act(actor, "unclaim", identity_id, claim["session_id"], len(rows))
                await self._audit.append(transaction, tenant, act)
            return bool(claims)

        return await self._db.transact(work, tenant=tenant)


async def end_claims_on_erased(
    transaction: Transaction, tenant: str, erasure_id: str, limit: int, rules: EvidenceRules
) -> int:
    """End the claims of others on what an erasure removes, with the likes that followed; how many edges went."""
    rows = await transaction.run("claims/end_claims_on_erased", tenant=tenant, id=erasure_id, limit=limit)
    for identity_id, mine in groupby(rows, key=lambda row: row["identity_id"]):
        await recount(transaction, tenant, identity_id, list(mine), rules)
    return len(rows)


def _share(row: Row) -> SessionShare:
    return SessionShare(row["owner"], row["kind"], row["claimer"], row["claim"])


def _act(actor: str, action: Literal["claim", "unclaim"], identity_id: str, session_id: str, interactions: int) -> Act:
    subjects = (("identity", identity_id), ("session", session_id))
    return Act(actor, action, subjects, {"interactions": interactions})
