"""Use case: a brand in the plural. What it is to each community, and in which it is less than it could be."""

from collections.abc import Sequence
from typing import Protocol

from app.domain.brands import Aspect, BrandRun, Facet, Fit, FoundAspect, FoundFacet, FoundNiche, Niche, Similar
from app.domain.disclosure import NOT_ENOUGH, Disclosure, Figure, significant
from app.domain.errors import NotFoundError
from app.taste.sensitive import is_sensitive
from app.taste.told import tell_lift, tell_share

_Z = 1.959964


class BrandStore(Protocol):
    """Where the active run says who buys which brand."""

    async def read_facets(self, tenant: str, brand_id: str) -> tuple[BrandRun, list[FoundFacet]] | None:
        """What communities buy of a brand; ``None`` when there is no such brand."""
        ...

    async def read_niches(self, tenant: str, brand_id: str, least: int) -> tuple[BrandRun, list[FoundNiche]] | None:
        """Communities that buy a brand less than expected; ``None`` when there is no such brand."""
        ...


class BrandGuide:
    """Shows a brand in the plural; nothing of fewer than k buyers."""

    def __init__(self, store: BrandStore, rule: Disclosure) -> None:
        self._store = store
        self._rule = rule

    async def facets(self, tenant: str, brand_id: str) -> tuple[BrandRun, list[Facet]]:
        """What a brand is to each community of which k buy it, most of them first; ``NotFoundError``."""
        found = await self._store.read_facets(tenant, brand_id)
        if found is None:
            raise NotFoundError("There is no such brand.")
        brand, facets = found
        told = [
            tell_facet(self._rule, one, brand.people)
            for one in facets
            if not self._rule.is_too_few(min(one.buyers, one.size))
        ]
        return brand, sorted(told, key=lambda one: (-(one.share.value or 0.0), one.community_id))

    async def niches(self, tenant: str, brand_id: str) -> tuple[BrandRun, list[Niche]]:
        """Communities whose taste fits and that buy less than expected, most missing first; ``NotFoundError``."""
        found = await self._store.read_niches(tenant, brand_id, self._rule.k)
        if found is None:
            raise NotFoundError("There is no such brand.")
        brand, niches = found
        told = [tell_niche(self._rule, one) for one in niches if _is_niche(self._rule, one)]
        known = [one for one in told if one.extra_buyers.value is not None and one.extra_buyers.value > 0]
        return brand, sorted(known, key=lambda one: (-(one.extra_buyers.value or 0.0), one.community_id))


def tell_facet(rule: Disclosure, found: FoundFacet, people: int) -> Facet:
    """Tell what a brand is to a community of which k buy it; nothing that tells of more than taste."""
    return Facet(
        found.community_id,
        found.label,
        rule.count(found.size) or 0,
        tell_share(rule, found.buyers, found.size),
        tell_share(rule, found.overall, people),
        tuple(
            _tell_aspect(rule, found, one)
            for one in found.aspects
            if not rule.is_too_few(one.buyers) and not is_sensitive(one.label)
        ),
    )


def _tell_aspect(rule: Disclosure, facet: FoundFacet, found: FoundAspect) -> Aspect:
    lift = found.buyers / facet.buyers / (found.overall / facet.overall)
    return Aspect(
        found.kind,
        found.id,
        found.label,
        tell_share(rule, found.buyers, facet.buyers),
        tell_share(rule, found.overall, facet.overall),
        tell_lift(rule, lift, found.buyers),
    )


def _is_niche(rule: Disclosure, found: FoundNiche) -> bool:
    """Whether taste fits, and told figures alone already say that fewer buy than chance lets expect."""
    fits = [one for one in found.fits if not rule.is_too_few(one.support)]
    if not fits or rule.is_too_few(found.size) or rule.is_too_few(found.overall):
        return False
    return rule.most(found.buyers) < _told_expected(rule, found)[1]


def _told_expected(rule: Disclosure, found: FoundNiche) -> tuple[float, float, float]:
    """Expected buyers as they are told, with the range that chance leaves to a community that buys like others."""
    middle = significant(found.expected)
    return middle, max(0.0, significant(middle - _Z * found.spread)), significant(middle + _Z * found.spread)


def tell_niche(rule: Disclosure, found: FoundNiche) -> Niche:
    """Tell of a community of k and more; how many buy is told from k on, below only that they are fewer."""
    size = rule.count(found.size) or 0
    middle_size = rule.middle(found.size) or 1.0
    middle, low, high = _told_expected(rule, found)
    shares = (min(1.0, one / middle_size) for one in (middle, low, high))
    actual = rule.middle(found.buyers)
    most, least = rule.most(found.buyers), rule.count(found.buyers) or 0
    extra = significant(middle - most) if actual is None else significant(middle - actual)
    return Niche(
        found.community_id,
        found.label,
        size,
        Figure(*(significant(one) for one in shares), n=size),
        _actual_share(rule, found, size),
        Figure(extra, significant(low - most), significant(high - least), size),
        tuple(Fit(one.id, one.label, tell_lift(rule, one.lift, one.support)) for one in found.fits),
        tuple(door for door in found.doors if not is_sensitive(door[1])),
        _similar(rule, found),
    )


def _actual_share(rule: Disclosure, found: FoundNiche, size: int) -> Figure:
    if rule.is_too_few(found.buyers):
        return Figure(None, 0.0, significant(min(1.0, rule.most(found.buyers) / size)), size, NOT_ENOUGH)
    return tell_share(rule, found.buyers, found.size)


def _similar(rule: Disclosure, found: FoundNiche) -> tuple[Similar, ...]:
    kept: Sequence[Similar] = [
        Similar(one.id, one.label, tell_share(rule, one.buyers, found.size), one.products)
        for one in found.similar
        if not rule.is_too_few(one.buyers)
    ]
    return tuple(kept)
