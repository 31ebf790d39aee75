"""Use case: a brand in the plural. What it is to each community, and in which it is less than it could be."""

import math
from collections.abc import Sequence
from typing import Protocol

from app.domain.brands import Aspect, BrandRun, Facet, Fit, FoundAspect, FoundFacet, FoundNiche, Niche, Similar
from app.domain.disclosure import NOT_ENOUGH, Disclosure, Figure, significant
from app.domain.errors import NotFoundError
from app.taste.figures import lift, share
from app.taste.noise import REACH
from app.taste.sensitive import is_sensitive

_Z = 1.959964


class BrandStore(Protocol):
    """Where it is published who buys which brand."""

    async def read_facets(self, tenant: str, brand_id: str) -> tuple[BrandRun, list[FoundFacet]] | None:
        """What communities buy of a brand; ``None`` when there is no such brand."""
        ...

    async def read_niches(self, tenant: str, brand_id: str, least: int) -> tuple[BrandRun, list[FoundNiche]] | None:
        """Communities that buy a brand less than expected, of ``least`` noisy people and more; ``None`` without it."""
        ...


class BrandGuide:
    """Shows a brand in the plural; nothing of what may be fewer than k buyers."""

    def __init__(self, store: BrandStore, rule: Disclosure) -> None:
        self._store = store
        self._rule = rule

    async def facets(self, tenant: str, brand_id: str) -> tuple[BrandRun, list[Facet]]:
        """What a brand is to each community of which k buy it, most of them first; ``NotFoundError``."""
        found = await self._store.read_facets(tenant, brand_id)
        if found is None:
            raise NotFoundError("There is no such brand.")
        brand, facets = found
        told = [tell_facet(self._rule, one) for one in facets if not self._rule.is_too_few(one.buyers, one.size)]
        return brand, sorted(told, key=lambda one: (-(one.share.value or 0.0), one.community_id))

    async def niches(self, tenant: str, brand_id: str) -> tuple[BrandRun, list[Niche]]:
        """Communities whose taste fits and that buy less than expected, most missing first; ``NotFoundError``."""
        found = await self._store.read_niches(tenant, brand_id, self._rule.k + REACH)
        if found is None:
            raise NotFoundError("There is no such brand.")
        brand, niches = found
        told = [tell_niche(self._rule, one) for one in niches if _is_niche(self._rule, one)]
        known = [one for one in told if one.extra_buyers.value is not None and one.extra_buyers.value > 0]
        return brand, sorted(known, key=lambda one: (-(one.extra_buyers.value or 0.0), one.community_id))


def tell_facet(rule: Disclosure, found: FoundFacet) -> Facet:
    """Tell what a brand is to a community of which k buy it; nothing that tells of more than taste."""
    return Facet(
        found.community_id,
        found.label,
        found.size.people,
        share(rule, found.buyers, found.size),
        share(rule, found.overall, found.people),
        tuple(
            _tell_aspect(rule, found, one)
            for one in found.aspects
            if not rule.is_too_few(one.buyers) and not is_sensitive(one.label)
        ),
    )


def _tell_aspect(rule: Disclosure, facet: FoundFacet, found: FoundAspect) -> Aspect:
    return Aspect(
        found.kind,
        found.id,
        found.label,
        share(rule, found.buyers, facet.buyers),
        share(rule, found.overall, facet.overall),
        lift(rule, (found.buyers, facet.buyers), (found.overall, facet.overall)),
    )


def _is_niche(rule: Disclosure, found: FoundNiche) -> bool:
    """Whether taste fits, and published numbers alone already say that fewer buy than chance lets expect."""
    if not found.fits or rule.is_too_few(found.size, found.overall):
        return False
    return _buyers(rule, found)[2] < _expected(found)[1]


def _expected(found: FoundNiche) -> tuple[float, float, float]:
    """Expected buyers with the range that chance and noise leave to a community that buys like others."""
    half = _Z * math.hypot(found.spread, found.expected.spread)
    return found.expected.value, max(0.0, found.expected.value - half), found.expected.value + half


def _buyers(rule: Disclosure, found: FoundNiche) -> tuple[float, float, float]:
    """Buyers with the range that noise leaves; where they are not published, the fewest that would be."""
    half = _Z * found.buyers.spread
    if rule.is_too_few(found.buyers):
        least = rule.k + found.buyers.reach
        return least, 0.0, least + half
    return found.buyers.value, max(0.0, found.buyers.value - half), found.buyers.value + half


def tell_niche(rule: Disclosure, found: FoundNiche) -> Niche:
    """Tell of a community of k and more; how many buy is told from k on, below only that they are fewer."""
    size = found.size.people
    (expected, low, high), (actual, least, most) = _expected(found), _buyers(rule, found)
    shares = (significant(min(1.0, one / size)) for one in (expected, low, high))
    return Niche(
        found.community_id,
        found.label,
        size,
        Figure(*shares, n=size),
        _actual_share(rule, found, most),
        Figure(significant(expected - actual), significant(low - most), significant(high - least), size),
        tuple(Fit(one.id, one.label, one.lift) for one in found.fits),
        tuple(product for product in found.entry_products if not is_sensitive(product[1])),
        _similar(rule, found),
    )


def _actual_share(rule: Disclosure, found: FoundNiche, most: float) -> Figure:
    size = found.size.people
    if rule.is_too_few(found.buyers):
        return Figure(None, 0.0, significant(min(1.0, most / size)), size, NOT_ENOUGH)
    return share(rule, found.buyers, found.size)


def _similar(rule: Disclosure, found: FoundNiche) -> tuple[Similar, ...]:
    kept: Sequence[Similar] = [
        Similar(one.id, one.label, share(rule, one.buyers, found.size), one.products)
        for one in found.similar
        if not rule.is_too_few(one.buyers)
    ]
    return tuple(kept)
