"""What other identity rules would make of the same links. Pure, no I/O."""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from app.domain.component import Conflict, Evidence, Group
from app.domain.identity_rules import IdentityRules
from app.domain.linkage import partition, quarantined
from app.domain.links import Link


@dataclass(frozen=True, slots=True)
class RulesEffect:
    """The difference between the rules of today and others, on today's links."""

    identities: int
    """Identities that some link names."""
    joined: tuple[Group, ...]
    """Groups that would come into being."""
    parted: tuple[Group, ...]
    """Groups that would be no more."""
    quarantined: Mapping[str, int]
    """Identifiers that would name nobody any more, by type."""
    released: Mapping[str, int]
    """Identifiers that would name somebody again, by type."""
    new_conflicts: tuple[Conflict, ...]
    gone_conflicts: tuple[Conflict, ...]


def compare_rules(
    evidence: Evidence,
    today: IdentityRules,
    other: IdentityRules,
    at: datetime,
    *,
    newly_blocked: Collection[str] = (),
    unblocked: Collection[str] = (),
) -> RulesEffect:
    """Judge all links of a tenant under both rules.

    ``newly_blocked`` and ``unblocked`` are digests of values that only one of the two blocks.
    """
    would = replace(evidence, links=[_blocked_anew(link, newly_blocked, unblocked) for link in evidence.links])
    before, after = partition(evidence, today, at), partition(would, other, at)
    void_before, void_after = _void(evidence, today, at), _void(would, other, at)
    known = {(one.reason, one.clash): one for one in before.conflicts}
    comes = {(one.reason, one.clash): one for one in after.conflicts}
    groups_before, groups_after = {*before.groups}, {*after.groups}
    return RulesEffect(
        identities=len(evidence.members),
        joined=tuple(group for group in after.groups if group not in groups_before),
        parted=tuple(group for group in before.groups if group not in groups_after),
        quarantined=_by_type(void_after, void_before),
        released=_by_type(void_before, void_after),
        new_conflicts=tuple(comes[key] for key in sorted(comes.keys() - known.keys())),
        gone_conflicts=tuple(known[key] for key in sorted(known.keys() - comes.keys())),
    )


def _blocked_anew(link: Link, newly_blocked: Collection[str], unblocked: Collection[str]) -> Link:
    known = link.identifier
    if known is None or (known.digest not in newly_blocked and known.digest not in unblocked):
        return link
    return replace(link, identifier=replace(known, blocked=known.digest in newly_blocked))


def _void(evidence: Evidence, rules: IdentityRules, at: datetime) -> dict[str, str]:
    """Type by digest of the identifiers that name nobody."""
    live = [link for link in evidence.links if link.is_live(at)]
    digests = quarantined(live, rules)
    return {link.end: link.identifier.type for link in live if link.identifier is not None and link.end in digests}


def _by_type(these: Mapping[str, str], but_not: Mapping[str, str]) -> dict[str, int]:
    return dict(Counter(type_ for digest, type_ in sorted(these.items()) if digest not in but_not))
