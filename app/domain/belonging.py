"""The views that are computed from links: a person, a household, what a link would change. Frozen values, no I/O."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from app.domain.component import Conflict, Group
from app.domain.models import IdentityKind


@dataclass(frozen=True, slots=True)
class Belonging:
    """How somebody or something belongs to a view."""

    id: str
    through: tuple[str, ...]
    """``asserted``, types of identifiers (never a value), or the kinds of things in between."""
    kind: IdentityKind | None = None
    """Of an identity."""


@dataclass(frozen=True, slots=True)
class PersonView:
    """Who and what belongs to a person."""

    id: str
    identities: Sequence[Belonging]
    accounts: Sequence[Belonging]
    households: Sequence[Belonging]
    conflicts: Sequence[Conflict] = ()
    """What was refused around this person, whether settled or not."""
    is_complete: bool = True
    """False when more hangs together than one walk visits."""


@dataclass(frozen=True, slots=True)
class HouseholdView:
    """Who and what belongs to a household."""

    id: str
    persons: Sequence[Belonging]
    accounts: Sequence[Belonging]
    identities: Sequence[Belonging]
    is_complete: bool = True


Verdict = Literal[
    "joins",
    "parts",
    "changes_nothing",
    "conflict",
    "below_min_confidence",
    "never_joins_class",
    "never_joins_kind",
    "blocked",
    "over_cap",
    "no_consent",
    "not_live",
    "joins_nobody",
]


@dataclass(frozen=True, slots=True)
class Home:
    """Who lives in a household, as a link would leave it."""

    id: str
    persons: tuple[str, ...]
    accounts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Naming:
    """Whom an identifier names."""

    type: str
    before: str | None
    """Id of the identity; ``None``: nobody, the answer would be anonymous."""
    after: str | None


@dataclass(frozen=True, slots=True)
class LinkEffect:
    """What a link would change; nothing is written."""

    verdict: Verdict
    """The rule that speaks."""
    before: tuple[Group, ...]
    """Groups that would change, as they are."""
    after: tuple[Group, ...]
    homes_before: tuple[Home, ...] = ()
    homes_after: tuple[Home, ...] = ()
    namings: tuple[Naming, ...] = ()
    """Identifiers that would name somebody else, or nobody; recommendations of an identity never change by a link."""
    conflicts: tuple[Conflict, ...] = ()
    """What it would bring into conflict."""
    is_complete: bool = True
