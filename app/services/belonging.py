"""Use case: who belongs together, computed from live links each time it is asked; nothing keeps it."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Protocol

from app.domain import clock
from app.domain.belonging import Belonging, HouseholdView, PersonView
from app.domain.component import Conflict, Evidence, Partition
from app.domain.errors import NotFoundError
from app.domain.identity_rules import IdentityRules
from app.domain.linkage import JOINING_KINDS, partition
from app.domain.links import Link, LinkType
from app.domain.models import IdentityKind
from app.services.links import RulesReader

SCAN_PAGE = 500
"""Identities that one step of the search for conflicts looks at."""

SCAN_PAGES = 8
"""Steps that one call takes at most."""


class TieStore(Protocol):
    """Where links of accounts and households are read."""

    async def read_ties(
        self,
        tenant: str,
        now: datetime,
        *,
        person_ids: Sequence[str] = (),
        identity_ids: Sequence[str] = (),
        account_ids: Sequence[str] = (),
        household_ids: Sequence[str] = (),
    ) -> list[Link]:
        """Live links of accounts and households with whatever of these is given."""
        ...


class BelongingStore(TieStore, Protocol):
    """Where the links are read."""

    async def has(self, tenant: str, *, person_id: str | None = None, household_id: str | None = None) -> bool:
        """Whether there is such a person, or such a household."""
        ...

    async def read_component(
        self,
        tenant: str,
        rules: IdentityRules,
        now: datetime,
        *,
        identity_ids: Sequence[str] = (),
        person_ids: Sequence[str] = (),
    ) -> Evidence:
        """What is known around identities and persons."""
        ...

    async def page(self, tenant: str, after: str, limit: int) -> list[str]:
        """Ids behind ``after`` of identities that some link may join to others."""
        ...


class Belongings:
    """Computes persons, households and conflicts."""

    def __init__(self, store: BelongingStore, rules: RulesReader, now: Callable[[], datetime] = clock.now) -> None:
        self._store = store
        self._rules = rules
        self._now = now

    async def person(self, tenant: str, person_id: str, min_confidence: float | None = None) -> PersonView:
        """Who and what belongs to a person, by links of this confidence at least (default: the tenant's rules').

        Raises ``NotFoundError`` for a person that no link names.
        """
        if not await self._store.has(tenant, person_id=person_id):
            raise NotFoundError("There is no such person.")
        rules, now = await self._rules_with(tenant, min_confidence), self._now()
        evidence = await self._store.read_component(tenant, rules, now, person_ids=[person_id])
        view = partition(evidence, rules, now)
        identities = _identities_of(person_id, evidence, view, rules)
        ids = [one.id for one in identities]
        ties = _sure(await self._store.read_ties(tenant, now, person_ids=[person_id], identity_ids=ids), rules)
        accounts = _others(ties, "identity_account")
        homes = await self._store.read_ties(tenant, now, account_ids=accounts)
        return PersonView(
            id=person_id,
            identities=identities,
            accounts=[Belonging(id_, ("identity",)) for id_ in accounts],
            households=_through(
                ("asserted", _others(ties, "person_household")),
                ("account", _others(_sure(homes, rules), "account_household")),
            ),
            conflicts=[one for one in view.conflicts if set(one.identities) & {*ids} or _names(one, person_id)],
            is_complete=evidence.is_complete,
        )

    async def household(self, tenant: str, household_id: str, min_confidence: float | None = None) -> HouseholdView:
        """Who and what belongs to a household; like ``person``. Raises ``NotFoundError``."""
        if not await self._store.has(tenant, household_id=household_id):
            raise NotFoundError("There is no such household.")
        rules, now = await self._rules_with(tenant, min_confidence), self._now()
        ties = _sure(await self._store.read_ties(tenant, now, household_ids=[household_id]), rules)
        persons, accounts = _ones(ties, "person_household"), _ones(ties, "account_household")
        used = _sure(await self._store.read_ties(tenant, now, account_ids=accounts), rules)
        users = _ones(used, "identity_account")
        evidence = await self._store.read_component(tenant, rules, now, person_ids=persons, identity_ids=users)
        view = partition(evidence, rules, now)
        theirs = [one.id for person in persons for one in _identities_of(person, evidence, view, rules)]
        kinds: dict[str, IdentityKind] = {member.id: member.kind for member in evidence.members}
        return HouseholdView(
            id=household_id,
            persons=[Belonging(id_, ("asserted",)) for id_ in persons],
            accounts=[Belonging(id_, ("asserted",)) for id_ in accounts],
            identities=[
                replace(one, kind=kinds.get(one.id)) for one in _through(("person", theirs), ("account", users))
            ],
            is_complete=evidence.is_complete,
        )

    async def conflicts(self, tenant: str, after: str, limit: int) -> tuple[list[Conflict], str | None]:
        """Conflicts that nobody settled, by their first identity, those behind ``after``; and where to go on.

        Looks at some thousand identities a call, so a page may be empty and yet not the last one; ``None``: it was.
        """
        rules, now = await self._rules.read(tenant), self._now()
        found: list[Conflict] = []
        for _ in range(SCAN_PAGES):
            ids = await self._store.page(tenant, after, SCAN_PAGE)
            if not ids:
                return found, None
            evidence = await self._store.read_component(tenant, rules, now, identity_ids=ids)
            mine = {*ids}  # a conflict counts where its first identity stands, so that each is told once
            open_ = [one for one in partition(evidence, rules, now).conflicts if not one.is_settled]
            found += [one for one in open_ if one.identities[0] in mine]
            if len(found) > limit:
                kept = [one for one in found if one.identities[0] <= found[limit - 1].identities[0]]
                return kept, kept[-1].identities[0]
            after = ids[-1]
        return found, after

    async def _rules_with(self, tenant: str, min_confidence: float | None) -> IdentityRules:
        rules = await self._rules.read(tenant)
        return rules if min_confidence is None else replace(rules, min_confidence=min_confidence)


def _identities_of(person_id: str, evidence: Evidence, view: Partition, rules: IdentityRules) -> list[Belonging]:
    """The identities of a person by id: those that are joined, and shared ones that are only asserted."""
    kinds: dict[str, IdentityKind] = {member.id: member.kind for member in evidence.members}
    group = view.group_of_person(person_id)
    joined = group.identities if group is not None else frozenset[str]()
    found = [Belonging(id_, view.through.get(id_, ("asserted",)), kinds[id_]) for id_ in joined]
    for link in evidence.links:
        is_mine = link.type == "person_identity" and link.start == person_id and link.end in kinds
        if is_mine and not _joins(kinds[link.end]) and link.confidence >= rules.min_confidence:
            found.append(Belonging(link.end, ("asserted",), kinds[link.end]))
    return sorted({one.id: one for one in found}.values(), key=lambda one: one.id)


def _joins(kind: IdentityKind) -> bool:
    return kind in JOINING_KINDS


def _names(conflict: Conflict, person_id: str) -> bool:
    return ("person", person_id) in conflict.clash


def _sure(ties: Iterable[Link], rules: IdentityRules) -> list[Link]:
    return [tie for tie in ties if tie.confidence >= rules.min_confidence]


def _ones(ties: Iterable[Link], type_: LinkType) -> list[str]:
    """What stands at the start of ties of one type; sorted."""
    return sorted({tie.start for tie in ties if tie.type == type_})


def _others(ties: Iterable[Link], type_: LinkType) -> list[str]:
    """What stands at their end; sorted."""
    return sorted({tie.end for tie in ties if tie.type == type_})


def _through(*ways: tuple[str, Iterable[str]]) -> list[Belonging]:
    """What belongs in several ways, each with all of its ways; by id."""
    found: dict[str, tuple[str, ...]] = {}
    for way, ids in ways:
        for id_ in {*ids}:
            found[id_] = (*found.get(id_, ()), way)
    return [Belonging(id_, through) for id_, through in sorted(found.items())]
