"""Members of communities by id (communities/rank_members.cypher); what is told is noted with it, or neither is."""

from app.domain.audit import Act
from app.domain.communities import MemberOrder, Members
from app.graph.audit import AuditTrail
from app.graph.database import Database, Transaction


class MemberGraph:
    """Implements ``MemberStore``."""

    def __init__(self, db: Database, audit: AuditTrail) -> None:
        self._db = db
        self._audit = audit

    async def list_members(
        self, tenant: str, community_id: str, by: MemberOrder, k: int, limit: int, actor: str
    ) -> Members | None:
        """Read the members who may be listed and note whom; ``None`` when there is no such community."""
        now = await self._db.now()

        async def work(transaction: Transaction) -> Members | None:
            rows = await transaction.run(
                "communities/rank_members", tenant=tenant, id=community_id, by=by, k=k, limit=limit, now=now
            )
            if not rows:
                return None
            found = Members(community_id, rows[0]["run"], by, rows[0]["too_few"], tuple(rows[0]["identity_ids"]))
            subjects = tuple(("identity", id_) for id_ in found.identity_ids)
            detail = {"community": community_id, "by": by, "listed": len(subjects)}
            await self._audit.append(transaction, tenant, Act(actor, "list_members", subjects, detail))
            return found

        return await self._db.transact(work, tenant=tenant)
