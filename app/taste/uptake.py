"""Who first took up which product when, and how to walk through it in parts of bounded size."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from app.taste.values import Floats, Ints

_CHUNK = 2_000_000


@dataclass(frozen=True)
class Uptake:
    """Who first took up which product on which day: columns of equal length, one row a pair; positions, not ids."""

    people: int
    products: int
    who: Ints
    what: Ints
    day: Ints

    def latest(self, most: int) -> "Uptake":
        """The latest ``most`` of each, sorted by identity and product."""
        order = np.lexsort((self.what, -self.day, self.who))
        sorted_who = self.who[order]
        place = np.arange(len(order)) - np.searchsorted(sorted_who, sorted_who)
        kept = order[place < most]
        kept = kept[np.lexsort((self.what[kept], self.who[kept]))]
        return Uptake(self.people, self.products, self.who[kept], self.what[kept], self.day[kept])

    @cached_property
    def keys(self) -> Ints:
        """One number a row, rising where the rows are sorted."""
        return self.who * self.products + self.what

    @cached_property
    def starts(self) -> Ints:
        """Where the rows of each begin in sorted rows; one more than there are people."""
        return np.searchsorted(self.who, np.arange(self.people + 1)).astype(np.int64)


def spread(starts: Ints, lengths: Ints) -> tuple[Ints, Ints]:
    """Of ranges: the number of its range, and each position in it."""
    owner = np.repeat(np.arange(len(starts)), lengths)
    begins = np.cumsum(lengths) - lengths
    return owner, starts[owner] + np.arange(len(owner)) - begins[owner]


def chunks(lengths: Ints) -> Iterator[Ints]:
    """Positions in order, in parts whose lengths sum to about ``_CHUNK``."""
    part = np.cumsum(lengths) // _CHUNK
    for number in np.unique(part):
        yield np.flatnonzero(part == number)


def medians(owner: Ints, values: Ints, owners: int) -> Floats:
    """The lower median of the values of each; NaN where there are none."""
    order = np.lexsort((values, owner))
    starts = np.searchsorted(owner[order], np.arange(owners + 1))
    middle = (starts[:-1] + np.maximum(starts[1:], starts[:-1] + 1) - 1) // 2
    known = starts[1:] > starts[:-1]
    found = np.full(owners, np.nan)
    found[known] = values[order][middle[known]]
    return found
