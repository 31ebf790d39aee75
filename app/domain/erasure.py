"""Erasing somebody: what goes, what stays, and the receipt that proves it. No I/O."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from app.domain.models import IdentityKind

SubjectKind = Literal["identity", "person", "household"]

LEARNED = "LEARNED_FROM"
TRAINED = ("SIMILAR_TO", "SPEAKS_IN", "LEADS_ON_IN", "POPULAR", "REPURCHASED")
"""Relationship types that a run derives from many identities: what one of them added goes with the next refresh."""


@dataclass(frozen=True, slots=True)
class Counts:
    """Nodes by label and relationships by type."""

    nodes: Mapping[str, int] = field(default_factory=dict[str, int])
    relationships: Mapping[str, int] = field(default_factory=dict[str, int])

    def __bool__(self) -> bool:
        return bool(self.nodes or self.relationships)

    def __add__(self, other: "Counts") -> "Counts":
        nodes = Counter(self.nodes) + Counter(other.nodes)
        return Counts(dict(nodes), dict(Counter(self.relationships) + Counter(other.relationships)))


@dataclass(frozen=True, slots=True)
class KnownIdentity:
    """One of those that would go."""

    id: str
    kind: IdentityKind


@dataclass(frozen=True, slots=True)
class Holder:
    """A person, account or household: what held identities together."""

    kind: Literal["person", "account", "household"]
    id: str
    asked_for: bool = False
    """Whether it is itself what shall be erased; others go only while nobody else is left on them."""


@dataclass(frozen=True, slots=True)
class ErasurePlan:
    """All that would go, by name and number; nothing beyond it does."""

    kind: SubjectKind
    id: str
    identities: tuple[KnownIdentity, ...]
    """By id."""
    holders: tuple[Holder, ...]
    """By kind and id; accounts and persons that no other identity is left on, households that nothing is left on."""
    goes: Counts = field(default_factory=Counts)
    stays: Mapping[str, int] = field(default_factory=dict[str, int])
    """Nodes by label that what goes hangs on and that remain."""


@dataclass(frozen=True, slots=True)
class Erasure:
    """The receipt."""

    id: str
    kind: SubjectKind
    at: datetime
    """When it was asked for; from then on nothing of it comes back."""
    counts: Counts
    """What went."""
    waiting: tuple[str, ...] = ()
    """Relationship types that were trained on it and wait for the next refresh."""
    erased_at: datetime | None = None
    """When the last of it was gone from the graph; ``None`` while that is under way."""
    finished_at: datetime | None = None
    """When nothing waited any more."""
    finished_by: str | None = None
    """The run that took the trained weights' place; ``None`` when nothing had been trained on it."""


@dataclass(frozen=True, slots=True)
class Pending:
    """An erasure that was accepted and whose list is not worked off."""

    tenant: str
    id: str


def waits_for(counts: Counts) -> tuple[str, ...]:
    """Say which trained weights still carry something of what went."""
    return TRAINED if counts.relationships.get(LEARNED) else ()
