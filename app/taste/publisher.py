"""What a run publishes of people: figures whose counts and sums all had their noise drawn here."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from app.domain.disclosure import Disclosure, Figure, Noisy
from app.taste import figures
from app.taste.noise import Noise
from app.taste.values import Floats, Ints


@dataclass(frozen=True)
class Publisher:
    """Makes figures of exact values: ``who`` are positions of people, ``values`` one each, NaN where unknown."""

    noise: Noise
    rule: Disclosure

    def average(
        self,
        who: Ints,
        values: Floats,
        cap: float,
        people: Noisy,
        name: str,
        *,
        doubt: float = 0.0,
        of_all: bool = False,
    ) -> Figure:
        """Publish an average; values lie between 0 and ``cap``, larger ones count as that.

        ``people`` is the number of all of them, ``of_all`` says that by their kind none of the values can be unknown.
        """
        known = ~np.isnan(values)
        some, capped = who[known], np.clip(values[known], 0.0, cap)
        people = people if of_all else self.noise.count(some, name).within(people)
        total = self.noise.total(some, capped, cap, f"{name} sum")
        squares = self.noise.total(some, capped**2, cap**2, f"{name} squares")
        return figures.average(self.rule, total, squares, people, cap, doubt)

    def below(self, who: Ints, values: Floats, ends: Sequence[float], people: Noisy, name: str) -> tuple[Noisy, ...]:
        """Count those below each of the rising ends; never fewer than below a lower one."""
        counts = [self.noise.count(who[values < end], f"{name}<{end}") for end in ends]
        return figures.rising(counts, people)

    def median(
        self, who: Ints, values: Floats, ends: Sequence[float], people: Noisy, name: str, *, of_all: bool = False
    ) -> Figure:
        """Publish a median to about the distance of the ``ends``, rising; the first one lies below all values.

        ``people`` and ``of_all`` as in ``average``.
        """
        known = ~np.isnan(values)
        people = people if of_all else self.noise.count(who[known], name).within(people)
        below = self.below(who[known], values[known], ends, people, name)
        return figures.median(self.rule, ends, below, people)

    def histogram(self, who: Ints, values: Floats, ends: Sequence[float], people: Noisy, name: str) -> list[int | None]:
        """Publish how many lie between the rising ends, and above the last; all together they are ``people``."""
        parts = figures.between(self.below(who, values, ends, people, name), people)
        return [self.rule.count(one) for one in parts]

    def momentum(self, who: Ints, sums: tuple[Floats, Floats], cap: float, people: Noisy, name: str) -> Figure:
        """Publish what people do over what they did before, each of them at most ``cap`` of both."""
        now, before = (self.noise.total(who, one, cap, f"{name} {at}") for at, one in enumerate(sums))
        many, few = (self.noise.count(who[one > 0], f"{name} {at} people") for at, one in enumerate(sums))
        return figures.ratio(self.rule, (now, before), (many, few), people)

    def top_part(self, who: Ints, values: Floats, cap: float, people: Noisy, name: str) -> Figure:
        """Publish which part of a sum the largest tenth of all ``people`` makes."""
        known = ~np.isnan(values)
        some, capped = who[known], np.clip(values[known], 0.0, cap)
        tenth = min(people.people // 10, len(some))
        top = np.lexsort((some, -capped))[:tenth]
        most = self.noise.total(some[top], capped[top], cap, f"{name} top")
        return figures.part(self.rule, most, self.noise.total(some, capped, cap, f"{name} all"), tenth)
