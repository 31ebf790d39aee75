"""What hangs together by links: the evidence that is judged, and what the judgement says. No I/O."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from app.domain.links import EndKind, Link
from app.domain.models import IdentityKind

Node = tuple[EndKind, str]
Reason = Literal["two_persons", "two_unique_values", "not_same_as"]


@dataclass(frozen=True, slots=True)
class Member:
    """What matters of an identity here."""

    id: str
    kind: IdentityKind
    may_link: bool
    """Whether it consents to ``link_identities`` now."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known around some identities."""

    members: Sequence[Member] = ()
    links: Sequence[Link] = ()
    """Of the types ``person_identity``, ``identity_identifier`` and ``not_same_as``; others are passed over."""
    is_complete: bool = True
    """False when there was more than the walk may gather."""


@dataclass(frozen=True, slots=True)
class Group:
    """Identities that belong together, and the person they are of."""

    identities: frozenset[str]
    person: str | None = None


@dataclass(frozen=True, slots=True)
class Conflict:
    """Links that cannot all be right."""

    reason: Reason
    clash: tuple[Node, Node]
    """What must not come together; an identifier stands there as its digest, which is never shown."""
    path: tuple[str, ...]
    """The way from one to the other: ``person tom``, ``identity tom-work``, ``identifier email``; never a value."""
    links: tuple[str, ...]
    """Ids of the links on the way; a link that is not stored yet has none."""
    identities: tuple[str, ...]
    """The identities on the way, sorted."""
    is_settled: bool = False
    """Whether somebody said NOT_SAME_AS after the last of these links had been seen."""


@dataclass(frozen=True, slots=True)
class Partition:
    """The view."""

    groups: tuple[Group, ...]
    """Every identity once, alone or with others; sorted."""
    conflicts: tuple[Conflict, ...]
    through: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    """How each identity belongs to its group: ``asserted`` or types of identifiers; not there for one that is alone."""
    refused: tuple[Link, ...] = ()
    """Links that join nothing because they contradict others, in the order in which they were judged."""

    def group_of(self, identity_id: str) -> Group | None:
        """The group of an identity; ``None`` for one that was not looked at."""
        return next((group for group in self.groups if identity_id in group.identities), None)

    def group_of_person(self, person_id: str) -> Group | None:
        """The group of a person; ``None`` when no link joins anybody to it."""
        return next((group for group in self.groups if group.person == person_id), None)
