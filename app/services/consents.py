"""Use case: an identity's consents, one append-only log a purpose."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from app.domain.consent import Heard, PurposeConsent, Signal, consents_at, said_by
from app.domain.errors import InvalidError, NotFoundError
from app.domain.models import Consent, Purpose


class ConsentStore(Protocol):
    """Where consent records are kept."""

    async def append(
        self, tenant: str, records: Sequence[tuple[str, Consent]], actor: str, *, in_bulk: bool = False
    ) -> list[Consent]:
        """Append (identity id, record) pairs; the ones that are kept (an id that was there keeps what it said)."""
        ...

    async def hear(self, tenant: str, signals: Sequence[Signal], actor: str, *, known_only: bool = False) -> Heard:
        """Append what signals add to the logs; with ``known_only`` unknown identities are passed over."""
        ...

    async def read(self, tenant: str, identity_id: str, purpose: Purpose) -> list[Consent]:
        """Records of one purpose, newest first."""
        ...

    async def read_all(self, tenant: str, identity_id: str) -> list[Consent]:
        """Records of all purposes, newest first."""
        ...

    async def find(self, tenant: str, identity_id: str, consent_id: str) -> Consent | None:
        """One record; ``None`` when the identity gave no such record."""
        ...


async def record_consents(
    store: ConsentStore,
    tenant: str,
    records: Sequence[tuple[str, Consent]],
    actor: str = "cli",
    *,
    in_bulk: bool = True,
) -> list[Consent]:
    """Append (identity id, record) pairs in one commit; a replay under the same id returns the record that is kept.

    Raises ``InvalidError``, with nothing written, when one would expire before it begins.
    """
    if any(one.status == "granted" and one.expires_at and one.expires_at <= one.at for _, one in records):
        raise InvalidError("expires_at lies before the consent begins.")
    return await store.append(tenant, records, actor, in_bulk=in_bulk) if records else []


async def hear_signals(store: ConsentStore, tenant: str, signals: Sequence[Signal], actor: str) -> Heard:
    """Append what signals change or say for the first time; saying again what is known adds nothing.

    An unknown identity becomes an anonymous one; one that was erased is passed over.
    """
    spoken = [signal for signal in signals if signal.allowed]
    return await store.hear(tenant, spoken, actor) if spoken else Heard()


async def read_consents(store: ConsentStore, tenant: str, identity_id: str, purpose: Purpose) -> list[Consent]:
    """Records of one purpose, newest first; ``[]`` for an identity that never said anything."""
    return await store.read(tenant, identity_id, purpose)


async def read_consents_at(
    store: ConsentStore, tenant: str, identity_id: str, now: datetime, past: datetime | None = None
) -> list[PurposeConsent]:
    """What each purpose comes to now, or came to at a moment of the past; in the order of ``PURPOSES``."""
    records = await store.read_all(tenant, identity_id)
    return consents_at(records, now) if past is None else consents_at(said_by(records, past), past)


async def find_consent(store: ConsentStore, tenant: str, identity_id: str, consent_id: str) -> Consent:
    """Return one record; ``NotFoundError`` when the identity gave no such record, whoever else did."""
    found = await store.find(tenant, identity_id, consent_id)
    if found is None:
        raise NotFoundError("There is no such consent of this identity.")
    return found
