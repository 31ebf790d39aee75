"""Use case: a marketer keeps audiences by name, sees about how many they are, and asks why somebody is in one."""

import hashlib
from collections.abc import Callable, Collection
from datetime import datetime
from typing import Protocol

import numpy as np

from app.domain import clock
from app.domain.audiences import (
    Audience,
    AudienceFilter,
    Check,
    Explained,
    Facts,
    Meaning,
    Reason,
    Size,
    check_conditions,
    is_meant,
)
from app.domain.channels import Refusal, out_of_reach, without_consent
from app.domain.disclosure import Disclosure, Noisy
from app.domain.errors import InvalidError, NotFoundError
from app.domain.hashing import Hasher
from app.domain.models import IdentityKind
from app.services.channels import ChannelStore
from app.services.hashing import figures_period, figures_secret
from app.settings import Settings
from app.taste.noise import Noise, published_count

MOST_COUNTED = 30
"""Filters of a tenant that are counted in the days for which figures stand (docs/privacy.md says what that means)."""
NO_AUDIENCE = "There is no audience of this name; GET /v1/audiences lists what there is."


class AudienceStore(Protocol):
    """Where audiences are kept, and people judged for them."""

    async def read(self, tenant: str, name: str | None = None) -> list[Audience]:
        """The audiences of a tenant by name, or the one that is called so."""
        ...

    async def write(self, tenant: str, audience: Audience) -> None:
        """Keep an audience in place of the one of its name."""
        ...

    async def delete(self, tenant: str, name: str, actor: str) -> bool:
        """Forget an audience; whether there was one."""
        ...

    async def resolve(self, tenant: str, filter_: AudienceFilter) -> Meaning:
        """What the names in a filter stand for now."""
        ...

    async def judge(self, tenant: str, filter_: AudienceFilter, meaning: Meaning, now: datetime) -> list[Facts]:
        """Of everybody who may be contacted, what the filter looks at."""
        ...

    async def judge_one(
        self, tenant: str, filter_: AudienceFilter, meaning: Meaning, now: datetime, identity_id: str
    ) -> Facts | None:
        """The same of one identity; ``None`` of one that may not be contacted."""
        ...

    async def note_question(self, tenant: str, name: str, identity_id: str, actor: str) -> None:
        """Note in the audit log who asked about whom."""
        ...

    async def listed_since(self, tenant: str, name: str, identity_id: str, now: datetime) -> datetime | None:
        """Since when an identity is on the list that a receiver holds; ``None``: on none."""
        ...

    async def read_size(self, tenant: str, key: str, period: int) -> tuple[float | None, datetime | None, int]:
        """The noisy number that a filter was counted to have, when, and how many filters were counted."""
        ...

    async def keep_size(
        self, tenant: str, key: str, period: int, people: float, at: datetime, most: int
    ) -> tuple[float, datetime] | None:
        """Keep a noisy number unless one is there, and return the one that stands; ``None`` where no more are kept."""
        ...


class KindStore(Protocol):
    """Where it is known whom there is."""

    async def read_kind(self, tenant: str, identity_id: str) -> IdentityKind | None:
        """The kind of an identity; ``None`` when there is none of that id."""
        ...


class Count:
    """Counts people with the noise of published figures."""

    def __init__(self, hasher: Callable[[str], Hasher], figures_days: int, k_look: int, k_export: int) -> None:
        self._hasher = hasher
        self._days = figures_days
        self.look = Disclosure(k_look)
        self.export = Disclosure(k_export)

    @classmethod
    def of(cls, settings: Settings, hasher: Callable[[str], Hasher]) -> "Count":
        """Count as the settings say."""
        return cls(hasher, settings.figures_days, settings.k_look, settings.k_export)

    def period(self, now: datetime) -> int:
        """Which of the spans of days it is for which figures stand."""
        return figures_period(now, self._days)

    def people(self, tenant: str, ids: Collection[str], name: str, now: datetime) -> Noisy:
        """Count some people; the same number for the same people and name in these days."""
        noise = Noise(figures_secret(self._hasher(tenant), self.period(now)), sorted(ids))
        return noise.count(np.arange(len(ids)), name)

    def shown(self, kept: float) -> int | None:
        """What may be looked at of a noisy number that was kept; ``None`` where it may be of too few."""
        return self.look.count(published_count(kept))


class AudienceBook:
    """Reads, changes and explains audiences."""

    def __init__(self, store: AudienceStore, channels: ChannelStore, kinds: KindStore, count: Count) -> None:
        self._store = store
        self._channels = channels
        self._kinds = kinds
        self._count = count

    async def list_audiences(self, tenant: str) -> list[tuple[Audience, Size]]:
        """All of a tenant by name, each with the size that was counted last, if it was in these days."""
        now = clock.now()
        return [(one, await self._known_size(tenant, one.filter, now)) for one in await self._store.read(tenant)]

    async def find(self, tenant: str, name: str) -> tuple[Audience, Size]:
        """Return one with its size, counted if it was not in these days; ``NotFoundError``."""
        audience = await self._read(tenant, name)
        return audience, await self._size(tenant, audience.filter)

    async def put(self, tenant: str, name: str, filter_: AudienceFilter, actor: str) -> tuple[Audience, Size]:
        """Keep an audience in place of the one of its name, and count it.

        ``InvalidError`` names the fields that name nothing, or what may not be gone by.
        """
        meaning = await self._store.resolve(tenant, filter_)
        if unknown := meaning.unknown(filter_):
            raise InvalidError("The audience names what cannot be gone by; errors says what.", unknown)
        audience = Audience(name, filter_, clock.to_milliseconds(clock.now()), actor)
        await self._store.write(tenant, audience)
        return audience, await self._size(tenant, filter_, meaning)

    async def delete(self, tenant: str, name: str, actor: str) -> None:
        """Forget an audience; ``NotFoundError``. What receivers hold of it stays on account until it expires."""
        if not await self._store.delete(tenant, name, actor):
            raise NotFoundError(NO_AUDIENCE)

    async def explain(self, tenant: str, name: str, identity_id: str, actor: str) -> tuple[Explained, datetime | None]:
        """Say why an identity is in an audience or is not, and since when a receiver has it listed.

        ``NotFoundError`` for an audience or identity that there is not. The audit log notes who asked about whom.
        """
        audience, kind = await self._read(tenant, name), await self._kinds.read_kind(tenant, identity_id)
        if kind is None:
            raise NotFoundError("There is no identity of this id.")
        now = clock.now()
        await self._store.note_question(tenant, name, identity_id, actor)
        listed = await self._store.listed_since(tenant, name, identity_id, now)
        checks = await self._check_contact(tenant, audience.filter, identity_id, kind, now)
        if all(check.met for check in checks):
            meaning = await self._store.resolve(tenant, audience.filter)
            facts = await self._store.judge_one(tenant, audience.filter, meaning, now, identity_id)
            if facts is None:  # taken back since it was read
                checks = await self._check_contact(tenant, audience.filter, identity_id, kind, now)
            else:
                checks += check_conditions(audience.filter, facts, now)
        return Explained(all(check.met for check in checks), tuple(checks)), listed

    async def _check_contact(
        self, tenant: str, filter_: AudienceFilter, identity_id: str, kind: IdentityKind, now: datetime
    ) -> list[Check]:
        _, contact = await self._channels.read_contact(tenant, identity_id, now)
        channel = filter_.channel
        consent = without_consent(channel, contact.consents, now)
        named = kind != "anonymous"
        return [
            Check("kind", named, "is an identity with a name" if named else "is anonymous"),
            _check("consent", consent, f"live consent for {channel}"),
            _check("reachable", out_of_reach(channel, contact), f"reachable for {channel}"),
        ]

    async def _read(self, tenant: str, name: str) -> Audience:
        found = await self._store.read(tenant, name)
        if not found:
            raise NotFoundError(NO_AUDIENCE)
        return found[0]

    async def _size(self, tenant: str, filter_: AudienceFilter, meaning: Meaning | None = None) -> Size:
        now = clock.now()
        known = await self._known_size(tenant, filter_, now)
        if known.may_be_exported is not None or known.note != _NOT_COUNTED:
            return known
        meaning = meaning or await self._store.resolve(tenant, filter_)
        facts = await self._store.judge(tenant, filter_, meaning, now)
        meant = [one.id for one in facts if one.counts and is_meant(filter_, one, now)]
        text, period = filter_.canonical(), self._count.period(now)
        people = self._count.people(tenant, meant, f"audience {text}", now).value
        kept = await self._store.keep_size(tenant, _key(text, period), period, people, now, MOST_COUNTED)
        return Size(None, NO_MORE) if kept is None else self._told(*kept)

    async def _known_size(self, tenant: str, filter_: AudienceFilter, now: datetime) -> Size:
        period = self._count.period(now)
        people, at, counted = await self._store.read_size(tenant, _key(filter_.canonical(), period), period)
        if people is None or at is None:
            return Size(None, NO_MORE if counted >= MOST_COUNTED else _NOT_COUNTED)
        return self._told(people, at)

    def _told(self, people: float, at: datetime) -> Size:
        noisy = published_count(people)
        shown = self._count.look.count(noisy)
        note = too_few(self._count.look.k) if shown is None else None
        return Size(shown, note, not self._count.export.is_too_few(noisy), at)


_NOT_COUNTED = "not counted these days: look at the audience by its name"
NO_MORE = f"{MOST_COUNTED} filters were counted these days, and no more are, so that nobody is found by asking often"


def too_few(k: int) -> str:
    """Say why there is no number."""
    return f"too few: at least {k} are needed to look"


def _key(text: str, period: int) -> str:
    return f"{period}:{hashlib.sha256(text.encode()).hexdigest()[:32]}"


def _check(condition: Reason, refusal: Refusal | None, otherwise: str) -> Check:
    return Check(condition, refusal is None, refusal.text if refusal else otherwise)
