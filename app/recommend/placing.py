"""Where a creative's content places it: among taste communities, and with which products it may be shown. Pure."""

from collections.abc import Iterable

import numpy as np

from app.domain.catalogue import category_path, holds
from app.domain.creatives import Creative
from app.domain.recommendation import Offer
from app.recommend.model import NOWHERE, Rows, RunModel
from app.taste.values import Floats, Ints

MOST_FIT = 2.0
"""How many times better than usual content may make a creative believed to be before anything is known; or worse."""
_SMALL = 0.02
"""Added to both shares, so that a community of few products is not placed by one of them."""


def fits_product(creative: Creative, offer: Offer, model: RunModel | None) -> bool:
    """Say whether a creative may be shown with a product."""
    about = creative.about
    if about.is_anything or offer.id in about.product_ids:
        return True
    if offer.brand is not None and offer.brand.casefold() in {brand.casefold() for brand in about.brands}:
        return True
    category = category_path(offer.category or "").casefold()
    if any(holds(category_path(one).casefold(), category) for one in about.categories):
        return True
    return bool(about.microgenres) and not _genres_of(offer.id, model).isdisjoint(about.microgenres)


def fit(creative: Creative, community: str, model: RunModel | None) -> float:
    """Say how a creative's content suits a community: 1 for as usual, up to ``MOST_FIT``, down to its inverse.

    It is placed where the products are at home that it is for, and those that have its tags.
    """
    if model is None or community not in model.communities:
        return 1.0
    place = model.communities.index(community)
    shares = _shares(creative, model)
    if shares is None:
        return 1.0
    lift = (shares[place] + _SMALL) / (float(model.baseline_share[place]) + _SMALL)
    return float(np.clip(lift, 1 / MOST_FIT, MOST_FIT))


def _genres_of(product_id: str, model: RunModel | None) -> frozenset[str]:
    place = NOWHERE if model is None else model.place_of.get(product_id, NOWHERE)
    if model is None or place == NOWHERE or place >= len(model.in_genre):
        return frozenset()
    genres: list[int] = _row(model.in_genre, place).tolist()
    return frozenset(model.genres[genre] for genre in genres)


def _shares(creative: Creative, model: RunModel) -> Floats | None:
    """Share of its products in each community; ``None`` where the run knows none of them."""
    places = np.concatenate([np.zeros(0, np.int64), *_products_of(creative, model)])
    homes = model.homes[places[places >= 0]]
    homes = homes[homes >= 0]
    if not len(homes):
        return None
    return np.bincount(homes, minlength=len(model.communities)) / len(homes)


def _products_of(creative: Creative, model: RunModel) -> Iterable[Ints]:
    about = creative.about
    yield model.places(about.product_ids)
    anchors = [model.anchor_of.get(f"brand {brand.lower()}", NOWHERE) for brand in about.brands]
    paths = [category_path(one).lower() for one in about.categories]
    anchors += [model.anchor_of.get(f"tag category:{path}", NOWHERE) for path in paths]
    for tag in creative.tags:
        known = model.anchor_of.get(f"tag {tag.id}", NOWHERE)
        anchors += [known] if known != NOWHERE else model.tags_named.get(tag.name, [])
    for anchor in anchors:
        if anchor != NOWHERE:
            yield _row(model.popular, anchor)
    for genre in about.microgenres:
        if genre in model.genres:
            yield _row(model.by_genre, model.genres.index(genre))


def _row(rows: Rows, row: int) -> Ints:
    return rows.targets[rows.starts[row] : rows.starts[row + 1]].astype(np.int64)
