"""Groups records by the weights of pairs: average linkage with constraints, never mere chains of likely pairs."""

import heapq
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

UNSEEN_WEIGHT = -1.0
"""Bits, for a pair that no key brought together."""
LEAST_WEIGHT = -2.0
"""Bits, for a pair that disagrees however much: two damaged records of one person do, too."""
MOST_WEIGHT = 20.0
"""Bits beyond which one pair cannot outvote the others of two groups."""


@dataclass(frozen=True, slots=True)
class Constraints:
    """What is known of records by position, whatever their weights say."""

    together: Sequence[tuple[int, int]] = ()
    """Pairs that are one already."""
    apart: Iterable[tuple[int, int]] = ()
    """Pairs that are never one."""
    unique: Mapping[int, Mapping[str, str]] = field(default_factory=dict[int, Mapping[str, str]])
    """Of some records, values by type; one group has one value of a type at most."""


def cluster(
    count: int, left: Ints, right: Ints, weight: Floats, constraints: Constraints | None = None, least: float = 0.0
) -> Ints:
    """Join the two groups with the largest mean weight of their pairs as long as it is above ``least``.

    ``left``, ``right``, ``weight``: pairs of positions, each pair once. Of each record the smallest position of its
    group. Equal weights join in the order of positions, so that the same pairs give the same groups.
    """
    groups = _Groups(count, constraints or Constraints())
    weights = np.clip(weight, LEAST_WEIGHT, MOST_WEIGHT)
    for one, other, bits in zip(left.tolist(), right.tolist(), weights.tolist(), strict=True):
        groups.note(one, other, bits)
    for one, other in (constraints or Constraints()).together:
        groups.unite(one, other)
    groups.join(least)
    return groups.labels()


class _Groups:
    """Records that came together; each group goes by one of its records."""

    def __init__(self, count: int, constraints: Constraints) -> None:
        self._owner = list(range(count))
        self._size = [1] * count
        self._first = list(range(count))
        self._near: list[dict[int, tuple[float, int]]] = [{} for _ in range(count)]
        """Of each group, by another group: the sum of the weights of pairs between them, and how many there are."""
        self._foes: dict[int, set[int]] = {}
        self._values = {record: dict(values) for record, values in constraints.unique.items()}
        for one, other in constraints.apart:
            self._foes.setdefault(one, set()).add(other)
            self._foes.setdefault(other, set()).add(one)

    def note(self, one: int, other: int, bits: float) -> None:
        """Keep a pair's weight, before anything is joined."""
        self._near[one][other] = self._near[other][one] = (bits, 1)

    def unite(self, one: int, other: int) -> None:
        """Make two records' groups one, unless they are already or may not be."""
        one, other = self._find(one), self._find(other)
        if one != other and self._may_join(one, other):
            self._unite(one, other)

    def join(self, least: float) -> None:
        """Join the best two groups until none are good enough."""
        waiting = [self._offer(one, other) for one, near in enumerate(self._near) for other in near if one < other]
        waiting = [offer for offer in waiting if -offer[0] > least]
        heapq.heapify(waiting)
        while waiting:
            offer = heapq.heappop(waiting)
            _, _, one, other = offer
            is_stale = self._owner[one] != one or self._owner[other] != other or self._offer(one, other) != offer
            if is_stale or not self._may_join(one, other):
                continue
            kept = self._unite(one, other)
            offers = (self._offer(kept, near) for near in self._near[kept])
            for offer in offers:
                if -offer[0] > least:
                    heapq.heappush(waiting, offer)

    def labels(self) -> Ints:
        """Of each record the smallest position of its group."""
        return np.array([self._first[self._find(record)] for record in range(len(self._owner))], dtype=np.int64)

    def _offer(self, one: int, other: int) -> tuple[float, tuple[int, int], int, int]:
        """The negative mean weight of all pairs between two groups, and what breaks ties."""
        total, seen = self._near[one][other]
        pairs = self._size[one] * self._size[other]
        ties = sorted((self._first[one], self._first[other]))
        one, other = sorted((one, other))
        return -(total + UNSEEN_WEIGHT * (pairs - seen)) / pairs, (ties[0], ties[1]), one, other

    def _may_join(self, one: int, other: int) -> bool:
        mine, theirs = (self._values.get(group, {}) for group in (one, other))
        differ = any(mine[type_] != theirs[type_] for type_ in mine.keys() & theirs.keys())
        return not differ and other not in self._foes.get(one, ())

    def _unite(self, one: int, other: int) -> int:
        """Let the group with fewer neighbours become part of the other one, which is returned."""
        if len(self._near[one]) < len(self._near[other]):
            one, other = other, one
        self._owner[other] = one
        self._size[one] += self._size[other]
        self._first[one] = min(self._first[one], self._first[other])
        self._near[one].pop(other, None)
        self._near[other].pop(one, None)
        for group, (total, seen) in self._near[other].items():
            del self._near[group][other]
            known, count = self._near[one].get(group, (0.0, 0))
            self._near[one][group] = self._near[group][one] = (known + total, count + seen)
        self._near[other] = {}
        self._values.setdefault(one, {}).update(self._values.pop(other, {}))
        for foe in self._foes.pop(other, set()):
            self._foes[foe].discard(other)
            self._foes[foe].add(one)
            self._foes.setdefault(one, set()).add(foe)
        return one

    def _find(self, record: int) -> int:
        while self._owner[record] != record:
            self._owner[record] = self._owner[self._owner[record]]
            record = self._owner[record]
        return record
