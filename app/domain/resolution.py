"""Who identifiers name: one identity, or nobody as soon as there is doubt. No I/O."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from app.domain.identity_rules import IdentifierClass
from app.domain.models import IdentityKind
from app.domain.recommendation import Method

NAMING: tuple[IdentifierClass, ...] = ("unique", "strong")
"""Classes that may name somebody, the one that decides first in front."""

OF_SEVERAL: frozenset[IdentityKind] = frozenset({"shared", "household"})
"""Kinds of identities that several people stand behind."""

Why = Literal[
    "asserted",
    "named_by_unique",
    "named_by_strong",
    "nothing_given",
    "not_known",
    "not_naming",
    "quarantined",
    "several_identities",
    "shared_value",
    "contradicting_values",
]


@dataclass(frozen=True, slots=True)
class Candidate:
    """An identity that is known by a value, through links that are live."""

    identity_id: str
    kind: IdentityKind
    confidence: float
    """Of the strongest of its links."""
    unique_types: frozenset[str] = frozenset()
    """Types of unique class of which it is known by some value."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the graph holds about one identifier that was given."""

    type: str
    digest: str
    """Tells two values of one type apart."""
    class_: IdentifierClass
    blocked: bool = False
    cap: int = 5
    """Most identities that it may belong to."""
    candidates: tuple[Candidate, ...] = ()
    """All that are known by it, whatever the confidence; one entry an identity."""

    @property
    def quarantined(self) -> bool:
        """Whether it resolves to nobody for now: by what it says, or by how many it is said of."""
        return self.blocked or len(self.candidates) > self.cap


@dataclass(frozen=True, slots=True)
class Resolution:
    """Who it is and how we know."""

    identity_id: str | None
    method: Method
    why: Why


def resolve(given: Iterable[Evidence], min_confidence: float) -> Resolution:
    """Name the one identity that the values of the highest class that knows anybody agree on.

    A value that is quarantined, or known only by links below ``min_confidence``, counts as not given; shared and
    ephemeral ones never name anybody. Nobody is named when two identities come into question, when the one behind
    the value is shared and the value not its own, or when a unique value speaks against the one that was found.
    """
    evidence = list(given)
    naming = [one for one in evidence if one.class_ in NAMING]
    usable = [one for one in naming if not one.quarantined]
    if not usable:
        return _nobody(_why_unusable(evidence, naming))
    for class_ in NAMING:
        deciding = [one for one in usable if one.class_ == class_]
        found = {c.identity_id: c for one in deciding for c in one.candidates if c.confidence >= min_confidence}
        if found:
            return _only(list(found.values()), deciding, usable, class_)
    return _nobody("not_known")


def _only(
    found: Sequence[Candidate], deciding: Sequence[Evidence], usable: Sequence[Evidence], class_: IdentifierClass
) -> Resolution:
    """Name the one candidate of the deciding class unless something speaks against it."""
    if len(found) > 1:
        return _nobody("several_identities")
    candidate = found[0]
    if candidate.kind in OF_SEVERAL and not _owns_all(candidate, deciding):
        return _nobody("shared_value")
    if _contradicted(candidate, [one for one in usable if one.class_ == "unique"]):
        return _nobody("contradicting_values")
    return Resolution(candidate.identity_id, "resolved", "named_by_unique" if class_ == "unique" else "named_by_strong")


def _owns_all(candidate: Candidate, deciding: Sequence[Evidence]) -> bool:
    return all(len(one.candidates) == 1 for one in deciding if _knows(one, candidate))


def _contradicted(candidate: Candidate, unique: Sequence[Evidence]) -> bool:
    """Whether a unique value is given that is another's, however weakly, or would be a second one of its type."""
    values = {(one.type, one.digest) for one in unique}
    if len(values) > len({type_ for type_, _ in values}):
        return True
    foreign = [one for one in unique if not _knows(one, candidate)]
    return any(one.candidates or one.type in candidate.unique_types for one in foreign)


def _knows(evidence: Evidence, candidate: Candidate) -> bool:
    return any(one.identity_id == candidate.identity_id for one in evidence.candidates)


def _why_unusable(evidence: Sequence[Evidence], naming: Sequence[Evidence]) -> Why:
    if not evidence:
        return "nothing_given"
    return "quarantined" if naming else "not_naming"


def _nobody(why: Why) -> Resolution:
    return Resolution(None, "anonymous", why)
