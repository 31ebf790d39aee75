"""Experiments: scenarios tried against each other, by identity and for good; results for every day."""

from datetime import datetime
from typing import Annotated, Self

from fastapi import APIRouter, Path, Response
from pydantic import AwareDatetime, BaseModel, Field, field_validator, model_validator

from app.api.bodies import Answer, Body
from app.api.deps import Campaigning, ReadingCampaigns
from app.api.errors import PROBLEM_RESPONSES, problems
from app.api.shelf import Word
from app.domain import clock
from app.domain.experiments import (
    HOLD_OUT,
    Advice,
    Arm,
    Experiment,
    Metric,
    Plan,
    Results,
    Split,
    State,
    Unit,
    Verdict,
)

router = APIRouter(prefix="/v1/experiments", tags=["experiments"], responses=PROBLEM_RESPONSES)

ExperimentId = Annotated[str, Path(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$")]


class ArmBody(Body):
    """One way to fill the shelf."""

    name: Word
    scenario: Annotated[Word, Field(description="Name of a scenario that there is.")]
    weight: Annotated[float, Field(ge=0.001, le=1000, description="Its part, beside the other arms' weights.")] = 1.0


class ExperimentBody(Body):
    """What is tried: arms for the questions that name a scenario."""

    scenario: Annotated[Word, Field(description="Questions that name it take part; what is held out gets it as it is.")]
    arms: Annotated[list[ArmBody], Field(min_length=2, max_length=10, description="All are compared with the first.")]
    unit: Annotated[
        Unit,
        Field(description="household: one arm for all who share with a household identity by grants of their own."),
    ] = "identity"
    hold_out: Annotated[float, Field(ge=0, le=0.9, description="Share that no arm is shown to.")] = 0.0
    metric: Annotated[Metric, Field(description="What counts: an order, or a click on what it showed.")] = "bought"
    outcome_days: Annotated[
        float, Field(ge=1, le=28, description="So long after its first exposure a unit's outcome is waited for.")
    ] = 7.0
    smallest_difference: Annotated[
        float | None, Field(gt=0, lt=1, description="A difference of rates below it matters to nobody.")
    ] = None
    starts_at: Annotated[AwareDatetime | None, Field(description="null: now, or as it was.")] = None
    ends_at: Annotated[AwareDatetime, Field(description="At most 90 days less outcome_days later; it may change.")]

    @field_validator("starts_at", "ends_at")
    @classmethod
    def _is_of_these_years(cls, moment: datetime | None) -> datetime | None:
        """Whatever the zone, it is a moment in UTC."""
        if moment is not None and not 2000 <= moment.year < 2200:
            raise ValueError("must be of this century or the next")
        return moment

    @field_validator("arms")
    @classmethod
    def _are_called_otherwise(cls, arms: list[ArmBody]) -> list[ArmBody]:
        names = [arm.name for arm in arms]
        if len(set(names)) < len(names):
            raise ValueError("each arm needs a name of its own")
        if HOLD_OUT in names:
            raise ValueError(f"{HOLD_OUT} is what those are called who are held out")
        return arms

    @model_validator(mode="after")
    def _begins_before_it_ends(self) -> Self:
        if self.starts_at is not None and self.starts_at >= self.ends_at:
            raise ValueError("starts_at must be before ends_at")
        return self

    def to_plan(self) -> Plan:
        """Say the same in the words of the domain; to the millisecond, as the graph keeps it."""
        return Plan(
            scenario=self.scenario,
            arms=tuple(Arm(arm.name, arm.scenario, arm.weight) for arm in self.arms),
            starts_at=clock.to_milliseconds(self.starts_at or self.ends_at),
            ends_at=clock.to_milliseconds(self.ends_at),
            unit=self.unit,
            hold_out=self.hold_out,
            metric=self.metric,
            outcome_days=self.outcome_days,
            smallest_difference=self.smallest_difference,
        )


class ExperimentAnswer(BaseModel):
    """One experiment."""

    id: str
    plan: ExperimentBody
    state: State
    changed_at: AwareDatetime
    changed_by: Annotated[str, Field(description="Id of the key.")]


class ExperimentList(BaseModel):
    """All experiments of the tenant, by id."""

    experiments: list[ExperimentAnswer]


class RateAnswer(Answer):
    """A rate, or a difference of rates, with the 95 % interval that holds at every look."""

    value: float
    low: float
    high: float


class ArmAnswer(Answer):
    """What is known of one arm."""

    arm: Annotated[str, Field(description="`hold_out`: those who were answered as if there were no experiment.")]
    people: Annotated[
        int | None, Field(description="About so many units were exposed and had their days; null: too few.")
    ]
    rate: RateAnswer | None
    note: str | None


class ComparisonAnswer(Answer):
    """One arm beside the first one."""

    arm: str
    than: str
    difference: RateAnswer | None
    verdict: Verdict


class ResultsAnswer(Answer):
    """What an experiment has shown so far; all numbers of people carry noise, and intervals hold it."""

    counted_at: Annotated[AwareDatetime, Field(description="Counted once a day (PLURAL_EXPERIMENT_HOURS).")]
    arms: list[ArmAnswer]
    comparisons: list[ComparisonAnswer]
    split: Annotated[Split, Field(description="off: units fell into arms otherwise than planned; believe nothing.")]
    advice: Advice


class ExperimentReportAnswer(ExperimentAnswer):
    """One experiment with its results."""

    results: ResultsAnswer


@router.put("/{experiment_id}", responses=problems(409))
async def put_experiment(caller: Campaigning, experiment_id: ExperimentId, body: ExperimentBody) -> ExperimentAnswer:
    """Keep an experiment; of one that is there only `ends_at` may change, since who is in which arm hangs on the rest.

    Other processes of the service follow within five seconds. One experiment at a time is on a scenario.
    """
    plan, starts_at = body.to_plan(), body.starts_at
    begins = clock.to_milliseconds(starts_at) if starts_at else None
    kept = await caller.services.experiments.put(caller.tenant, experiment_id, plan, begins, caller.actor)
    return ExperimentAnswer.model_validate(_fields(kept, clock.now()))


@router.get("")
async def read_experiments(caller: ReadingCampaigns) -> ExperimentList:
    """List the experiments, without their results."""
    now = clock.now()
    found = await caller.services.experiments.list_experiments(caller.tenant)
    return ExperimentList(experiments=[ExperimentAnswer.model_validate(_fields(one, now)) for one in found])


@router.get("/{experiment_id}", responses=problems(404))
async def read_experiment(caller: ReadingCampaigns, experiment_id: ExperimentId) -> ExperimentReportAnswer:
    """Read one experiment with what it has shown so far, counted if it was not today."""
    found = await caller.services.experiments.find(caller.tenant, experiment_id)
    results = await caller.services.experiment_report.results(caller.tenant, found)
    return ExperimentReportAnswer.model_validate({**_fields(found, clock.now()), "results": _results(results)})


@router.delete("/{experiment_id}", status_code=204, response_class=Response, responses=problems(404))
async def delete_experiment(caller: Campaigning, experiment_id: ExperimentId) -> None:
    """Forget an experiment; its questions are answered by the scenario that they name."""
    await caller.services.experiments.delete(caller.tenant, experiment_id, caller.actor)


def _fields(one: Experiment, now: datetime) -> dict[str, object]:
    plan = one.plan
    return {
        "id": one.id,
        "plan": {
            "scenario": plan.scenario,
            "arms": [{"name": arm.name, "scenario": arm.scenario, "weight": arm.weight} for arm in plan.arms],
            "unit": plan.unit,
            "hold_out": plan.hold_out,
            "metric": plan.metric,
            "outcome_days": plan.outcome_days,
            "smallest_difference": plan.smallest_difference,
            "starts_at": plan.starts_at,
            "ends_at": plan.ends_at,
        },
        "state": one.state(now),
        "changed_at": one.changed_at,
        "changed_by": one.changed_by,
    }


def _results(results: Results) -> ResultsAnswer:
    return ResultsAnswer.model_validate(results)
