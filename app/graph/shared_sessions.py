"""Sessions on logins that several may use: what is known of them, and whose they become (cypher/attribution/)."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from app.domain import clock
from app.domain.audit import Act
from app.domain.evidence import EvidenceRules
from app.graph.audit import AuditTrail
from app.graph.database import Database, Row, Transaction
from app.graph.given_evidence import claim_id_of, end_given, recount, write_attribution
from app.graph.times import to_ms
from app.recommend.habits import Deed, Piece, Portrait
from app.recommend.session import KnownMember, SessionFacts, SessionQuestion, decide

AT_ONCE = 100
"""Sessions that are looked for at a time."""
_ACTOR = "plural"


class SharedSessionGraph:
    """Reads who may be at a keyboard, and settles what has ended; implements ``SharedSessionStore``."""

    def __init__(
        self, db: Database, audit: AuditTrail, rules: EvidenceRules, threshold: float, session_minutes: float
    ) -> None:
        self._db = db
        self._audit = audit
        self._rules = rules
        self._threshold = threshold
        self._idle = timedelta(minutes=session_minutes)

    async def read(self, tenant: str, question: SessionQuestion) -> SessionFacts:
        """What is known now (attribution/read_session.cypher)."""
        now = clock.now()
        rows = await self._db.read("attribution/read_session", **_asked(tenant, question), now=now)
        return facts_of(rows[0], question, to_ms(now))

    async def find(self, tenant: str, session_id: str) -> str | None:
        """The login of a session; ``None`` when there is no such session on one."""
        rows = await self._db.read("attribution/read_trail", tenant=tenant, session_id=session_id)
        return rows[0]["account"] or "" if rows else None

    async def tenants(self) -> Sequence[str]:
        """Tenants that have an active run (status/list_active_runs.cypher)."""
        return [row["tenant"] for row in await self._db.read("status/list_active_runs")]

    async def settle(self, tenant: str) -> int:
        """Give the sessions that have ended to whom they belong, each in one commit; their number."""
        settled = 0
        before = clock.now() - self._idle
        while rows := await self._db.run_long("attribution/find_open", tenant=tenant, before=before, limit=AT_ONCE):
            for row in rows:
                await self.settle_one(tenant, row["id"])
            settled += len(rows)
        return settled

    async def reopen_lapsed(self, tenant: str) -> None:
        """Have the sessions of those looked at anew whose consent has run out."""
        await self._db.run_long("attribution/reopen_lapsed", tenant=tenant, now=clock.now())

    async def remove_empty(self, tenant: str) -> None:
        """Remove sessions of which nothing is left."""
        await self._db.run_long("attribution/remove_sessions", tenant=tenant)

    async def settle_one(self, tenant: str, session_id: str) -> None:
        """Decide whose a session is and move its evidence there, whole; nothing where it is settled."""

        async def work(transaction: Transaction) -> None:
            locked = await transaction.run("attribution/lock_session", tenant=tenant, session_id=session_id)
            if not locked or not locked[0]["was_open"]:
                return
            question, now = SessionQuestion(session_id), clock.now()
            rows = await transaction.run("attribution/read_session", **_asked(tenant, question), now=now)
            facts = facts_of(rows[0], question, to_ms(now))
            who = decide(facts, self._threshold, to_ms(now))
            owner = None if facts.claimer else who.identity_id
            await self._move_evidence(transaction, tenant, session_id, owner)
            await write_attribution(transaction, tenant, session_id, who, facts.run)

        await self._db.transact(work, tenant=tenant)

    async def _move_evidence(self, transaction: Transaction, tenant: str, session_id: str, owner: str | None) -> None:
        given = await end_given(transaction, tenant, session_id, self._rules, keep=owner)
        acts = [_act("unclaim", *one) for one in given]
        if owner is not None and await transaction.run("claims/lock_claimer", tenant=tenant, identity_id=owner):
            rows = await transaction.run(
                "attribution/give_evidence",
                tenant=tenant,
                identity_id=owner,
                session_id=session_id,
                id=claim_id_of(session_id),
                at=clock.now(),
            )
            await recount(transaction, tenant, owner, rows, self._rules)
            acts += [_act("claim", owner, session_id, len(rows))] if rows else []
        if acts:
            await self._audit.append(transaction, tenant, *acts)


def facts_of(row: Row, question: SessionQuestion, now_ms: int) -> SessionFacts:
    """Read what attribution/read_session returns."""
    shown = pieces_of(row["context"])
    hinted = question.hinted_id or next(iter(row["hinted_ids"]), None)
    return SessionFacts(
        members=tuple(
            KnownMember(one["id"], one["may_be_named"], Portrait.from_json(text) if (text := one["portrait"]) else None)
            for one in row["members"]
        ),
        hinted_id=hinted,
        refused=row["refused"],
        claimer=row["claimer"],
        run=row["run"],
        events=tuple(
            Deed(one["at_ms"], pieces_of(one["pieces"]), one["channel"], one["device"]) for one in row["events"]
        ),
        page=Deed(now_ms, shown, question.channel) if question.channel is not None or shown else None,
    )


def pieces_of(rows: Sequence[Sequence[Any]]) -> tuple[Piece, ...]:
    """Products as statements return them: [product_id, tags, genres, price]."""
    return tuple(Piece(id_, tuple(tags), tuple(genres), price) for id_, tags, genres, price in rows)


def _asked(tenant: str, question: SessionQuestion) -> Mapping[str, Any]:
    return {
        "tenant": tenant,
        "session_id": question.session_id,
        "account_id": question.account_id,
        "hinted_id": question.hinted_id,
        "context_ids": list(question.context_ids),
    }


def _act(action: Any, identity_id: str, session_id: str, interactions: int) -> Act:
    return Act(_ACTOR, action, (("identity", identity_id), ("session", session_id)), {"interactions": interactions})
