"""One shape for every data set: columns of numbers, with the ids and the catalogue beside them."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from app.domain.models import Product, Tag

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

ROUNDING = 1e-6
"""Relative difference of two prices that is none, since prices a unit are quotients."""


@dataclass(frozen=True, slots=True)
class Interactions:
    """Columns of equal length, one row an interaction line; identities and products are positions in the data set."""

    identity: Ints
    product: Ints
    weight: Floats
    """How often or how much: listens, quantity; above 0."""
    at: Ints | None = None
    """Seconds since 1970, UTC; None when the data has no time."""
    price_paid: Floats | None = None
    """Per unit; None when the data has no prices."""
    list_price: Floats | None = None

    @property
    def discounted(self) -> Mask | None:
        """Rows that cost less than their list price; None when the data has no prices."""
        if self.price_paid is None or self.list_price is None:
            return None
        return self.price_paid < self.list_price * (1 - ROUNDING)

    def __len__(self) -> int:
        return len(self.identity)

    def __getitem__(self, rows: Mask | Ints) -> "Interactions":
        """The chosen rows, in the order of ``rows``."""
        return Interactions(
            identity=self.identity[rows],
            product=self.product[rows],
            weight=self.weight[rows],
            at=None if self.at is None else self.at[rows],
            price_paid=None if self.price_paid is None else self.price_paid[rows],
            list_price=None if self.list_price is None else self.list_price[rows],
        )


@dataclass(frozen=True, slots=True)
class TagActs:
    """Who put which tag on what: three columns of equal length."""

    identity: Ints
    product: Ints
    tag: Ints
    names: tuple[str, ...]
    """Tag name by position."""
    month: Ints | None = None
    """Of each act, counted from the year 0; None when the data has no time."""


@dataclass(frozen=True, slots=True)
class Dataset:
    """What was read; rows of ``interactions`` point into ``identities`` and ``products``."""

    name: str
    identities: tuple[str, ...]
    products: tuple[Product, ...]
    interactions: Interactions
    friends: Ints = field(default_factory=lambda: np.empty((0, 2), dtype=np.int64))
    """Pairs of identities that follow each other, each pair once, shape (n, 2)."""
    follows: Ints = field(default_factory=lambda: np.empty((0, 2), dtype=np.int64))
    """Pairs of identities of which the first follows the second, shape (n, 2)."""
    ready_made: Mask | None = None
    """Which rows of ``interactions`` are the test part of a split that came with the data; None: none did."""
    notes: tuple[str, ...] = ()
    """What could not be used of the files; a sentence each."""
    tag_acts: TagActs | None = None
    """Tags given by the identities themselves; the catalogue's own tags are on the products."""


def number(values: Iterable[str]) -> tuple[Ints, tuple[str, ...]]:
    """Give each distinct value a position in order of first sight; the positions and the values by position."""
    positions: dict[str, int] = {}
    column = [positions.setdefault(value, len(positions)) for value in values]
    return np.asarray(column, dtype=np.int64), tuple(positions)


def tag_products(products: tuple[Product, ...], acts: TagActs, hidden: Mask, min_people: int) -> tuple[Product, ...]:
    """Put tags on products from the acts that are not ``hidden``; the weight is the log of how many people agree.

    Tags that fewer than ``min_people`` people use are left out, most agreed first on a product.
    """
    kept = ~hidden
    users = np.unique(np.stack([acts.tag[kept], acts.identity[kept]], axis=1), axis=0)
    common = np.bincount(users[:, 0], minlength=len(acts.names)) >= min_people
    kept &= common[acts.tag]
    pairs, people = np.unique(np.stack([acts.product[kept], acts.tag[kept]], axis=1), axis=0, return_counts=True)
    by_product: dict[int, list[Tag]] = {}
    for place in np.lexsort((pairs[:, 1], -people, pairs[:, 0])):
        product, tag = int(pairs[place, 0]), int(pairs[place, 1])
        by_product.setdefault(product, []).append(Tag(acts.names[tag], weight=float(np.log1p(people[place]))))
    return tuple(replace(product, tags=tuple(by_product.get(n, ()))) for n, product in enumerate(products))
