"""Use case: draw the lines of a person's or household's identities side by side; for the shop's own staff."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol

from app.domain import clock
from app.domain.belonging import Belonging, HouseholdView, PersonView
from app.domain.component import Member
from app.domain.journeys import ActiveDay, Crossing, Journeys, Lane, find_stages
from app.domain.retention import RetentionRules

MOST_LANES = 50
"""Identities of one view; a picture of more could not be read."""
MOST_CROSSINGS = 200
_DAY = 86_400


class JourneyStore(Protocol):
    """Where what identities did is read."""

    async def read_days(self, tenant: str, identity_ids: Sequence[str], now: datetime) -> dict[str, list[ActiveDay]]:
        """What identities did by days."""
        ...

    async def find_crossings(
        self, tenant: str, identity_ids: Sequence[str], now: datetime, most: int
    ) -> tuple[list[Crossing], bool]:
        """Where their lines meet, latest first, and whether that is all."""
        ...


class Members(Protocol):
    """Where kind and consent of identities are read."""

    async def read_members(self, tenant: str, identity_ids: Sequence[str], now: datetime) -> list[Member]:
        """Kind, and whether it consents to be linked."""
        ...


class Views(Protocol):
    """Who belongs together."""

    async def person(self, tenant: str, person_id: str, min_confidence: float | None = None) -> PersonView:
        """The identities of a person; ``NotFoundError``."""
        ...

    async def household(self, tenant: str, household_id: str, min_confidence: float | None = None) -> HouseholdView:
        """The identities of a household; ``NotFoundError``."""
        ...


class Rules(Protocol):
    """What a shop means by gone."""

    async def read_rules(self, tenant: str) -> RetentionRules:
        """Its rules, or the defaults."""
        ...


class JourneyGuide:
    """Puts lines side by side; each is found from its identity's own days and from nothing else."""

    def __init__(
        self,
        store: JourneyStore,
        members: Members,
        views: Views,
        rules: Rules,
        now: Callable[[], datetime] = clock.now,
    ) -> None:
        self._store = store
        self._members = members
        self._views = views
        self._rules = rules
        self._now = now

    async def person(self, tenant: str, person_id: str) -> Journeys:
        """The lines of a person's identities and where they cross. Raises ``NotFoundError``."""
        view = await self._views.person(tenant, person_id)
        return await self._draw(tenant, person_id, view.identities, is_complete=view.is_complete)

    async def household(self, tenant: str, household_id: str) -> Journeys:
        """The lines of all identities of a household and where they cross. Raises ``NotFoundError``."""
        view = await self._views.household(tenant, household_id)
        return await self._draw(tenant, household_id, view.identities, is_complete=view.is_complete)

    async def _draw(self, tenant: str, id_: str, identities: Sequence[Belonging], *, is_complete: bool) -> Journeys:
        now, rules = self._now(), await self._rules.read_rules(tenant)
        ids = sorted(one.id for one in identities)[:MOST_LANES]
        members = await self._members.read_members(tenant, ids, now)
        days = await self._store.read_days(tenant, ids, now)
        crossings, all_ = await self._store.find_crossings(tenant, ids, now, MOST_CROSSINGS)
        today, horizon = int(now.timestamp()) // _DAY, rules.horizon_days
        lines = [
            (one, find_stages(days.get(one.id, ()), today, horizon))
            for one in sorted(members, key=lambda member: member.id)
        ]
        lanes = [Lane(one.id, one.kind, one.may_link, at[-1].stage if at else None, at) for one, at in lines]
        whole = is_complete and all_ and len(identities) <= MOST_LANES
        return Journeys(id_, now.date(), horizon, tuple(lanes), tuple(crossings), whole)
