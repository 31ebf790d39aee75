"""Use case: records of a file are compared in memory, and links between their identities are proposed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

import pyarrow as pa

from app.domain import clock
from app.domain.component import Evidence, Member
from app.domain.errors import InvalidError
from app.domain.identity_rules import IdentityRules
from app.domain.linkage import JOINING_KINDS, partition
from app.domain.links import Link
from app.domain.proposals import FieldAgreement, LinkProposal, ProposalKind
from app.linkage.clusters import Constraints
from app.linkage.columns import Column
from app.linkage.households import household_columns, share_a_home
from app.linkage.likely import LikelyLink, likely_links
from app.linkage.records import MEMORY_MB, Pairs, score_pairs

IDS_AT_ONCE = 2_000


class EvidenceReader(Protocol):
    """Where it is read who belongs together, and who consents."""

    async def read_members(self, tenant: str, identity_ids: Sequence[str], now: datetime) -> list[Member]:
        """Kind and consent of identities; one that is not there is left out."""
        ...

    async def read_links(self, tenant: str, identity_ids: Sequence[str]) -> list[Link]:
        """All that decides who these identities belong to."""
        ...


@dataclass(frozen=True, slots=True)
class Linkable:
    """Records that may be compared, and what is known of their identities."""

    table: pa.Table
    ids: tuple[str, ...]
    """Identity of each record."""
    evidence: Evidence
    without_id: int = 0
    unknown: int = 0
    """Records whose identity is not there."""
    refused: int = 0
    """Records whose identity does not consent to be linked, or is not of one person; they are not compared."""


@dataclass(frozen=True, slots=True)
class Found:
    """What was found in records."""

    likely: tuple[LikelyLink, ...]
    pairs: Pairs
    kind: ProposalKind

    def proposals(self, at: datetime) -> list[LinkProposal]:
        """What is to be proposed, the most likely first."""
        return [self._proposal(one, at) for one in self.likely]

    def agreements(self, one: LikelyLink) -> tuple[FieldAgreement, ...]:
        """How each field of the two records agrees, without the values."""
        levels: list[int] = self.pairs.levels[one.row].tolist()
        weights: list[float] = self.pairs.weights[one.row].tolist()
        return tuple(
            FieldAgreement(field.name, field.labels[level] if level >= 0 else "missing", round(bits, 2))
            for field, level, bits in zip(self.pairs.fields, levels, weights, strict=True)
        )

    def _proposal(self, one: LikelyLink, at: datetime) -> LinkProposal:
        first, second = sorted((one.one, one.other))
        return LinkProposal("", self.kind, first, second, one.probability, self.agreements(one), at)


async def read_linkable(store: EvidenceReader, tenant: str, table: pa.Table, columns: Sequence[Column]) -> Linkable:
    """Keep the records of identities that consent to be linked now. ``InvalidError`` without a column of their ids."""
    if not any(column.kind == "identity_id" for column in columns):
        raise InvalidError("Name the column of the identities' ids: --columns identity_id=HEADER,…")
    given: list[str | None] = table.column("identity_id").to_pylist()
    named = sorted({id_ for id_ in given if id_ is not None})
    members: dict[str, Member] = {}
    for start in range(0, len(named), IDS_AT_ONCE):
        found = await store.read_members(tenant, named[start : start + IDS_AT_ONCE], clock.now())
        members |= {member.id: member for member in found}
    may = sorted(member.id for member in members.values() if member.may_link and member.kind in JOINING_KINDS)
    links: list[Link] = []
    for start in range(0, len(may), IDS_AT_ONCE):
        links += await store.read_links(tenant, may[start : start + IDS_AT_ONCE])
    consenting = set(may)
    kept = [place for place, id_ in enumerate(given) if id_ in consenting]
    unknown = sum(id_ is not None and id_ not in members for id_ in given)
    without_id = given.count(None)
    return Linkable(
        table.take(pa.array(kept, pa.int64())),
        tuple(id_ for id_ in given if id_ is not None and id_ in consenting),
        Evidence([members[id_] for id_ in may], links),
        without_id,
        unknown,
        len(given) - len(kept) - unknown - without_id,
    )


def find_persons(
    linkable: Linkable,
    columns: Sequence[Column],
    rules: IdentityRules,
    least: float,
    memory_mb: int = MEMORY_MB,
    advance: Callable[[float], None] = lambda _: None,
) -> Found:
    """Find identities that are probably one person, as far as nothing that is known contradicts."""
    pairs = score_pairs(linkable.table, columns, memory_mb=memory_mb, advance=advance)
    known = known_constraints(linkable, rules)
    return Found(tuple(likely_links(pairs, linkable.ids, known, least)), pairs, "person")


def find_households(
    linkable: Linkable,
    columns: Sequence[Column],
    rules: IdentityRules,
    least: float,
    memory_mb: int = MEMORY_MB,
    advance: Callable[[float], None] = lambda _: None,
) -> Found:
    """Find identities of different persons that probably live together, by address and surname."""
    pairs = score_pairs(linkable.table, household_columns(columns), memory_mb=memory_mb, advance=advance)
    pairs = pairs[share_a_home(pairs)]
    together = known_constraints(linkable, rules).together
    return Found(tuple(likely_links(pairs, linkable.ids, Constraints(together), least)), pairs, "household")


def known_constraints(linkable: Linkable, rules: IdentityRules) -> Constraints:
    """What links say of records already: who is one person, who is not, and which unique values each has."""
    now = clock.now()
    places: dict[str, int] = {}
    for place, id_ in enumerate(linkable.ids):
        places.setdefault(id_, place)
    apart: list[tuple[int, int]] = []
    unique: dict[int, dict[str, str]] = {}
    for link in linkable.evidence.links:
        if not link.is_live(now):
            continue
        if link.type == "not_same_as" and link.start in places and link.end in places:
            apart.append((places[link.start], places[link.end]))
        elif link.identifier is not None and rules.class_of(link.identifier.type) == "unique" and link.start in places:
            unique.setdefault(places[link.start], {})[link.identifier.type] = link.end
    together: list[tuple[int, int]] = []
    for group in partition(linkable.evidence, rules, now).groups:
        members = sorted(places[id_] for id_ in group.identities if id_ in places)
        together += [(members[0], other) for other in members[1:]]
        if group.person is not None and members:
            unique.setdefault(members[0], {})["person"] = group.person
    return Constraints(together, apart, unique)
