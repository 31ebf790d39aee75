"""Stages of many lines in figures: of noisy counts alone, where lines are and what came next."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Self

import numpy as np

from app.domain.disclosure import Figure, Noisy
from app.domain.journey_figures import Flows, Onward, StageFigures
from app.domain.journeys import NEXT, STAGES, Stage, Step
from app.taste import figures
from app.taste.publisher import Publisher
from app.taste.values import Ints

NOBODY = -1
"""In no stage; entered none in time; went on to none."""
_DAYS = (*range(31), 35, 42, 49, 56, 63, 77, 91, 120, 180, 270)
"""Between these days, and those on which silence brings a stage about, medians are found."""
_PLACE = {stage: place for place, stage in enumerate(STAGES)}


@dataclass(frozen=True)
class Lives:
    """Lines of people in the order of the noise's, by their last entry of each stage that was followed to its end."""

    now: Ints
    """Stage of each, by its place in ``STAGES``, or ``NOBODY``."""
    entered: Ints
    """Day on which each stage was entered, of shape (people, stages), or ``NOBODY``."""
    next_: Ints
    """Which stage began within the horizon after that, of the same shape, or ``NOBODY``."""
    days: Ints
    """After so many days, of the same shape; 0 where none did."""

    @classmethod
    def of(cls, lines: Sequence[Sequence[Step]], end: int, horizon_days: int) -> Self:
        """Take lines as of the day before ``end``; an entry counts when the whole horizon after it is on record."""
        shape = (len(lines), len(STAGES))
        now = np.full(len(lines), NOBODY, dtype=np.int64)
        entered, next_ = np.full(shape, NOBODY, dtype=np.int64), np.full(shape, NOBODY, dtype=np.int64)
        days = np.zeros(shape, dtype=np.int64)
        for place, line in enumerate(lines):
            if line:
                now[place] = _PLACE[line[-1].stage]
            for step, after in zip_longest(line, line[1:]):
                if step.day + horizon_days >= end:
                    break
                at, in_time = _PLACE[step.stage], after is not None and after.day <= step.day + horizon_days
                entered[place, at] = step.day
                next_[place, at] = _PLACE[after.stage] if after and in_time else NOBODY
                days[place, at] = after.day - step.day if after and in_time else 0
        return cls(now, entered, next_, days)


def draw_flows(publisher: Publisher, lives: Lives, who: Ints, name: str, horizon_days: int, reason: str) -> Flows:
    """Publish the stages of some people (positions); ``name`` says whose they are."""
    here = who[lives.now[who] != NOBODY]
    people = publisher.noise.count(here, f"{name} with a line")
    if publisher.rule.is_too_few(people):
        return Flows("Too few have a line to publish anything of them.")
    drawing = _Drawing(publisher, lives, here, people, name, horizon_days)
    return Flows(reason, people.people, tuple(drawing.stage(stage) for stage in STAGES))


@dataclass(frozen=True)
class _Drawing:
    """The lines of some people."""

    publisher: Publisher
    lives: Lives
    who: Ints
    people: Noisy
    name: str
    horizon_days: int

    def stage(self, stage: Stage) -> StageFigures:
        place, rule = _PLACE[stage], self.publisher.rule
        inside = self._count(self.who[self.lives.now[self.who] == place], f"in {stage}")
        came = self.who[self.lives.entered[self.who, place] != NOBODY]
        entered = self._count(came, f"entered {stage}")
        following = self.lives.next_[came, place]
        stayed = self._count(came[following == NOBODY], f"stayed in {stage}")
        return StageFigures(
            stage,
            figures.share(rule, inside, self.people),
            figures.share(rule, stayed, entered),
            tuple(
                self._onward(stage, to, came[following == _PLACE[to]], entered) for to in STAGES if to in NEXT[stage]
            ),
        )

    def _onward(self, stage: Stage, to: Stage, went: Ints, entered: Noisy) -> Onward:
        label = f"{stage} to {to}"
        people = self._count(went, label)
        days = self.lives.days[went, _PLACE[stage]].astype(np.float64)
        ends, name = _ends(self.horizon_days), f"{self.name} {label} days"
        median = self.publisher.median(went, days, ends, people, name, of_all=True)
        return Onward(to, figures.share(self.publisher.rule, people, entered), _above_0(median))

    def _count(self, who: Ints, label: str) -> Noisy:
        return self.publisher.noise.count(who, f"{self.name} {label}")


def _ends(horizon_days: int) -> list[float]:
    """Ends between whole days, rising; the first lies below all of them."""
    sharp = (horizon_days // 2 - 1, horizon_days // 2, horizon_days - 1, horizon_days)
    return [-0.5, *sorted({day + 0.5 for day in (*_DAYS, *sharp) if day <= horizon_days})]


def _above_0(figure: Figure) -> Figure:
    """On the same day is after 0 days, and no less."""
    if figure.value is None or figure.low is None or figure.high is None:
        return figure
    return Figure(max(0.0, figure.value), max(0.0, figure.low), max(0.0, figure.high), figure.n)
