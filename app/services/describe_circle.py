"""Use case: who shares a person, account or household, and which of them could ever move whose answers."""

from dataclasses import replace
from datetime import datetime
from typing import Protocol

from app.domain.consent import effective_consent
from app.domain.errors import NotFoundError
from app.domain.grants import Grant
from app.domain.influence import Circle, CircleIdentity, find_influences
from app.domain.models import PURPOSES, Consent, Purpose

MOST = 50
"""Identities of one circle that are told of; a picture of more could not be read."""


class CircleStore(Protocol):
    """Where it is read."""

    async def read_circle(
        self, tenant: str, name: str, now: datetime, limit: int
    ) -> list[tuple[CircleIdentity, list[Consent]]]:
        """Identities around one, a person, account or household of this id, with their consent records; by id.

        ``consents`` of the identities are empty still.
        """
        ...

    async def read_grants(self, tenant: str, identity_ids: list[str]) -> list[Grant]:
        """Grants between these identities, by giver and taker."""
        ...


async def describe_circle(store: CircleStore, tenant: str, name: str, purpose: Purpose, now: datetime) -> Circle:
    """Describe the circle of an identity, person, account or household, at most ``MOST`` identities.

    Raises ``NotFoundError`` when this tenant knows nobody of that id.
    """
    found = await store.read_circle(tenant, name, now, MOST)
    if not found:
        raise NotFoundError("There is no identity, person, account or household of that id.")
    identities = [_with_consents(identity, records, now) for identity, records in found]
    grants = await store.read_grants(tenant, [identity.id for identity in identities])
    return Circle(tuple(identities), tuple(grants), find_influences(identities, grants, purpose, now))


def _with_consents(identity: CircleIdentity, records: list[Consent], now: datetime) -> CircleIdentity:
    spoken = {record.purpose for record in records}
    return replace(identity, consents={p: effective_consent(records, p, now) for p in PURPOSES if p in spoken})
