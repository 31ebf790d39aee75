"""A brand in the plural: what it is to each community, and where it could be more; as a run published it."""

from dataclasses import dataclass
from typing import Literal

from app.domain.disclosure import Figure, Noisy

AspectKind = Literal["product", "tag", "microgenre"]


@dataclass(frozen=True, slots=True)
class FoundAspect:
    """A product, tag or microgenre among a community's buyers of a brand."""

    kind: AspectKind
    id: str
    label: str
    buyers: Noisy
    overall: Noisy


@dataclass(frozen=True, slots=True)
class FoundFacet:
    """What a community buys of a brand."""

    community_id: str
    label: str | None
    size: Noisy
    people: Noisy
    """All who count."""
    buyers: Noisy
    overall: Noisy
    """Buyers of the brand among them."""
    aspects: tuple[FoundAspect, ...]


@dataclass(frozen=True, slots=True)
class FoundSimilar:
    """A brand of the same microgenres that sells in a community."""

    id: str
    label: str
    buyers: Noisy
    products: tuple[tuple[str, str], ...]
    """(id, title)."""


@dataclass(frozen=True, slots=True)
class FoundFit:
    """A microgenre of the brand that a community buys in more often than others."""

    id: str
    label: str
    lift: Figure


@dataclass(frozen=True, slots=True)
class FoundNiche:
    """A community that buys a brand less than its microgenres let expect."""

    community_id: str
    label: str | None
    size: Noisy
    buyers: Noisy
    overall: Noisy
    expected: Noisy
    """Buyers that were to be expected."""
    spread: float
    fits: tuple[FoundFit, ...]
    entry_products: tuple[tuple[str, str], ...]
    """Products (id, title) that fit best."""
    similar: tuple[FoundSimilar, ...]


@dataclass(frozen=True, slots=True)
class BrandRun:
    """A brand and the run that was learned from."""

    id: str
    name: str
    run: str | None


@dataclass(frozen=True, slots=True)
class Aspect:
    """A product, tag or microgenre of a brand as a community knows it."""

    kind: AspectKind
    id: str
    label: str
    here: Figure
    """Share of the brand's buyers in the community."""
    overall: Figure
    """Share of the brand's buyers anywhere."""
    lift: Figure


@dataclass(frozen=True, slots=True)
class Facet:
    """What a brand is to one community."""

    community_id: str
    label: str | None
    size: int
    share: Figure
    """Of the community, who buys the brand."""
    overall_share: Figure
    aspects: tuple[Aspect, ...]


@dataclass(frozen=True, slots=True)
class Fit:
    """A microgenre of the brand that fits the community's taste."""

    id: str
    label: str
    lift: Figure


@dataclass(frozen=True, slots=True)
class Similar:
    """What a similar brand sells in the community."""

    id: str
    label: str
    share: Figure
    products: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Niche:
    """Where a brand could be more."""

    community_id: str
    label: str | None
    size: int
    expected_share: Figure
    actual_share: Figure
    """``value`` is ``None`` and ``high`` about the most it can be where the buyers may be fewer than k."""
    extra_buyers: Figure
    """Expected less actual buyers, the fewest that it can be where the actual ones are not told."""
    fits: tuple[Fit, ...]
    entry_products: tuple[tuple[str, str], ...]
    similar: tuple[Similar, ...]
