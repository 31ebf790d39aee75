"""How much engagement goes with staying: the ladder of a shop and of each community, as a run published it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from app.domain.disclosure import UNKNOWN, Figure

Unit = Literal["purchases", "visits", "categories", "communities"]
"""What engagement is counted in; of categories and communities each counts once, however often something is bought."""

Status = Literal["threshold", "no_threshold", "not_enough_data"]

NOT_A_CAUSE = "This is an association, not a cause."

WINDOW_DAYS = 30
HORIZON_DAYS = 60
LEAST_DAYS, MOST_DAYS = 7, 366


@dataclass(frozen=True, slots=True)
class RetentionRules:
    """What a tenant means by engagement and by gone."""

    unit: Unit = "purchases"
    window_days: int = WINDOW_DAYS
    """Days in which engagement is counted; 30: a month."""
    horizon_days: int = HORIZON_DAYS
    """Gone is who buys nothing in so many days that follow."""

    @property
    def known_days(self) -> int:
        """Days before the cut in which who is looked at has bought: who has not is gone already."""
        return max(self.window_days, self.horizon_days)


@dataclass(frozen=True, slots=True)
class Rung:
    """One step of a ladder: people with so much engagement, and the chance that they were gone afterwards."""

    from_value: int
    to_value: int | None
    """The last value that belongs to it; ``None``: without end."""
    chance: Figure
    """``n``: about so many people stand on the rung."""


@dataclass(frozen=True, slots=True)
class Ladder:
    """How the chance to be gone goes with engagement; an association, never a cause."""

    status: Status
    reason: str
    """What was found, or why nothing, in plain English."""
    gone_share: Figure = UNKNOWN
    """Of all who were customers at the cut."""
    threshold: Figure = UNKNOWN
    """Engagement in the window beyond which more goes with little."""
    rungs: tuple[Rung, ...] = ()
    """By engagement; the chance never rises from one to the next."""


@dataclass(frozen=True, slots=True)
class Retention:
    """What a run published of retention, and by which rules."""

    run: str
    rules: RetentionRules
    """Those that held when it was published."""
    cut_day: str | None
    """Date up to which engagement was counted; ``None``: the record is too short."""
    ladder: Ladder


def too_few(what: str) -> Ladder:
    """Publish of so few nothing but that."""
    return Ladder("not_enough_data", what)


def write_engagement(value: float, rules: RetentionRules) -> str:
    """Write an amount of engagement as it is spoken of: ``4.2 purchases in 30 days``."""
    return f"{value:g} {rules.unit} in {rules.window_days} days"


def say_threshold(rules: RetentionRules, threshold: Figure, rungs: Sequence[Rung]) -> str:
    """Say what a threshold means; needs its rungs."""
    return (
        f"Up to about {write_engagement(threshold.value or 0.0, rules)} (95 % interval {threshold.low:g} to "
        f"{threshold.high:g}) more goes with a lower chance to be gone, beyond it with little. "
        f"{_say_ends(rules, rungs)} {NOT_A_CAUSE}"
    )


def say_none(rules: RetentionRules, rungs: Sequence[Rung]) -> str:
    """Say that there is no threshold, and what there is instead; needs the rungs."""
    first, last = rungs[0].chance, rungs[-1].chance
    if (last.high or 0.0) < (first.low or 0.0):
        return (
            f"More {rules.unit} go with a lower chance to be gone, but a smooth curve says so as well as one that "
            f"bends at a threshold, so none is named. {_say_ends(rules, rungs)} {NOT_A_CAUSE}"
        )
    return f"No threshold: the chance to be gone hardly differs by {rules.unit}. {_say_ends(rules, rungs)}"


def _say_ends(rules: RetentionRules, rungs: Sequence[Rung]) -> str:
    first, last = rungs[0], rungs[-1]
    return (
        f"Of those with {write_rung(first)}, {_percent(first.chance)} bought nothing in the next {rules.horizon_days} "
        f"days, of those with {write_rung(last)}, {_percent(last.chance)}."
    )


def write_rung(rung: Rung) -> str:
    """Write the values of a rung: ``2 to 3``, ``4 or more``."""
    if rung.to_value is None:
        return f"{rung.from_value} or more"
    return f"{rung.from_value}" if rung.to_value == rung.from_value else f"{rung.from_value} to {rung.to_value}"


def _percent(figure: Figure) -> str:
    return f"{(figure.value or 0.0) * 100:.2g} %"
