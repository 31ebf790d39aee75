"""Where the lines of many are and where they go on to, as a run published it: figures with noise, nobody's line."""

from dataclasses import dataclass

from app.domain.disclosure import Figure
from app.domain.journeys import Stage


@dataclass(frozen=True, slots=True)
class Onward:
    """A stage that lines went on to."""

    stage: Stage
    chance: Figure
    """Share of those who entered the stage before that went on to this one within the horizon."""
    median_days: Figure
    """Until it began, of those who did."""


@dataclass(frozen=True, slots=True)
class StageFigures:
    """One stage, and what came next."""

    stage: Stage
    share: Figure
    """Of all, who were in it at the end of the record."""
    stayed: Figure
    """Share of those who entered it that were in it still when the horizon ended."""
    next_stage: tuple[Onward, ...]
    """In the order of a life; ``n`` of a chance is about how many entered."""


@dataclass(frozen=True, slots=True)
class Flows:
    """Stages of a shop's or community's lines."""

    reason: str
    """What the figures are of, or why there are none, in plain English."""
    people: int | None = None
    """About so many have a line; ``None``: too few."""
    stages: tuple[StageFigures, ...] = ()
    """In the order of a life; empty where nothing may be published."""


@dataclass(frozen=True, slots=True)
class JourneyFigures:
    """What a run published of journeys."""

    run: str
    horizon_days: int
    """In which what comes next is looked for, and after which who buys nothing is gone."""
    end_day: str | None
    """Date of the last day on record; ``None``: the record is too short."""
    flows: Flows


def write_flows(horizon_days: int, end_day: str) -> str:
    """Say what the figures are of."""
    return (
        f"Stages as of {end_day}. What came next: of those who had entered a stage {horizon_days} days before or "
        f"earlier, by the last time they did, what began within {horizon_days} days. An association, not a cause."
    )
