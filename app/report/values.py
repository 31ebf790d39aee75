"""What the page is made of: told figures only."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.domain.brands import BrandRun, Facet, Niche
from app.domain.communities import Match, Told


@dataclass(frozen=True, slots=True)
class BrandView:
    """One brand in the plural."""

    brand: BrandRun
    facets: Sequence[Facet]
    niches: Sequence[Niche]


@dataclass(frozen=True, slots=True)
class Report:
    """All that a page shows; whatever is missing is said to be missing."""

    tenant: str
    run: str
    made_at: str
    k: int
    communities: Sequence[Told]
    """Largest first, none with too few members."""
    silent: int
    """How many have too few."""
    matches: Sequence[Match]
    brand: BrandView | None
