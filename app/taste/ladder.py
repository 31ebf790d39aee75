"""The ladder of engagement: of noisy counts alone, the chance to be gone by engagement, and where it stops falling."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import reduce
from itertools import pairwise

import numpy as np
from scipy.optimize import isotonic_regression

from app.domain.disclosure import Figure, Noisy, significant
from app.domain.retention import Ladder, RetentionRules, Rung, say_none, say_threshold, too_few
from app.taste import figures
from app.taste.noise import REACH, SPREAD
from app.taste.publisher import Publisher
from app.taste.threshold import LEAST_CELLS, Bend, Cells, find_bend
from app.taste.values import Floats, Ints

MOST_CELLS = 20
"""Points of a curve, at most."""
MOST_LEVELS = 60
"""Values that are told apart; a wider scale is counted in steps of two, three …"""

Flags = np.ndarray[tuple[int], np.dtype[np.bool_]]


@dataclass(frozen=True)
class Engaged:
    """Who was a customer at the cut, a value each, in the order of the noise's people."""

    at_risk: Flags
    """Whether somebody is looked at at all."""
    engagement: Ints
    """In the window before the cut."""
    gone: Flags
    """Bought nothing in the horizon after it."""


@dataclass(frozen=True)
class Scale:
    """Into which steps a shop's engagement is cut, found from noisy counts."""

    step: int
    """Values that are one level."""
    counts: Floats
    """Noisy people by level, from 0 on; those above are counted apart, as their engagement has no end."""
    people: float

    @property
    def top(self) -> int:
        """The first value above all levels."""
        return self.step * len(self.counts)

    def levels_of(self, engagement: Ints) -> Ints:
        """The level of each; ``len(counts)`` for what lies above."""
        return np.minimum(engagement // self.step, len(self.counts))

    @property
    def values(self) -> Floats:
        """Engagement in the middle of each level."""
        return np.arange(len(self.counts), dtype=np.float64) * self.step + (self.step - 1) / 2


@dataclass(frozen=True)
class _Step:
    """People of some levels in a row, and those of them who were gone."""

    first: int
    after: int
    people: Noisy
    gone: Noisy

    def with_next(self, other: "_Step") -> "_Step":
        people, gone = figures.together(self.people, other.people), figures.together(self.gone, other.gone)
        return _Step(self.first, other.after, people, gone)


def find_scale(publisher: Publisher, engaged: Engaged) -> Scale:
    """Find the scale of a shop; about the twentieth who do most lie above it."""
    who = np.flatnonzero(engaged.at_risk)
    noise, everybody = publisher.noise, np.where(engaged.at_risk, engaged.engagement, 0)
    cap = max(1, int(noise.cap(everybody.astype(np.float64), "engagement")))
    step = -(-(cap + 1) // MOST_LEVELS)
    levels = engaged.engagement[who] // step
    counts = [noise.count(who[levels == at], f"engagement level {at}").value for at in range(-(-(cap + 1) // step))]
    sure = np.array([one if one > 2 * SPREAD else 0.0 for one in counts])
    return Scale(step, sure, noise.count(who, "at risk").value)


def climb(publisher: Publisher, engaged: Engaged, scale: Scale, who: Ints, name: str, rules: RetentionRules) -> Ladder:
    """Publish the ladder of some people (positions), all of whose numbers have their noise; ``name`` says whose."""
    here = who[engaged.at_risk[who]]
    people = publisher.noise.count(here, f"{name} at risk")
    if publisher.rule.is_too_few(people):
        return too_few("Too few members were customers at the cut to publish anything of them.")
    gone = publisher.noise.count(here[engaged.gone[here]], f"{name} gone").within(people)
    steps, above = _count(publisher, engaged, scale, here, name, people)
    rungs = _rungs(publisher, steps, above, scale)
    ladder = Ladder("not_enough_data", "", figures.share_of_any(gone, people), rungs=rungs)
    if (reason := _too_little(publisher, people, gone, steps)) is not None:
        return replace(ladder, reason=reason)
    return _judge(ladder, find_bend(_cells(steps, scale), _rng(steps)), rules)


def _too_little(publisher: Publisher, people: Noisy, gone: Noisy, steps: Sequence[_Step]) -> str | None:
    _, stayed = figures.between((gone,), people)
    if publisher.rule.is_too_few(gone):
        return "Too few of them were gone afterwards to tell how that goes with engagement."
    if publisher.rule.is_too_few(stayed):
        return "Too few of them stayed to tell how that goes with engagement."
    if len(steps) < LEAST_CELLS:
        return (
            f"A curve of {len(steps)} points, of {publisher.rule.k} people and more each, is too short to look for a "
            f"threshold; it takes {LEAST_CELLS}."
        )
    return None


def _count(
    publisher: Publisher, engaged: Engaged, scale: Scale, who: Ints, name: str, people: Noisy
) -> tuple[list[_Step], _Step]:
    """Count people of neighbouring levels together, so many that each step may be published; and those above all."""
    levels = scale.levels_of(engaged.engagement[who])
    enough = max(publisher.rule.k + REACH, people.value / MOST_CELLS) * scale.people / people.value
    ends, waiting = [0], 0.0
    for level, people_here in enumerate(scale.counts.tolist()):
        waiting += people_here
        if waiting >= enough:
            ends, waiting = [*ends, level + 1], 0.0
    ends = [*ends[: max(1, len(ends) - 1)], len(scale.counts)]

    def count(first: int, after: int) -> _Step:
        some = who[(levels >= first) & (levels < after)]
        label = f"{name} engagement {first}-{after}"
        counted = publisher.noise.count(some, label)
        gone = publisher.noise.count(some[engaged.gone[some]], f"{label} gone")
        return _Step(first, after, counted, gone.within(counted))

    above = count(len(scale.counts), len(scale.counts) + 1)
    return _enough(publisher, [count(first, after) for first, after in pairwise(ends)]), above


def _enough(publisher: Publisher, steps: Sequence[_Step]) -> list[_Step]:
    """Join steps that may be of too few with their neighbours."""
    kept: list[_Step] = []
    for step in steps:
        if kept and publisher.rule.is_too_few(kept[-1].people):
            kept[-1] = kept[-1].with_next(step)
        else:
            kept.append(step)
    if len(kept) > 1 and publisher.rule.is_too_few(kept[-1].people):
        kept = [*kept[:-2], kept[-2].with_next(kept[-1])]
    return [one for one in kept if not publisher.rule.is_too_few(one.people)]


def _rungs(publisher: Publisher, steps: Sequence[_Step], above: _Step, scale: Scale) -> tuple[Rung, ...]:
    """Publish the curve: it never rises, and neither do the ends of its intervals."""
    if publisher.rule.is_too_few(above.people):
        shown = [*steps[:-1], reduce(_Step.with_next, [*steps[-1:], above])]
    else:
        shown = [*steps, above]
    shown = [one for one in shown if not publisher.rule.is_too_few(one.people)]
    chances = fall([figures.share_of_any(one.gone, one.people) for one in shown])
    ends = [None if one.after > len(scale.counts) else one.after * scale.step - 1 for one in shown]
    return tuple(
        Rung(one.first * scale.step, end, chance) for one, end, chance in zip(shown, ends, chances, strict=True)
    )


def fall(curve: Sequence[Figure]) -> list[Figure]:
    """Let a curve of published shares never rise, nor the ends of its intervals, by isotonic regression of each."""
    if not curve:
        return []
    people = np.array([one.n for one in curve], dtype=np.float64)
    columns = np.array([(one.value, one.low, one.high) for one in curve], dtype=np.float64).T
    fallen = np.array([isotonic_regression(one, weights=people, increasing=False).x for one in columns]).T
    return [
        Figure(significant(value), significant(low), significant(high), one.n)
        for one, (value, low, high) in zip(curve, fallen.tolist(), strict=True)
    ]


def _cells(steps: Sequence[_Step], scale: Scale) -> Cells:
    parts = np.zeros((len(steps), len(scale.counts)))
    for place, one in enumerate(steps):
        some = scale.counts[one.first : one.after]
        parts[place, one.first : one.after] = some / some.sum() if some.sum() > 0 else 1 / len(some)
    columns = [(one.people.value, one.gone.value, one.people.spread, one.people.reach) for one in steps]
    people, gone, spread, reach = np.array(columns, dtype=np.float64).T
    return Cells(people, gone, spread, reach, scale.values, parts)


def _rng(steps: Sequence[_Step]) -> np.random.Generator:
    """The same for the same published numbers, so that the same data give the same interval."""
    return np.random.default_rng([round(value) for one in steps for value in (one.people.value, one.gone.value)])


def _judge(ladder: Ladder, bend: Bend, rules: RetentionRules) -> Ladder:
    if not bend.is_threshold:
        return replace(ladder, status="no_threshold", reason=say_none(rules, ladder.rungs))
    at, low, high = (significant(one, 3) for one in (bend.at, bend.low, bend.high))
    threshold = Figure(at, min(at, low), max(at, high), sum(rung.chance.n or 0 for rung in ladder.rungs))
    reason = say_threshold(rules, threshold, ladder.rungs)
    return replace(ladder, status="threshold", threshold=threshold, reason=reason)
