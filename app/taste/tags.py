"""Cleans tags: one tag for all its spellings, and none that is everywhere, nearly nowhere, or says nothing."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from app.taste.values import Edges, Floats, Ints, Tagging, keep_best
from app.taste.words import is_generic, key_of

MAX_SHARE = 0.2
"""Tags on a larger share of the tagged products part nothing."""
MIN_PRODUCTS = 3
"""Tags on fewer products are one shop assistant's word."""
PER_PRODUCT = 12
"""Tags of a product that count, the rarest and heaviest."""
LONG = 8
"""Letters from which a tag that differs by one letter from one ``COMMONER`` times as common is a slip of the pen."""
COMMONER = 5


@dataclass(frozen=True)
class CleanTags:
    """Tags as they part products: ``names`` and ``facets`` by position, and who wears them how much."""

    names: tuple[str, ...]
    """In lower case, as most products spell it."""
    facets: tuple[str, ...]
    ids: tuple[str, ...]
    """The tag id that most products spell it by."""
    edges: Edges
    """From product to clean tag, 0 to 1: 1 for the heaviest tag of a product; sorted."""
    carriers: Ints
    """Products that wear each."""


def clean_tags(tagging: Tagging, named: Mapping[str, tuple[str, str]]) -> CleanTags:
    """Bring spellings together (case, number, gaps, slips) and leave out what is too common, too rare or generic.

    ``named`` gives name and facet by tag id; a tag without is called by its id. Of each product the ``PER_PRODUCT``
    tags that say most are kept. The first facet is that of the commonest spelling.
    """
    spelled = [named.get(id_, (id_.rpartition(":")[2], id_.partition(":")[0])) for id_ in tagging.tags]
    worn = np.bincount(tagging.edges.target, minlength=len(spelled))
    groups = _group(spelled, worn)
    tagged = len(np.unique(tagging.edges.source))
    number = np.full(len(spelled), -1, dtype=np.int64)
    for place, group in enumerate(groups):
        number[group] = place
    edges = _merge(tagging.edges, number)
    carriers = np.bincount(edges.target, minlength=len(groups))
    kept = np.flatnonzero((carriers >= MIN_PRODUCTS) & (carriers <= MAX_SHARE * tagged))
    place = np.full(len(groups), -1, dtype=np.int64)
    place[kept] = np.arange(len(kept))
    heads = [max(groups[group], key=lambda tag: (int(worn[tag]), -tag)) for group in kept.tolist()]
    edges = _scale(_merge(edges, place), carriers[kept], tagged)
    return CleanTags(
        names=tuple(spelled[head][0].strip().lower() for head in heads),
        facets=tuple(spelled[head][1] for head in heads),
        ids=tuple(tagging.tags[head] for head in heads),
        edges=edges,
        carriers=np.bincount(edges.target, minlength=len(kept)),
    )


def _group(spelled: Sequence[tuple[str, str]], worn: Ints) -> list[list[int]]:
    """Positions of tags that are one tag, in order of their first; generic ones are in none."""
    by_key: defaultdict[str, list[int]] = defaultdict(list)
    for place, (name, _) in enumerate(spelled):
        if not is_generic(name):
            by_key[key_of(name)].append(place)
    counts = {key: int(worn[places].sum()) for key, places in by_key.items()}
    for slip, meant in _slips(counts):
        by_key[meant] += by_key.pop(slip)
    return sorted((sorted(places) for places in by_key.values()), key=lambda places: places[0])


def _slips(counts: Mapping[str, int]) -> Iterable[tuple[str, str]]:
    """Pairs of keys, a rare one and the common one that it was meant to be: one letter too few, many or other."""
    by_shape: defaultdict[str, set[str]] = defaultdict(set)
    long = [key for key in counts if len(key) >= LONG and not any(letter.isdigit() for letter in key)]
    for key in long:
        for shape in _shapes(key):
            by_shape[shape].add(key)
    meant = set[str]()
    for slip in sorted(long, key=lambda key: (counts[key], key)):
        if slip in meant:
            continue
        near = {key for shape in _shapes(slip) for key in by_shape[shape]} - {slip}
        better = [key for key in near if counts[key] >= COMMONER * counts[slip]]
        if better:
            best = max(better, key=lambda key: (counts[key], key))
            meant.add(best)
            yield slip, best


def _shapes(key: str) -> Iterable[str]:
    """The key, and each way to leave one letter out; two words that share a shape are one letter apart, or nearly."""
    yield key
    for place in range(len(key)):
        yield f"{key[:place]}{key[place + 1 :]}"


def _merge(edges: Edges, number: Ints) -> Edges:
    """The edges with new targets, the heaviest of those that fall together; targets of -1 are dropped. Sorted."""
    target = number[edges.target]
    kept = target >= 0
    source, target, weight = edges.source[kept], target[kept], edges.weight[kept]
    order = np.lexsort((-weight, target, source))
    source, target, weight = source[order], target[order], weight[order]
    first = np.flatnonzero(np.diff(source, prepend=-1) | np.diff(target, prepend=-1))
    return Edges(source[first], target[first], weight[first])


def _scale(edges: Edges, carriers: Ints, products: int) -> Edges:
    """Keep what says most of a product, and scale by its heaviest tag."""
    rarity: Floats = np.log(1 + products / np.maximum(carriers, 1))
    chosen = keep_best(
        Edges(edges.source, edges.target, edges.weight * rarity[edges.target]), PER_PRODUCT, by=edges.source
    )
    weight = chosen.weight / rarity[chosen.target]
    heaviest = np.zeros(int(edges.source.max(initial=-1)) + 1)
    np.maximum.at(heaviest, chosen.source, weight)
    return Edges(chosen.source, chosen.target, weight / heaviest[chosen.source])
