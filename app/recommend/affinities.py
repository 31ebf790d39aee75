"""What an identity is drawn to: tags, brands and microgenres, by how much of its own evidence is of them. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np

from app.domain.recommendation import Offer
from app.recommend.history import share_out
from app.recommend.model import RunModel
from app.taste.values import Floats

LEAST_PRODUCTS = 2
"""One product says what is liked, and nothing of its kind."""
_NAMED = 5
"""Products that are named as what an affinity rests on, those that count most."""
_Z = 1.96


@dataclass(frozen=True, slots=True)
class Affinity:
    """One thing that an identity is drawn to."""

    id: str
    label: str
    strength: float
    """Share of its evidence, 0 to 1; a product is of several tags, so shares of those do not add up to 1."""
    low: float
    """End of the 95 % interval: as if each like were drawn, by the effective number of likes."""
    high: float
    products: int
    """Of how many products the evidence is."""
    product_ids: tuple[str, ...]
    """Some of them, those that count most first."""


@dataclass(frozen=True, slots=True)
class Affinities:
    """All of one identity, each list strongest first."""

    tags: tuple[Affinity, ...] = ()
    brands: tuple[Affinity, ...] = ()
    microgenres: tuple[Affinity, ...] = ()

    @property
    def labels(self) -> frozenset[str]:
        """All names that are in it."""
        return frozenset(one.label for one in (*self.tags, *self.brands, *self.microgenres))

    def without(self, labels: frozenset[str]) -> "Affinities":
        """The same without what is called so."""
        kept = (
            tuple(one for one in some if one.label not in labels) for some in (self.tags, self.brands, self.microgenres)
        )
        return Affinities(*kept)

    def first(self, most: int) -> "Affinities":
        """The strongest of each."""
        return Affinities(self.tags[:most], self.brands[:most], self.microgenres[:most])


def find_affinities(offers: Sequence[Offer], weights: Floats, model: RunModel | None) -> Affinities:
    """Say what likes are of; ``weights`` is what is left of the evidence for each product now, 0 or more."""
    shares = share_out(weights)
    effective = 1 / float((shares**2).sum()) if shares.any() else 0.0

    def of(kinds: Iterable[Mapping[str, tuple[str, float]]]) -> tuple[Affinity, ...]:
        return _gather(offers, shares, effective, kinds)

    return Affinities(
        tags=of({tag: (_tag_name(tag, model), 1.0) for tag in offer.tags} for offer in offers),
        brands=of({offer.brand.lower(): (offer.brand, 1.0)} if offer.brand else {} for offer in offers),
        microgenres=of(genres_of(offer.id, model) for offer in offers),
    )


def _gather(
    offers: Sequence[Offer], shares: Floats, effective: float, kinds: Iterable[Mapping[str, tuple[str, float]]]
) -> tuple[Affinity, ...]:
    """Add up the shares of all products of each kind, a product's times how much it is of it."""
    found: dict[str, tuple[str, list[tuple[float, str]]]] = {}
    for offer, share, of_product in zip(offers, shares.tolist(), kinds, strict=True):
        for id_, (label, part) in of_product.items():
            if share > 0:
                found.setdefault(id_, (label, []))[1].append((share * part, offer.id))
    affinities = [
        _affinity(id_, label, rows, effective) for id_, (label, rows) in found.items() if len(rows) >= LEAST_PRODUCTS
    ]
    return tuple(sorted(affinities, key=lambda one: (-one.strength, one.id)))


def _affinity(id_: str, label: str, rows: Sequence[tuple[float, str]], effective: float) -> Affinity:
    strength = min(1.0, sum(share for share, _ in rows))
    low, high = _wilson(strength, effective)
    best = sorted(rows, key=lambda row: (-row[0], row[1]))[:_NAMED]
    return Affinity(
        id_, label, round(strength, 4), round(low, 4), round(high, 4), len(rows), tuple(one for _, one in best)
    )


def _wilson(share: float, count: float) -> tuple[float, float]:
    """Wilson's interval of a share of a number of likes."""
    middle = (share + _Z**2 / (2 * count)) / (1 + _Z**2 / count)
    half = _Z * sqrt(share * (1 - share) / count + _Z**2 / (4 * count**2)) / (1 + _Z**2 / count)
    return max(0.0, middle - half), min(1.0, middle + half)


def _tag_name(id_: str, model: RunModel | None) -> str:
    anchor = model.anchor_of.get(f"tag {id_}") if model else None
    return model.anchor_names[anchor] if model and anchor is not None else id_.partition(":")[2] or id_


def genres_of(product_id: str, model: RunModel | None) -> dict[str, tuple[str, float]]:
    """Microgenres of a product, and how much of it each has; those that have a name."""
    place = model.place_of.get(product_id) if model else None
    if model is None or place is None or place >= len(model.in_genre):
        return {}
    start, end = model.in_genre.starts[place : place + 2].tolist()
    weights = model.in_genre.weights[start:end].astype(np.float64)
    parts: list[float] = (weights / weights.sum()).tolist() if len(weights) and weights.sum() > 0 else []
    genres: list[int] = model.in_genre.targets[start:end].tolist()
    return {
        model.genres[genre]: (model.genre_labels[genre], part)
        for genre, part in zip(genres, parts, strict=False)
        if model.genre_labels[genre]
    }
