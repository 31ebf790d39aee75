"""How the identifiers of a tenant are: what is quarantined and why, and how far identities hang together. No I/O."""

from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass

from app.domain.identity_rules import IdentifierClass, IdentityRules
from app.domain.models import IdentityKind
from app.domain.resolution import NAMING

NEVER_JOINED: tuple[IdentityKind, ...] = ("shared", "household", "anonymous")
"""Kinds of identities that no identifier makes one with others."""

_STEPS = (1, 2, 3, 4, 5, 10, 50)
"""Where the steps of the histogram begin."""


@dataclass(frozen=True, slots=True)
class TypeCount:
    """Identifiers of one type."""

    type: str
    number: int
    blocked: int
    """Values that stand for nobody in particular."""
    over_cap: int
    """Others that belong to more identities than their class allows."""


@dataclass(frozen=True, slots=True)
class Connector:
    """A value that many identities are known by."""

    type: str
    prefix: str
    """The first eight characters of its digest."""
    degree: int
    """Identities, by links that are live."""
    quarantined: bool


@dataclass(frozen=True, slots=True)
class IdentifierFacts:
    """What one bounded read finds."""

    identities: int
    identifiers: int
    """All there are."""
    types: tuple[TypeCount, ...]
    """Of those that were looked at."""
    connectors: tuple[Connector, ...]
    joins: Sequence[Sequence[Hashable]]
    """Identities, each list joined by one person or one identifier that is its own."""


@dataclass(frozen=True, slots=True)
class Step:
    """Components of ``smallest`` to ``largest`` identities; ``None``: of any more."""

    smallest: int
    largest: int | None
    components: int


@dataclass(frozen=True, slots=True)
class IdentifierHealth:
    """What an operator should know of the identifiers."""

    identities: int
    identifiers: int
    looked_at: int
    """Identifiers that the figures are of."""
    by_class: dict[IdentifierClass, int]
    types: tuple[TypeCount, ...]
    connectors: tuple[Connector, ...]
    """The ten that belong to the most identities, largest first."""
    components: tuple[Step, ...]
    """How many identities hang together by live links that are not shared; steps without any are left out."""
    largest: tuple[int, ...]
    """The sizes of the ten largest components."""

    @property
    def quarantined(self) -> int:
        """Values that resolve to nobody for now."""
        return sum(one.blocked + one.over_cap for one in self.types)


def health_of(facts: IdentifierFacts, rules: IdentityRules) -> IdentifierHealth:
    """Judge what was found by a tenant's rules."""
    by_class = Counter[IdentifierClass]()
    for one in facts.types:
        by_class[rules.class_of(one.type)] += one.number
    sizes = component_sizes(facts.joins)
    alone = max(0, facts.identities - sum(sizes))
    return IdentifierHealth(
        identities=facts.identities,
        identifiers=facts.identifiers,
        looked_at=sum(one.number for one in facts.types),
        by_class=dict(by_class),
        types=facts.types,
        connectors=facts.connectors,
        components=_histogram(Counter(sizes) + Counter({1: alone})),
        largest=tuple(sizes[:10] or [1][:alone]),
    )


def naming_types(rules: IdentityRules) -> list[str]:
    """Types of identifiers that may name and join identities."""
    return sorted(type_ for type_, class_ in rules.classes.items() if class_ in NAMING)


def component_sizes(joins: Iterable[Sequence[Hashable]]) -> list[int]:
    """Sizes of the sets that overlapping lists make together, largest first."""
    parent: dict[Hashable, Hashable] = {}

    def root(one: Hashable) -> Hashable:
        while (above := parent.setdefault(one, one)) != one:
            parent[one] = one = parent[above]
        return one

    for first, *others in joins:
        for other in others:
            parent[root(other)] = root(first)
    return sorted(Counter(root(one) for one in list(parent)).values(), reverse=True)


def _histogram(number_by_size: Counter[int]) -> tuple[Step, ...]:
    bounds = [*zip(_STEPS, (step - 1 for step in _STEPS[1:]), strict=False), (_STEPS[-1], None)]
    steps = (
        Step(low, high, sum(n for size, n in number_by_size.items() if low <= size and (high is None or size <= high)))
        for low, high in bounds
    )
    return tuple(step for step in steps if step.components)
