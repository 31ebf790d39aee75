"""Use case: what is known of an identity and why; for the shop's own staff and for the one it is about."""

from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from app.domain import clock
from app.domain.consent import effective_consent
from app.domain.description import IdentityDescription, KnownConsent, KnownLike, Susceptibility
from app.domain.errors import NotFoundError
from app.domain.models import PURPOSES, Consent, IdentityKind


class DescriptionStore(Protocol):
    """Where it is read."""

    async def read_kind(self, tenant: str, identity_id: str) -> IdentityKind | None:
        """The kind of an identity; ``None`` when there is none of that id."""
        ...

    async def read_likes(self, tenant: str, identity_id: str, now: datetime, limit: int) -> list[KnownLike]:
        """The likes that are strongest at ``now``, best first."""
        ...

    async def read_all_consents(self, tenant: str, identity_id: str) -> list[Consent]:
        """The records of all purposes, newest first."""
        ...

    async def read_susceptibility(self, tenant: str, identity_id: str) -> Susceptibility:
        """How much deals and trends move it, as the active run estimates."""
        ...


class IdentityDescriber:
    """Puts the parts together."""

    def __init__(self, store: DescriptionStore, now: Callable[[], datetime] = clock.now) -> None:
        self._store = store
        self._now = now

    async def describe(self, tenant: str, identity_id: str, like_limit: int) -> IdentityDescription:
        """Describe one identity with at most ``like_limit`` likes; ``NotFoundError`` for one this tenant has not."""
        kind = await self.require(tenant, identity_id)
        now = self._now()
        moved_by = await self._store.read_susceptibility(tenant, identity_id)
        return IdentityDescription(
            id=identity_id,
            kind=kind,
            likes=await self._store.read_likes(tenant, identity_id, now, like_limit),
            consents=_by_purpose(await self._store.read_all_consents(tenant, identity_id), now),
            price_sensitivity=moved_by.price_sensitivity,
            trend_susceptibility=moved_by.trend_susceptibility,
        )

    async def require(self, tenant: str, identity_id: str) -> IdentityKind:
        """Return the kind of an identity; ``NotFoundError`` for one this tenant has not."""
        kind = await self._store.read_kind(tenant, identity_id)
        if kind is None:
            raise NotFoundError("There is no such identity.")
        return kind


def _by_purpose(records: list[Consent], now: datetime) -> list[KnownConsent]:
    """Say what each purpose's records come to; in the order of ``PURPOSES``."""
    latest = {record.purpose: record for record in reversed(records)}
    return [
        KnownConsent(purpose, effective_consent(records, purpose, now), latest[purpose])
        for purpose in PURPOSES
        if purpose in latest
    ]
