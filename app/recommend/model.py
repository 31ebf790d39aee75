"""What a run learned, as arrays: products, their item-item weights, communities, microgenres, popularity, intervals.

It holds no identity. Everything is read from records of the run in the graph (``app/graph/models.py``), or from the
file that a refresh wrote of them (``model_file.py``); the arrays of a file are mapped into memory, not copied.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from app.taste.values import Floats, Ints

Places = NDArray[np.int32]
Weights = NDArray[np.float32]

CATEGORY_ANCHOR = "tag category:"
"""How the anchor of a category begins; its levels follow, in lower case."""

RARE = 0.1
"""Added to a product's share of the most liked one's likers, so that chance makes nothing rare without end."""

NOWHERE = -1
"""Place of what the run does not know."""


@dataclass(frozen=True, slots=True)
class Rows:
    """A sparse matrix by rows (CSR): row ``n`` reaches ``targets[starts[n]:starts[n + 1]]`` with these ``weights``."""

    starts: Ints
    """One more than there are rows."""
    targets: Places
    weights: Weights

    def __len__(self) -> int:
        return len(self.starts) - 1

    def spread(self, rows: Ints, factors: Floats) -> "Spread":
        """Every entry of some rows, times the factor of its row; rows below 0 are empty."""
        if not len(self):
            rows = np.zeros(0, np.int64)
            return Spread(self.targets[:0], np.zeros(0), rows)
        known = np.maximum(rows, 0)
        lengths = np.where(rows >= 0, self.starts[known + 1] - self.starts[known], 0)
        ends = np.cumsum(lengths)
        entries = np.repeat(self.starts[known] - (ends - lengths), lengths) + np.arange(ends[-1] if len(ends) else 0)
        return Spread(self.targets[entries], self.weights[entries] * np.repeat(factors, lengths), lengths)


@dataclass(frozen=True, slots=True)
class Spread:
    """Entries of several rows, one after the other."""

    targets: Places
    values: Floats
    lengths: Ints
    """How many entries are of each row."""

    @property
    def origins(self) -> Ints:
        """Of which row each entry is, by its place among those that were asked for."""
        return np.repeat(np.arange(len(self.lengths)), self.lengths)


def add_up(places: Ints | Places, values: Floats, count: int) -> Floats:
    """Sum of the values at each place from 0 to ``count``."""
    return np.bincount(places, weights=values, minlength=count).astype(np.float64, copy=False)


def rows_of(count: int, sources: Ints, targets: Ints, weights: Floats) -> Rows:
    """Rows from entries in any order; within a row by target."""
    order = np.lexsort((targets, sources))
    starts = np.concatenate([[0], np.cumsum(np.bincount(sources, minlength=count))]).astype(np.int64)
    return Rows(starts, targets[order].astype(np.int32), weights[order].astype(np.float32))


@dataclass(frozen=True)
class RunModel:
    """One run's model. Lists of ids are sorted, and each is the axis of the arrays that follow it."""

    run: str
    version: str
    """Version of the code that learned it."""

    products: tuple[str, ...]
    likers: Weights
    """How many identities like each product."""
    full_price: Weights
    """How much more of what speaks for each product speaks for buying it at full price than of all products, 1 as much;
    what is asked with ``objective`` ``full_price`` is multiplied by it."""
    groups: Places
    """A number for each product; variants, which are one to a customer, have the same."""
    most_likers: int
    """... and the one that most like, as the source weights were learned."""
    similar: Rows
    """Item-item weights, shape (products, products): from what is liked to what it is evidence for."""
    next: Rows
    """What people come to next, shape (products, products): from the earlier to the later."""
    repeat_share: Weights
    """Share of a product's buyers who bought it again, smoothed; 0 where nobody did."""
    repeat_days: Weights
    """Median days between two purchases of one buyer; 0 where nobody bought it again."""

    communities: tuple[str, ...]
    """Ids of taste communities, in the order of their nodes."""
    community_labels: tuple[str, ...]
    """"" where too few belong to it to be named."""
    baseline_share: Weights
    """Mean share of an identity's likes in each community."""
    homes: Places
    """Community of each product, ``NOWHERE`` for none."""
    favourites: Rows
    """Shape (communities, products)."""

    genres: tuple[str, ...]
    genre_labels: tuple[str, ...]
    in_genre: Rows
    """Shape (products, microgenres)."""

    anchors: tuple[str, ...]
    """What popular products are listed for: ``""`` (the whole shop), ``"tag <id>"``, ``"brand <id>"``."""
    anchor_names: tuple[str, ...]
    popular: Rows
    """Shape (anchors, products)."""

    brackets: Ints
    """Shortest history of each bracket for which source weights were learned, ascending; at least one."""
    followed_weight: Floats
    community_weight: Floats
    popularity_weight: Floats
    next_weight: Floats
    """Of what comes next, beside similar products' 1; 0 where order is no help."""
    rarity_weight: Floats
    """On a shelf scores are multiplied by ``rarity`` to the power of this; 0 on a ranking."""
    fading: float
    """What is left of a like for each later visit of its identity, above 0, up to 1."""

    @cached_property
    def place_of(self) -> dict[str, int]:
        """Place of each product by its id."""
        return {id_: place for place, id_ in enumerate(self.products)}

    @cached_property
    def anchor_of(self) -> dict[str, int]:
        """Place of each anchor."""
        return {id_: place for place, id_ in enumerate(self.anchors)}

    @cached_property
    def tags_named(self) -> dict[str, list[int]]:
        """Places of the tags of one name."""
        named: dict[str, list[int]] = {}
        for place, anchor in enumerate(self.anchors):
            if anchor.startswith("tag "):
                named.setdefault(self.anchor_names[place], []).append(place)
        return named

    @cached_property
    def loved(self) -> Floats:
        """How much the crowd likes each product, 0 to about 1: log(1 + likers) / log(1 + most likers)."""
        return np.log1p(self.likers.astype(np.float64)) / np.log1p(max(1, self.most_likers))

    @cached_property
    def rarity(self) -> Floats:
        """From 1 for the product that most like up to 11 for one that nobody likes."""
        return (1 + RARE) / (self.likers.astype(np.float64) / max(1, self.most_likers) + RARE)

    @cached_property
    def rarity_factors(self) -> Weights:
        """What scores are multiplied by on a shelf, shape (brackets, products)."""
        return (self.rarity ** self.rarity_weight[:, None]).astype(np.float32)

    @cached_property
    def variants(self) -> Rows:
        """Shape (groups, products), the weight being how many like each."""
        groups = self.groups.astype(np.int64)
        count = int(groups.max(initial=-1)) + 1
        return rows_of(count, groups, np.arange(len(groups)), self.likers.astype(np.float64))

    @cached_property
    def by_genre(self) -> Rows:
        """Shape (microgenres, products): ``in_genre`` the other way round."""
        products = np.repeat(np.arange(len(self.in_genre)), np.diff(self.in_genre.starts))
        genres, weights = self.in_genre.targets.astype(np.int64), self.in_genre.weights.astype(np.float64)
        return rows_of(len(self.genres), genres, products, weights)

    @cached_property
    def genre_likers(self) -> Floats:
        """How many like the products of each microgenre, by how much each product is of it."""
        spread = self.in_genre.spread(
            np.arange(len(self.in_genre)), self.likers[: len(self.in_genre)].astype(np.float64)
        )
        return add_up(spread.targets, spread.values, len(self.genres))

    def mostly_of(self, genre_ids: Sequence[str]) -> tuple[str, ...]:
        """Ids of the products that are no more of any other microgenre than of one of these."""
        products = np.repeat(np.arange(len(self.in_genre)), np.diff(self.in_genre.starts))
        best = np.zeros(len(self.in_genre), dtype=np.float32)
        np.maximum.at(best, products, self.in_genre.weights)
        wanted = np.asarray([id_ in genre_ids for id_ in self.genres], dtype=np.bool_)
        found = products[wanted[self.in_genre.targets] & (self.in_genre.weights == best[products])]
        places: list[int] = np.unique(found).tolist()
        return tuple(self.products[place] for place in places)

    def variants_of(self, product: int) -> list[int]:
        """Places of a product's group, its own among them, those first that most like."""
        group, rows = int(self.groups[product]), self.variants
        start, end = int(rows.starts[group]), int(rows.starts[group + 1])
        order = np.lexsort((rows.targets[start:end], -rows.weights[start:end]))
        return rows.targets[start:end][order].tolist()

    def with_variants(self, products: Ints) -> Ints:
        """Places of the products and of all their variants, ascending."""
        chosen = np.zeros(len(self.variants), dtype=np.bool_)
        chosen[self.groups[products]] = True
        return np.flatnonzero(chosen[self.groups])

    def places(self, ids: Sequence[str]) -> Ints:
        """Places of products, ``NOWHERE`` for what came into the shop after the run."""
        try:
            return np.asarray(list(map(self.place_of.__getitem__, ids)), dtype=np.int64)
        except KeyError:  # the slow way, for the few who like something so new
            return np.asarray([self.place_of.get(id_, NOWHERE) for id_ in ids], dtype=np.int64)

    def warm(self) -> "RunModel":
        """Build what is looked up by id, so that no request waits for it; the model itself."""
        _ = self.place_of, self.anchor_of, self.tags_named, self.loved, self.variants, self.by_genre
        _ = self.genre_likers, self.rarity_factors
        return self

    @property
    def size_bytes(self) -> int:
        """About what it takes in memory: its arrays, and its ids with the dictionary over them."""
        total = self.loved.nbytes + self.rarity.nbytes + self.rarity_factors.nbytes
        for field in fields(self):
            value = getattr(self, field.name)
            if isinstance(value, Rows):
                total += value.starts.nbytes + value.targets.nbytes + value.weights.nbytes
            elif isinstance(value, np.ndarray):
                total += value.nbytes
            elif isinstance(value, tuple):
                total += _BYTES_AN_ID * len(value)  # pyright: ignore[reportUnknownArgumentType]
        return total


_BYTES_AN_ID = 200
"""A short text, its place in a tuple and in a dictionary, the integer that it leads to."""
