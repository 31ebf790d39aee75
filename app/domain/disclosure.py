"""What may be told of people in numbers: never of fewer than k, and never so finely that two answers isolate fewer."""

from collections.abc import Sequence
from dataclasses import dataclass

DAYS_TO_COUNT = 7
"""Days from the arrival of an identity that a public key brought until it counts in figures."""

NOT_ENOUGH = "not enough data"
"""Stands beside every figure that cannot be told."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One number with what it stands on; ``value`` is ``None`` where there is not enough data."""

    value: float | None
    low: float | None = None
    """End of the 95 % interval."""
    high: float | None = None
    n: int | None = None
    """At least so many identities (of structure: products) does it stand on."""
    note: str | None = None


UNKNOWN = Figure(None, note=NOT_ENOUGH)
"""A figure that is not told."""


@dataclass(frozen=True, slots=True)
class Measured:
    """One number as a run measured it: exact, and not to be told as it is."""

    value: float
    low: float
    high: float
    n: int


@dataclass(frozen=True, slots=True)
class Disclosure:
    """Turns exact counts into what may be told. Everything that leaves the service about a community goes through it.

    Numbers of people are told as the lower end of a step: k, k + width, k + 2 width … A step is so wide that the
    difference between two told numbers is known to no better than a range that holds 0 or reaches k: who compares
    two overlapping groups cannot tell that fewer than k stand between them.
    """

    k: int
    """Identities that a figure stands for at least."""

    @property
    def width(self) -> int:
        """Width of a step: two neighbouring ones span k people and more."""
        return self.k // 2 + 1

    def is_too_few(self, people: int) -> bool:
        """Whether nothing may be told of a group of so many."""
        return people < self.k

    def count(self, people: int) -> int | None:
        """Tell a number of people, as "at least"; ``None`` below k."""
        if self.is_too_few(people):
            return None
        return self.k + (people - self.k) // self.width * self.width

    def most(self, people: int) -> int:
        """Tell how many there are at most."""
        told = self.count(people)
        return self.k - 1 if told is None else told + self.width - 1

    def middle(self, people: int) -> float | None:
        """Tell the middle of the step, for what is computed of a count; ``None`` below k."""
        told = self.count(people)
        return None if told is None else told + (self.width - 1) / 2

    def figure(self, measured: Measured | None, digits: int = 2) -> Figure:
        """Tell an average or a share of somebody's things, to so many significant digits; of ``n`` people."""
        if measured is None or (told := self.count(measured.n)) is None:
            return UNKNOWN
        low, high = (significant(end, digits) for end in (measured.low, measured.high))
        return Figure(significant(measured.value, digits), low, high, told)

    def histogram(self, counts: Sequence[int]) -> list[int | None]:
        """Tell how many people fall into each bin."""
        return [self.count(people) for people in counts]


def significant(value: float, digits: int = 2) -> float:
    """Round to significant digits: 1,234 to 1,200 and .01234 to .012."""
    return float(f"{value:.{digits}g}")
