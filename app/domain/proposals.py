"""Links that nobody is sure of: two identities that may be one person, or live together; somebody decides. No I/O."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from app.domain.component import Evidence
from app.domain.errors import ConflictError
from app.domain.identity_rules import IdentityRules
from app.domain.linkage import JOINING_KINDS, added_conflicts, partition, with_link
from app.domain.links import Link, seen_link

ProposalKind = Literal["person", "household"]
ProposalStatus = Literal["open", "accepted", "rejected"]
Use = Literal["transactional", "mail"]

CERTAIN_ENOUGH: Mapping[Use, float] = {"mail": 0.99}
"""Probability from which a proposal that nobody has decided suppresses a duplicate; for other uses none does."""


@dataclass(frozen=True, slots=True)
class FieldAgreement:
    """How one field of two records agrees; never what it says."""

    field: str
    level: str
    weight: float
    """Bits for the two being one person; negative: against."""


@dataclass(frozen=True, slots=True)
class LinkProposal:
    """Two identities that may belong together."""

    id: str
    kind: ProposalKind
    one: str
    """Id of an identity, the smaller of the two."""
    other: str
    probability: float
    fields: tuple[FieldAgreement, ...]
    proposed_at: datetime
    status: ProposalStatus = "open"
    decided_at: datetime | None = None

    @property
    def source(self) -> str:
        """What its links say where they are from; no other proposal's do."""
        return f"proposal {self.id}"


def links_of_accepted(accepted: Sequence[LinkProposal], persons: Mapping[str, str], at: datetime) -> list[Link]:
    """Return what accepted proposals say together: who is one person, and which persons live in one household.

    The same whatever the order in which they were accepted. ``persons``: the person that others say an identity is of.
    Each link has its proposal's source; persons and households that nobody knows yet are named after a proposal.
    """
    person_of = _named(accepted, "person", persons)
    homes = _named([one for one in accepted if one.kind == "household"], "household", {}, person_of)
    links: list[Link] = []
    for proposal in accepted:
        for id_ in (proposal.one, proposal.other):
            links.append(seen_link("person_identity", person_of[id_], id_, proposal.source, at))
            if proposal.kind == "household":
                links.append(seen_link("person_household", person_of[id_], homes[person_of[id_]], proposal.source, at))
    return links


def _named(
    accepted: Sequence[LinkProposal],
    kind: ProposalKind,
    known: Mapping[str, str],
    person_of: Mapping[str, str] | None = None,
) -> dict[str, str]:
    """Name what proposals of a kind bring together: of each end (identity, or its person), the name of its group."""
    ends = person_of or {id_: id_ for one in accepted for id_ in (one.one, one.other)}
    owner = {end: end for end in ends.values()}

    def find(end: str) -> str:
        while owner[end] != end:
            end = owner[end]
        return end

    for one in accepted:
        if one.kind == kind:
            owner[max(find(ends[one.one]), find(ends[one.other]))] = min(find(ends[one.one]), find(ends[one.other]))
    names: dict[str, str] = {}
    for end, name in sorted(known.items()):
        if end in owner:
            names.setdefault(find(end), name)
    for one in sorted(accepted, key=lambda proposal: proposal.id):
        for side, id_ in enumerate((one.one, one.other)):
            names.setdefault(find(ends[id_]), f"{kind}-{one.id}-{side}")
    return {end: names[find(end)] for end in owner if find(end) in names}


def check_acceptance(
    proposal: LinkProposal, links: Sequence[Link], evidence: Evidence, rules: IdentityRules, at: datetime
) -> None:
    """Raise ``ConflictError`` when the links that come of accepting a proposal contradict what others say.

    So it is where one of the two does not consent to be linked, or is no identity of one person.
    """
    members = {member.id: member for member in evidence.members}
    for id_ in (proposal.one, proposal.other):
        member = members.get(id_)
        if member is None or not member.may_link or member.kind not in JOINING_KINDS:
            raise ConflictError("One of the two does not consent to be linked, or is not of one person.")
    known = evidence
    for link in links:
        if link.type == "person_identity":
            if brought := added_conflicts(known, link, rules, at):
                raise ConflictError("What is known of the two contradicts; path says how.", brought[0].path)
            known = with_link(known, link)


def persons_beside(evidence: Evidence, rules: IdentityRules, at: datetime) -> dict[str, str]:
    """The person of each identity that has one."""
    groups = partition(evidence, rules, at).groups
    return {id_: group.person for group in groups if group.person for id_ in group.identities}


def rejected_links(proposal: LinkProposal, at: datetime) -> list[Link]:
    """What a rejection says: two that are no one person; of a household it says nothing."""
    if proposal.kind == "household":
        return []
    return [seen_link("not_same_as", proposal.one, proposal.other, proposal.source, at)]


def decided(proposal: LinkProposal, status: ProposalStatus, at: datetime) -> LinkProposal:
    """The proposal with a decision, or open again."""
    return replace(proposal, status=status, decided_at=None if status == "open" else at)


def without_duplicates(ids: Sequence[str], proposals: Iterable[LinkProposal], use: Use) -> list[str]:
    """Of identities that are to be written to, those that are left when each person is written to once.

    Always some of ``ids`` in their order, never others. One goes only when one before it that stays is the same person,
    by a proposal that was accepted or is likely enough for the use; never because of a chain of proposals.
    """
    same: dict[str, set[str]] = {}
    for proposal in proposals:
        likely = proposal.status == "open" and proposal.probability >= CERTAIN_ENOUGH.get(use, math.inf)
        if proposal.kind == "person" and (proposal.status == "accepted" or likely):
            same.setdefault(proposal.one, set()).add(proposal.other)
            same.setdefault(proposal.other, set()).add(proposal.one)
    kept: dict[str, None] = {}
    for id_ in ids:
        if not same.get(id_, set()) & kept.keys():
            kept[id_] = None
    return [*kept]
