"""Use case: what a link would change, with nothing written."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Protocol

from app.domain import clock
from app.domain.belonging import Home, LinkEffect, Naming, Verdict
from app.domain.component import Evidence, Group, Member
from app.domain.errors import NotFoundError
from app.domain.identity_rules import IdentityRules
from app.domain.linkage import JOINING_CLASSES, JOINING_KINDS, added_conflicts, partition, quarantined, with_link
from app.domain.links import Link, joined_assertions
from app.domain.models import IdentityKind
from app.domain.resolution import Candidate, resolve
from app.domain.resolution import Evidence as Naming_
from app.services.belonging import TieStore
from app.services.links import RulesReader, check_link


class EvidenceStore(TieStore, Protocol):
    """Where the links around one are read."""

    async def read_around(self, tenant: str, link: Link, rules: IdentityRules) -> Evidence:
        """What is known around both ends of a link."""
        ...

    async def read_members(self, tenant: str, identity_ids: Sequence[str], now: datetime) -> list[Member]:
        """Kind and consent of identities; one that is not there is left out."""
        ...


class LinkSimulator:
    """Says what would be before it is."""

    def __init__(self, store: EvidenceStore, rules: RulesReader, now: Callable[[], datetime] = clock.now) -> None:
        self._store = store
        self._rules = rules
        self._now = now

    async def simulate(self, tenant: str, link: Link) -> LinkEffect:
        """Compare who belongs together, and whom identifiers name, without the link and with it.

        Raises ``NotFoundError`` when its identity is not there, ``InvalidError`` for a link that cannot be.
        """
        check_link(link)
        rules, now = await self._rules.read(tenant), self._now()
        ids = sorted({id_ for kind, id_ in link.ends if kind == "identity"})
        members = await self._store.read_members(tenant, ids, now)
        if len(members) < len(ids):
            raise NotFoundError("There is no such identity.")
        evidence = await self._store.read_around(tenant, link, rules)
        with_it = with_link(evidence, link)
        before, after = partition(evidence, rules, now), partition(with_it, rules, now)
        conflicts = tuple(added_conflicts(evidence, link, rules, now))
        homes_before, homes_after = await self._homes(tenant, link, rules, now)
        changed = homes_before != homes_after or {*before.groups} != {*after.groups}
        return LinkEffect(
            verdict="conflict" if conflicts else _verdict(link, members, with_it, rules, now, changed=changed),
            before=_only(before.groups, after.groups),
            after=_only(after.groups, before.groups),
            homes_before=homes_before,
            homes_after=homes_after,
            namings=_namings(evidence, with_it, rules, now),
            conflicts=conflicts,
            is_complete=evidence.is_complete,
        )

    async def _homes(
        self, tenant: str, link: Link, rules: IdentityRules, now: datetime
    ) -> tuple[tuple[Home, ...], tuple[Home, ...]]:
        """The household of a link as it is and as it would be; nothing for a link without one."""
        if link.ends[1][0] != "household":
            return (), ()
        ties = await self._store.read_ties(tenant, now, household_ids=[link.end])
        return _home(ties, rules, now), _home(joined_assertions([*ties, link]), rules, now)


def _verdict(
    link: Link, members: Sequence[Member], evidence: Evidence, rules: IdentityRules, now: datetime, *, changed: bool
) -> Verdict:
    """The rule that speaks: the first that keeps the link from joining, or that it joins."""
    if link.type == "not_same_as":
        return "parts" if changed else "changes_nothing"
    if not link.is_live(now):
        return "not_live"
    if link.confidence < rules.min_confidence:
        return "below_min_confidence"
    if link.type in ("person_identity", "identity_identifier") and any(m.kind not in JOINING_KINDS for m in members):
        return "never_joins_kind"
    if link.identifier is not None:
        return _verdict_of_identifier(link, members, evidence, rules, changed=changed)
    if link.type in ("identity_account", "follows"):
        return "joins_nobody"
    return "joins" if changed else "changes_nothing"


def _verdict_of_identifier(
    link: Link, members: Sequence[Member], evidence: Evidence, rules: IdentityRules, *, changed: bool
) -> Verdict:
    known = link.identifier
    if known is None or rules.class_of(known.type) not in JOINING_CLASSES:
        return "never_joins_class"
    if known.blocked:
        return "blocked"
    if known.digest in quarantined(evidence.links, rules):
        return "over_cap"
    if not all(member.may_link for member in members):
        return "no_consent"
    return "joins" if changed else "changes_nothing"


def _only(groups: Iterable[Group], others: Iterable[Group]) -> tuple[Group, ...]:
    """Groups that are not among the others."""
    known = {*others}
    return tuple(group for group in groups if group not in known)


def _home(ties: Iterable[Link], rules: IdentityRules, now: datetime) -> tuple[Home, ...]:
    live = [tie for tie in ties if tie.is_live(now) and tie.confidence >= rules.min_confidence]
    persons = {tie.start for tie in live if tie.type == "person_household"}
    accounts = {tie.start for tie in live if tie.type == "account_household"}
    return (Home(live[0].end, tuple(sorted(persons)), tuple(sorted(accounts))),) if live else ()


def _namings(before: Evidence, after: Evidence, rules: IdentityRules, now: datetime) -> tuple[Naming, ...]:
    """Identifiers that would name somebody else than they do."""
    found: list[Naming] = []
    for digest in sorted({link.identifier.digest for link in after.links if link.identifier is not None}):
        type_, was = _named(digest, before, rules, now)
        type_, would = _named(digest, after, rules, now)
        if was != would:
            found.append(Naming(type_, was, would))
    return tuple(found)


def _named(digest: str, evidence: Evidence, rules: IdentityRules, now: datetime) -> tuple[str, str | None]:
    """Type of an identifier, and the identity that it names by itself."""
    kinds: dict[str, IdentityKind] = {member.id: member.kind for member in evidence.members}
    sure: dict[str, float] = {}
    type_, blocked = "", False
    for link in evidence.links:
        if link.identifier is not None and link.identifier.digest == digest:
            type_, blocked = link.identifier.type, link.identifier.blocked
            if link.is_live(now) and link.start in kinds:
                sure[link.start] = max(link.confidence, sure.get(link.start, 0.0))
    candidates = tuple(Candidate(id_, kinds[id_], confidence) for id_, confidence in sorted(sure.items()))
    given = Naming_(type_, digest, rules.class_of(type_), blocked, rules.cap_of(type_), candidates)
    return type_, resolve([given], rules.min_confidence).identity_id
