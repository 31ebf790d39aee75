"""The consent log of identities in the graph (cypher/consents/)."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime

from app.domain.audit import Act
from app.domain.consent import Heard, Signal, as_heard, as_stored, news_of
from app.domain.models import Consent, Purpose
from app.graph.audit import AuditTrail
from app.graph.database import Database, Row, Transaction
from app.graph.times import from_ms, from_optional_ms
from app.graph.tombstones import Tombstones


def _tell_nobody(tenant: str, identity_id: str) -> None:
    """Stand in where nobody wants to know."""


class ConsentGraph:
    """Append-only consent records; implements ``ConsentStore``.

    ``audit`` is left out only for a store that is thrown away. ``on_grant`` is told the tenant and identity of every
    grant that was appended.
    """

    def __init__(
        self,
        db: Database,
        tombstones: Tombstones,
        audit: AuditTrail | None = None,
        on_grant: Callable[[str, str], None] = _tell_nobody,
    ) -> None:
        self._db = db
        self._tombstones = tombstones
        self._audit = audit
        self._on_grant = on_grant

    async def append(
        self, tenant: str, records: Sequence[tuple[str, Consent]], actor: str = "plural", *, in_bulk: bool = False
    ) -> list[Consent]:
        """Append (identity id, record) pairs in one commit (consents/record_consents.cypher); the ones kept.

        Every record that is new is an act in the audit log; ``in_bulk`` they are one act together. What is said for
        somebody who was erased is not kept.
        """

        async def work(transaction: Transaction) -> tuple[list[Consent], list[tuple[str, Consent]]]:
            ids = {id_ for id_, _ in records}
            await transaction.run("consents/lock_logs", tenant=tenant, identity_ids=sorted(ids), purposes=[])
            erased = await self._tombstones.among(transaction, tenant, ids)
            now = await _read_clock(transaction)
            alive = [(id_, as_stored(record, now)) for id_, record in records if id_ not in erased]
            rows = await _record(transaction, tenant, alive) if alive else []
            kept = [consent_of(row) for row in rows]
            new = [
                (identity_id, consent)
                for (identity_id, _), consent, row in zip(alive, kept, rows, strict=True)
                if row["is_new"]
            ]
            await self._tell_audit(transaction, tenant, actor, new, in_bulk=in_bulk)
            return kept, new

        kept, new = await self._db.transact(work, tenant=tenant)
        self._tell_grants(tenant, new)
        return kept

    async def hear(self, tenant: str, signals: Sequence[Signal], actor: str, *, known_only: bool = False) -> Heard:
        """Append what signals add to the logs, in one commit.

        An unknown identity becomes an anonymous one, or with ``known_only`` is passed over; so is one that was erased.
        """

        async def work(transaction: Transaction) -> Heard:
            logs = await _lock_logs(transaction, tenant, signals)
            now = await _read_clock(transaction)
            named = {one.identity_id for one in signals}
            # Asked of the known as well: an erasure may have begun and not have come to them yet.
            unknown = await self._tombstones.among(transaction, tenant, named)
            if known_only:
                unknown |= named - logs.keys()
            heard = [said for one in signals if one.identity_id not in unknown for said in as_heard(one, now)]
            news = news_of(logs, heard)
            new = [(identity_id, as_stored(record, now)) for identity_id, record in news.records]
            confirmed = [{"id": id_, "confirmed_at": at} for id_, at in sorted(news.confirmed.items())]
            if new:
                await _record(transaction, tenant, new)
            if confirmed:
                await transaction.run("consents/confirm_consents", tenant=tenant, rows=confirmed)
            await self._tell_audit(transaction, tenant, actor, new)
            return Heard(tuple(new), frozenset(unknown))

        heard = await self._db.transact(work, tenant=tenant)
        self._tell_grants(tenant, heard.records)
        return heard

    async def read(self, tenant: str, identity_id: str, purpose: Purpose) -> list[Consent]:
        """Records of one purpose, newest first, at most 1,000 (consents/read_consents.cypher)."""
        rows = await self._db.read("consents/read_consents", tenant=tenant, identity_id=identity_id, purpose=purpose)
        return [consent_of(row) for row in rows]

    async def read_all(self, tenant: str, identity_id: str) -> list[Consent]:
        """Records of all purposes, newest first, at most 10,000 (describe/read_all_consents.cypher)."""
        rows = await self._db.read("describe/read_all_consents", tenant=tenant, identity_id=identity_id)
        return [consent_of(row) for row in rows]

    async def find(self, tenant: str, identity_id: str, consent_id: str) -> Consent | None:
        """One record (consents/find_consent.cypher); ``None`` when the identity gave no such record."""
        rows = await self._db.read(
            "consents/find_consent", tenant=tenant, identity_id=identity_id, consent_id=consent_id
        )
        return consent_of(rows[0]) if rows else None

    async def _tell_audit(
        self,
        transaction: Transaction,
        tenant: str,
        actor: str,
        new: Sequence[tuple[str, Consent]],
        *,
        in_bulk: bool = False,
    ) -> None:
        if self._audit is not None and new:
            acts = [_act_of_many(actor, new)] if in_bulk else [_act(actor, *one) for one in new]
            await self._audit.append(transaction, tenant, *acts)

    def _tell_grants(self, tenant: str, new: Sequence[tuple[str, Consent]]) -> None:
        for identity_id, consent in new:
            if consent.status == "granted":
                self._on_grant(tenant, identity_id)


async def _read_clock(transaction: Transaction) -> datetime:
    """The database's time: machines' clocks differ by hours on a bad day."""
    [row] = await transaction.run("consents/read_clock")
    return from_ms(row["now_ms"])


async def _record(transaction: Transaction, tenant: str, records: Sequence[tuple[str, Consent]]) -> list[Row]:
    rows = [{"identity_id": identity_id, **asdict(consent)} for identity_id, consent in records]
    linked = sorted({identity_id for identity_id, consent in records if consent.purpose == "link_identities"})
    if linked:
        await transaction.run("attribution/reopen_sessions", tenant=tenant, identity_ids=linked)
    return await transaction.run("consents/record_consents", tenant=tenant, rows=rows)


async def _lock_logs(transaction: Transaction, tenant: str, signals: Sequence[Signal]) -> Mapping[str, list[Consent]]:
    """The records of the purposes that signals speak of, by identity; unknown identities are missing."""
    rows = await transaction.run(
        "consents/lock_logs",
        tenant=tenant,
        identity_ids=sorted({signal.identity_id for signal in signals}),
        purposes=sorted({purpose for signal in signals for purpose in signal.allowed}),
    )
    return {row["identity_id"]: [consent_of(record) for record in row["records"]] for row in rows}


def _act(actor: str, identity_id: str, consent: Consent) -> Act:
    detail = {"purpose": consent.purpose, "status": consent.status}
    return Act(actor, "consent", (("identity", identity_id),), detail)


def _act_of_many(actor: str, new: Sequence[tuple[str, Consent]]) -> Act:
    subjects = tuple(("identity", id_) for id_ in sorted({identity_id for identity_id, _ in new}))
    return Act(actor, "consent", subjects, {"records": len(new)})


def consent_of(row: Row) -> Consent:
    """Read one record as every consent statement returns it."""
    return Consent(
        id=row["id"],
        purpose=row["purpose"],
        status=row["status"],
        at=from_ms(row["at_ms"]),
        expires_at=from_optional_ms(row["expires_at_ms"]),
        source=row["source"],
        policy_version=row["policy_version"],
        proof=row["proof"],
        confirmed_at=from_optional_ms(row["confirmed_at_ms"]),
        counts_from=from_optional_ms(row["counts_from_ms"]),
    )
