"""Figures made of noisy counts and sums and of nothing else: each holds chance and noise in its interval."""

import math
from collections.abc import Sequence
from itertools import pairwise

from app.domain.disclosure import UNKNOWN, Disclosure, Figure, Noisy, significant
from app.taste.intervals import wilson

_Z = 1.959964
MOST_NOISE = 0.5
"""A figure whose noise is larger than this share of it, as a standard deviation, is not published."""


def share(rule: Disclosure, hits: Noisy, people: Noisy) -> Figure:
    """Publish a share of people; unknown when the hits or the people may be fewer than k."""
    if rule.is_too_few(hits, people):
        return UNKNOWN
    return share_of_any(hits, people)


def share_of_any(hits: Noisy, people: Noisy) -> Figure:
    """Publish a share of people who are enough, however few hits there are among them."""
    part = hits.within(people)
    value, noise = part.value / people.value, _Z * _noise_of_ratio(part, people)
    low, high = wilson(part.value, people.value)
    least, most = value - math.hypot(value - low, noise), value + math.hypot(high - value, noise)
    return _figure(value, max(0.0, least), min(1.0, most), people.people)


def average(rule: Disclosure, total: Noisy, squares: Noisy, people: Noisy, cap: float, doubt: float = 0.0) -> Figure:
    """Publish an average over people, whose values lie between 0 and ``cap``; ``squares`` is the sum of their squares.

    ``doubt`` is the standard deviation of whatever all values have in common. The squares are given a standard
    deviation of their noise on top, so the interval rather holds too much.
    """
    if rule.is_too_few(people):
        return UNKNOWN
    value = min(cap, total.value / people.value)
    most = value * (cap - value)
    variance = min(most, max(0.0, (squares.value + squares.spread) / people.value - value**2))
    half = _Z * math.hypot(math.sqrt(variance / people.value), _noise_of_ratio(total, people), doubt)
    return _figure(value, max(0.0, value - half), min(cap, value + half), people.people)


def part(rule: Disclosure, some: Noisy, all_: Noisy, n: int) -> Figure:
    """Publish which part of a sum ``n`` people make: of a whole, so there is nothing in it but noise."""
    if n < rule.k or _is_drowned(all_):
        return UNKNOWN
    value = min(1.0, some.value / all_.value)
    half = _Z * _noise_of_ratio(some.within(all_), all_)
    return _figure(value, max(0.0, value - half), min(1.0, value + half), n)


def part_of_people(rule: Disclosure, some: Noisy, all_: Noisy, squares: Noisy, hits: Noisy, people: Noisy) -> Figure:
    """Publish which part of a sum over ``people`` the ``hits`` among them make, as of people drawn from more.

    ``squares`` is the sum of (what one adds to the part - value x what it adds to the sum)^2: the variance of a ratio
    of sums, where what people do clusters by person. They are given a standard deviation of their noise on top.
    """
    if rule.is_too_few(hits, people) or _is_drowned(all_):
        return UNKNOWN
    value = min(1.0, some.value / all_.value)
    chance = math.sqrt(squares.value + squares.spread) / all_.value
    half = _Z * math.hypot(chance, _noise_of_ratio(some.within(all_), all_))
    return _figure(value, max(0.0, value - half), min(1.0, value + half), people.people)


def ratio(rule: Disclosure, sums: tuple[Noisy, Noisy], people: tuple[Noisy, Noisy], n: Noisy) -> Figure:
    """Publish one sum over another, each made by so many people; ``n`` stands behind both.

    What people do clusters by person, so chance is that of people, not of what they did.
    """
    (now, before), (many, few) = sums, people
    if rule.is_too_few(many, few, n) or _is_drowned(now) or _is_drowned(before):
        return UNKNOWN
    chance = 1 / many.value + 1 / few.value
    noise = (now.spread / now.value) ** 2 + (before.spread / before.value) ** 2
    return _on_log_scale(now.value / before.value, math.sqrt(chance + noise), n.people)


def change(rule: Disclosure, now: Noisy, before: Noisy) -> Figure:
    """Publish by which share a number of people changed."""
    times = ratio(rule, (now, before), (now, before), now if now.value < before.value else before)
    if times.value is None or times.low is None or times.high is None:
        return UNKNOWN
    return _figure(now.value / before.value - 1, times.low - 1, times.high - 1, times.n or 0)


def lift(rule: Disclosure, here: tuple[Noisy, Noisy], overall: tuple[Noisy, Noisy]) -> Figure:
    """Publish how many times as often as overall: two shares, each as (hits, people), one over the other."""
    if rule.is_too_few(*here, *overall):
        return UNKNOWN
    (hits, people), (all_hits, everybody) = ((part.within(whole), whole) for part, whole in (here, overall))
    value = hits.value / people.value / (all_hits.value / everybody.value)
    chance = (1 - hits.value / people.value) / hits.value
    noise = sum((one.spread / one.value) ** 2 for one in (hits, people, all_hits, everybody))
    return _on_log_scale(value, math.sqrt(chance + noise), hits.people)


def median(rule: Disclosure, ends: Sequence[float], below: Sequence[Noisy], people: Noisy) -> Figure:
    """Publish a median (``quantile``)."""
    return quantile(rule, ends, below, people, 0.5)


def quantile(rule: Disclosure, ends: Sequence[float], below: Sequence[Noisy], people: Noisy, part: float) -> Figure:
    """Publish below what a ``part`` of people lie: ``below`` are the numbers under each of the rising ``ends``.

    Found by straight lines between the ends; beyond the last one nothing is known.
    """
    if rule.is_too_few(people):
        return UNKNOWN
    middle = people.value * part
    half = _Z * math.hypot(math.sqrt(people.value * part * (1 - part)), people.spread)
    low, value, high = (_where(ends, below, rank) for rank in (middle - half, middle, middle + half))
    return _figure(value, low, high, people.people)


def rising(below: Sequence[Noisy], people: Noisy) -> tuple[Noisy, ...]:
    """Counts of those below rising ends, as they must be: never fewer than below a lower end, never more than all."""
    found: list[Noisy] = []
    for one in below:
        least = found[-1].value if found else 0.0
        found.append(Noisy(min(people.value, max(least, one.value)), one.spread, one.reach))
    return tuple(found)


def between(below: Sequence[Noisy], people: Noisy) -> tuple[Noisy, ...]:
    """How many lie between rising ends, and above the last: together they are all people."""
    ends = [Noisy(0.0, 0.0, 0.0), *below, people]
    return tuple(
        Noisy(high.value - low.value, math.hypot(low.spread, high.spread), low.reach + high.reach)
        for low, high in pairwise(ends)
    )


def together(one: Noisy, other: Noisy) -> Noisy:
    """Add up the people of two groups that have nobody in common."""
    return Noisy(one.value + other.value, math.hypot(one.spread, other.spread), one.reach + other.reach)


def _where(ends: Sequence[float], below: Sequence[Noisy], rank: float) -> float:
    place = next((place for place, one in enumerate(below) if one.value >= rank), len(below))
    if place == 0:
        return ends[0]
    if place == len(below):
        return ends[-1]
    low, high = below[place - 1].value, below[place].value
    part = (rank - low) / (high - low) if high > low else 0.0
    return ends[place - 1] + max(0.0, min(1.0, part)) * (ends[place] - ends[place - 1])


def _is_drowned(total: Noisy) -> bool:
    return total.spread > MOST_NOISE * total.value


def _noise_of_ratio(part: Noisy, whole: Noisy) -> float:
    """Standard deviation of a ratio by the noise of both."""
    return math.hypot(part.spread, part.value / whole.value * whole.spread) / whole.value


def _on_log_scale(value: float, doubt: float, n: int) -> Figure:
    return _figure(value, value * math.exp(-_Z * doubt), value * math.exp(_Z * doubt), n)


def _figure(value: float, low: float, high: float, n: int) -> Figure:
    """Round to what is significant; the interval still holds its value."""
    middle, least, most = (significant(one) for one in (value, low, high))
    return Figure(middle, min(middle, least), max(middle, most), n)
