"""Use case: an identity's consents, one append-only log a purpose."""

from collections.abc import Sequence
from typing import Protocol

from app.domain.errors import InvalidError
from app.domain.models import Consent, Purpose


class ConsentStore(Protocol):
    """Where consent records are kept."""

    async def append(self, tenant: str, records: Sequence[tuple[str, Consent]]) -> list[Consent]:
        """Append (identity id, record) pairs; the ones that are kept (an id that was there keeps what it said)."""
        ...

    async def read(self, tenant: str, identity_id: str, purpose: Purpose) -> list[Consent]:
        """Records of one purpose, newest first."""
        ...


async def record_consents(store: ConsentStore, tenant: str, records: Sequence[tuple[str, Consent]]) -> list[Consent]:
    """Append (identity id, record) pairs in one commit; a replay under the same id returns the record that is kept.

    Raises ``InvalidError``, with nothing written, when one would expire before it begins.
    """
    if any(consent.expires_at is not None and consent.expires_at <= consent.at for _, consent in records):
        raise InvalidError("expires_at lies before the consent begins.")
    return await store.append(tenant, records) if records else []


async def read_consents(store: ConsentStore, tenant: str, identity_id: str, purpose: Purpose) -> list[Consent]:
    """Records of one purpose, newest first; ``[]`` for an identity that never said anything."""
    return await store.read(tenant, identity_id, purpose)
