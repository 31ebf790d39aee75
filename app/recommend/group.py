"""Recommends brands, categories or microgenres: those of the best products, each once, by its best product. Pure."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace

from app.domain.catalogue import category_path
from app.domain.recommendation import Group, Item, Kind
from app.recommend.affinities import genres_of
from app.recommend.model import RunModel

CANDIDATES = 20
"""Products that are looked at for each place: many of the best ones are of one brand."""
MOST = 1_000


def places_for(places: int) -> int:
    """Return how many products to rank for so many places."""
    return min(MOST, CANDIDATES * places)


def one_each(
    items: Sequence[Item], kind: Kind, model: RunModel | None, unwanted: Collection[str] = ()
) -> tuple[Item, ...]:
    """Keep of each brand, category or microgenre the best product, best first; a product stands for one alone.

    What is of none, or of none but such as have their place, is left out. ``items`` are best first; ``unwanted`` are
    ids of what is not recommended, although products that are partly of it are.
    """
    taken = {*unwanted}
    kept: list[Item] = []
    for item in items:
        group = next((one for one in _groups_of(item, kind, model) if one.id not in taken), None)
        if group is not None:
            taken.add(group.id)
            kept.append(replace(item, group=group, rank=len(kept) + 1))
    return tuple(kept)


def _groups_of(item: Item, kind: Kind, model: RunModel | None) -> Iterator[Group]:
    """What of the kind a product is of, that which it is most first."""
    offer = item.offer
    if kind == "brands" and offer and offer.brand:
        yield Group(offer.brand.lower(), offer.brand)
    elif kind == "categories" and offer and offer.category:
        yield Group(category_path(offer.category).lower(), offer.category)
    elif kind == "microgenres":
        genres = sorted(genres_of(item.product_id, model).items(), key=lambda one: (-one[1][1], one[0]))
        yield from (Group(id_, label) for id_, (label, _) in genres)
