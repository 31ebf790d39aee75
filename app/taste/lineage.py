"""Which community of a run is which of the run before: ids are carried on, and what became of each is told."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.optimize import linear_sum_assignment
from scipy.sparse import csr_array

from app.taste.values import Floats, Ints

Event = Literal["stayed", "grew", "shrank", "merged", "split"]

SAME = 0.3
"""Overlap (Jaccard) from which a community is the one before."""
MOSTLY = 0.5
"""Share of a community that must come from, or go to, another for a split or a merger."""
CHANGE = 0.1
"""Relative change of size from which a community grew or shrank."""


@dataclass(frozen=True, slots=True)
class Former:
    """What the run before found."""

    parts: Ints
    """The community of each thing of today, a position in ``ids``; -1 for none, and for what was not there."""
    ids: tuple[str, ...]
    sizes: Mapping[str, int]
    """Size by id, in whatever the caller counts."""
    last_number: int = 0
    """The highest number that any id ever had."""


@dataclass(frozen=True, slots=True)
class Evolution:
    """What became of a community of the run before."""

    old: str
    new: str
    event: Event
    overlap: float
    """Jaccard of the two, 0 to 1."""


@dataclass(frozen=True, slots=True)
class Lineage:
    """Ids of today's communities, by their number, and how they came from those before."""

    ids: tuple[str, ...]
    born: frozenset[str]
    """Ids of today that come from nothing before."""
    died: frozenset[str]
    """Ids of before that went into nothing of today."""
    evolutions: tuple[Evolution, ...]
    last_number: int


def trace(former: Former, parts: Ints, weight: Floats, sizes: Sequence[int], prefix: str) -> Lineage:
    """Carry ids on from ``former`` to the communities in ``parts``, numbered from 0 (-1: none).

    Two overlap by the ``weight`` of the things in both. Every id goes to at most one community, so that the overlaps
    add up to the most; what overlaps less than ``SAME`` with its own former self gets a new id, ``prefix`` and the
    next number, never one that was ever used. ``sizes`` says the size of each, for growth.
    """
    overlap = _Overlap(former.parts, parts, weight, len(former.ids), len(sizes))
    heirs = overlap.heirs()
    names: list[str] = []
    number = former.last_number
    for place in range(len(sizes)):
        number += place not in heirs
        names.append(former.ids[heirs[place]] if place in heirs else f"{prefix}{number}")
    evolutions = tuple(
        Evolution(
            former.ids[old], names[new], _event(former, overlap, heirs, sizes, old, new), overlap.jaccard(old, new)
        )
        for old, new in overlap.flows(heirs)
    )
    return Lineage(
        ids=tuple(names),
        born=frozenset(names) - {evolution.new for evolution in evolutions},
        died=frozenset(former.ids) - {evolution.old for evolution in evolutions},
        evolutions=evolutions,
        last_number=number,
    )


def _event(
    former: Former, overlap: "_Overlap", heirs: Mapping[int, int], sizes: Sequence[int], old: int, new: int
) -> Event:
    if heirs.get(new) != old:
        # Not the same one any more: either most of the old one went into this, or most of this came out of it.
        return "merged" if overlap.goes[old, new] >= MOSTLY else "split"
    before, now = former.sizes.get(former.ids[old], 0), sizes[new]
    if abs(now - before) <= CHANGE * max(before, 1):
        return "stayed"
    return "grew" if now > before else "shrank"


class _Overlap:
    """How much of each community of before is in each of today."""

    def __init__(self, old: Ints, new: Ints, weight: Floats, olds: int, news: int) -> None:
        both = (old >= 0) & (new >= 0)
        shape = (olds, news)
        self._shared = csr_array((weight[both], (old[both], new[both])), shape=shape).toarray()
        self._old = np.bincount(old[old >= 0], weights=weight[old >= 0], minlength=olds)
        self._new = np.bincount(new[new >= 0], weights=weight[new >= 0], minlength=news)
        union = self._old[:, None] + self._new[None, :] - self._shared
        self._jaccard = np.divide(self._shared, union, out=np.zeros(shape), where=union > 0)
        self.goes = np.divide(self._shared, self._old[:, None], out=np.zeros(shape), where=self._old[:, None] > 0)
        self._comes = np.divide(self._shared, self._new[None, :], out=np.zeros(shape), where=self._new[None, :] > 0)

    def jaccard(self, old: int, new: int) -> float:
        return round(float(self._jaccard[old, new]), 6)

    def heirs(self) -> dict[int, int]:
        """Which one of before each of today is; none where the overlap is too small."""
        olds, news = linear_sum_assignment(self._jaccard, maximize=True)
        pairs = zip(olds.tolist(), news.tolist(), strict=True)
        return {new: old for old, new in pairs if self._jaccard[old, new] >= SAME}

    def flows(self, heirs: Mapping[int, int]) -> list[tuple[int, int]]:
        """Pairs of before and today that have to do with each other, in order."""
        related = (self.goes >= MOSTLY) | (self._comes >= MOSTLY)
        for new, old in heirs.items():
            related[old, new] = True
        return [(old, new) for old, new in np.argwhere(related).tolist()]
