"""Experiments: a scenario's questions parted into arms, by identity and for good, and what came of it. No I/O."""

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

Unit = Literal["identity", "household"]
Metric = Literal["clicked", "bought"]
State = Literal["not_begun", "running", "over"]
Verdict = Literal["better", "worse", "no_difference", "open", "not_enough_data"]
Split = Literal["as_planned", "off", "not_enough_data"]
Advice = Literal["go_on", "stop_better", "stop_worse", "stop_no_difference", "stop_broken", "over"]

HOLD_OUT = "hold_out"
"""What those are called who are answered as if there were no experiment."""
MOST_DAYS = 90
"""From its beginning to its last outcome; decisions are kept as long."""


@dataclass(frozen=True, slots=True)
class Arm:
    """One way to fill the shelf."""

    name: str
    scenario: str
    weight: float = 1.0
    """Its part of those who are not held out, beside the other arms' weights."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What an experiment is; all of it but ``ends_at`` is fixed once it is put, since assignments hang on it."""

    scenario: str
    """Questions that name it take part."""
    arms: tuple[Arm, ...]
    """The others are compared with the first."""
    starts_at: datetime
    ends_at: datetime
    unit: Unit = "identity"
    hold_out: float = 0.0
    """Share of units that no arm is shown to."""
    metric: Metric = "bought"
    outcome_days: float = 7.0
    """So long after its first exposure a unit's outcome is waited for; then it counts."""
    smallest_difference: float | None = None
    """A difference of less than this, either way, matters to nobody."""


@dataclass(frozen=True, slots=True)
class Experiment:
    """One experiment of a tenant."""

    id: str
    plan: Plan
    secret: str
    """Made when it was put first, never told: who is in which arm follows from it."""
    changed_at: datetime
    changed_by: str
    """Id of the key."""

    def state(self, now: datetime) -> State:
        """Say whether it takes part in answers."""
        if now < self.plan.starts_at:
            return "not_begun"
        return "running" if now < self.plan.ends_at else "over"


@dataclass(frozen=True, slots=True)
class Assigned:
    """The arm of one question, as it is logged."""

    experiment_id: str
    arm: str
    unit: str
    """A keyed hash of whose arm it is: it says the same of one unit in one experiment, and nothing elsewhere."""


def assign(experiment: Experiment, unit_id: str) -> tuple[Assigned, str]:
    """Return the arm of a unit and its scenario; the same ones for as long as the experiment is there."""
    plan = experiment.plan
    digest = hmac.new(experiment.secret.encode(), unit_id.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()
    drawn = int(digest[:13], 16) / 16**13
    name, scenario = HOLD_OUT, plan.scenario
    left = drawn - plan.hold_out
    if left >= 0:
        for arm, share in zip(plan.arms, arm_shares(plan), strict=True):
            name, scenario, left = arm.name, arm.scenario, left - share
            if left < 0:
                break
    return Assigned(experiment.id, name, digest[32:]), scenario


def arm_shares(plan: Plan) -> list[float]:
    """Share of all units that each arm has; with ``hold_out`` they sum to 1."""
    total = sum(arm.weight for arm in plan.arms)
    return [(1 - plan.hold_out) * arm.weight / total for arm in plan.arms]


@dataclass(frozen=True, slots=True)
class UnitOutcome:
    """What became of one unit in the days after its first exposure."""

    arm: str
    exposed_at: datetime
    took: bool

    def is_ripe(self, now: datetime, outcome_days: float) -> bool:
        """Whether its days are over; before, it counts nowhere, so that no outcome counts while it may still come."""
        return self.exposed_at + timedelta(days=outcome_days) <= now


@dataclass(frozen=True, slots=True)
class Rate:
    """A share with the interval that holds at every look."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class ArmResult:
    """What is known of one arm; of fewer than k nothing."""

    arm: str
    people: int | None
    """Units that were exposed to it and whose days are over; about."""
    rate: Rate | None
    note: str | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """One arm beside the first one."""

    arm: str
    than: str
    difference: Rate | None
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Results:
    """What an experiment says so far."""

    counted_at: datetime
    arms: tuple[ArmResult, ...]
    """In the plan's order, then those who are held out, where any are."""
    comparisons: tuple[Comparison, ...]
    split: Split
    """Whether units fell into arms as planned; where not, nothing else can be believed."""
    advice: Advice


def verdict_of(difference: Rate, smallest: float | None) -> Verdict:
    """Say what an interval of a difference means."""
    if difference.low > 0:
        return "better"
    if difference.high < 0:
        return "worse"
    if smallest is not None and difference.low > -smallest and difference.high < smallest:
        return "no_difference"
    return "open"


def advice_of(state: State, split: Split, verdicts: Sequence[Verdict]) -> Advice:
    """Say whether to stop, by the rules of docs/experiments.md; the first that holds."""
    if split == "off":
        return "stop_broken"
    if state == "over":
        return "over"
    if "better" in verdicts:
        return "stop_better"
    if verdicts and all(one == "worse" for one in verdicts):
        return "stop_worse"
    if verdicts and all(one in ("no_difference", "worse") for one in verdicts):
        return "stop_no_difference"
    return "go_on"
