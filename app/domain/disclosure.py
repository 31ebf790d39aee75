"""What may be published of people in numbers: with noise on every count and sum, and never of fewer than k."""

from dataclasses import dataclass

DAYS_TO_COUNT = 7
"""Days from the arrival of an identity that a public key brought until it counts in figures."""

NOT_ENOUGH = "not enough data"
"""Stands beside every figure that is not published."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One number with what it stands on; ``value`` is ``None`` where there is not enough data."""

    value: float | None
    low: float | None = None
    """End of the 95 % interval, which holds both chance and noise."""
    high: float | None = None
    n: int | None = None
    """About so many identities (of structure: products) does it stand on."""
    note: str | None = None


UNKNOWN = Figure(None, note=NOT_ENOUGH)
"""A figure that is not published."""


@dataclass(frozen=True, slots=True)
class Measured:
    """One number of one identity with its interval: exact, so nothing for anybody but itself."""

    value: float
    low: float
    high: float
    n: int


@dataclass(frozen=True, slots=True)
class Noisy:
    """A number of people, or a sum over people, that noise was drawn on.

    ``app/taste/noise.py`` alone makes one of what is exact, and figures are made of nothing else.
    """

    value: float
    """Never below 0; of a number of people it is whole."""
    spread: float
    """Standard deviation of the noise."""
    reach: float
    """The most that the noise can be, either way."""

    @property
    def people(self) -> int:
        """As a number of people."""
        return round(self.value)

    def within(self, whole: "Noisy") -> "Noisy":
        """The same, but no more than the whole that it is a part of."""
        return Noisy(min(self.value, whole.value), self.spread, self.reach)


@dataclass(frozen=True, slots=True)
class Disclosure:
    """Says of which groups something may be published; everything that leaves the service about people asks it."""

    k: int
    """Identities that a figure stands for at least."""

    def is_too_few(self, *groups: Noisy) -> bool:
        """Whether any group may be of fewer than k, whatever its noise is.

        So the edge is as blurred as the numbers are: nobody sees by one member's arrival that a figure appears.
        """
        return any(group.value < self.k + group.reach for group in groups)

    def count(self, people: Noisy) -> int | None:
        """Publish a number of people; ``None`` where they may be fewer than k."""
        return None if self.is_too_few(people) else people.people


def significant(value: float, digits: int = 2) -> float:
    """Round to significant digits: 1,234 to 1,200 and .01234 to .012."""
    return float(f"{value:.{digits}g}")
