"""Use case: a shop tries scenarios against each other, by identity and for good, and looks at what came of it."""

import math
import secrets
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Protocol

import numpy as np
from cachetools import TTLCache

from app.domain import clock
from app.domain.disclosure import DAYS_TO_COUNT, Disclosure
from app.domain.errors import ConflictError, InvalidError, NotFoundError
from app.domain.experiments import (
    HOLD_OUT,
    MOST_DAYS,
    ArmResult,
    Assigned,
    Comparison,
    Experiment,
    Plan,
    Rate,
    Results,
    Split,
    UnitOutcome,
    Verdict,
    advice_of,
    arm_shares,
    assign,
    verdict_of,
)
from app.domain.hashing import Hasher
from app.services.hashing import figures_period, figures_secret
from app.services.scenarios import ScenarioBook
from app.taste.noise import Noise, published_count
from app.taste.sequential import Tally, difference_interval, share_interval, split_is_off

BELIEVED_SECONDS = 5.0
"""So long another process may go by what it has read; the one that was told goes by it at once."""
ALPHA = 0.05
"""Chance that any comparison of an experiment ever says better or worse where there is no difference."""
SPLIT_ALPHA = 0.01
"""Chance that a split as planned is ever called off."""
NO_EXPERIMENT = "There is no experiment of this id; GET /v1/experiments lists what there is."
_TENANTS = 10_000
_PLACES = 5

Numbers = Mapping[str, tuple[float, float]]
"""By arm, noisy numbers of units: that were exposed, and that took something."""


class ExperimentStore(Protocol):
    """Where experiments are kept."""

    async def read(self, tenant: str, id_: str | None = None) -> list[Experiment]:
        """The experiments of a tenant by id, or the one of this id."""
        ...

    async def write(self, tenant: str, experiment: Experiment) -> Experiment | None:
        """Keep an experiment, as it is kept then; ``None`` where there is one of its id that is otherwise."""
        ...

    async def delete(self, tenant: str, id_: str, actor: str) -> bool:
        """Forget an experiment; whether there was one."""
        ...

    async def find_household(self, tenant: str, identity_id: str, now: datetime) -> str | None:
        """The household identity with which an identity shares by its own will."""
        ...

    async def read_outcomes(
        self, tenant: str, experiment: Experiment, now: datetime, arrived_before: datetime
    ) -> dict[str, UnitOutcome]:
        """What became of the units that were exposed and may be measured now, by unit."""
        ...

    async def read_count(self, tenant: str, id_: str) -> tuple[Numbers, datetime] | None:
        """What was counted last, and when."""
        ...

    async def keep_count(
        self, tenant: str, id_: str, numbers: Numbers, at: datetime, before: datetime
    ) -> tuple[Numbers, datetime] | None:
        """Keep what was counted unless somebody did after ``before``; what stands, ``None`` without an experiment."""
        ...


class ExperimentBook:
    """Reads and changes experiments, and says whose questions are in which arm; one a process."""

    def __init__(
        self, store: ExperimentStore, scenarios: ScenarioBook, believed_seconds: float = BELIEVED_SECONDS
    ) -> None:
        self._store = store
        self._scenarios = scenarios
        self._believed = TTLCache[str, list[Experiment]](_TENANTS, believed_seconds)

    async def assign(self, tenant: str, scenario: str, identity_id: str) -> tuple[Assigned, str] | None:
        """Return the arm of an identity's question that names a scenario, and the arm's scenario; ``None`` without one.

        It follows from the identity's id alone, whether anybody knows it or not; with the unit ``household`` from the
        household identity with which it shares by its own will, never from whom it is linked to.
        """
        now = clock.now()
        experiment = next(
            (one for one in await self._all(tenant) if one.plan.scenario == scenario and one.state(now) == "running"),
            None,
        )
        if experiment is None:
            return None
        household = None
        if experiment.plan.unit == "household":
            household = await self._store.find_household(tenant, identity_id, now)
        return assign(experiment, household or identity_id)

    async def list_experiments(self, tenant: str) -> list[Experiment]:
        """All of a tenant, by id."""
        return await self._store.read(tenant)

    async def find(self, tenant: str, id_: str) -> Experiment:
        """Return one; ``NotFoundError``."""
        found = await self._store.read(tenant, id_)
        if not found:
            raise NotFoundError(NO_EXPERIMENT)
        return found[0]

    async def put(self, tenant: str, id_: str, plan: Plan, starts_at: datetime | None, actor: str) -> Experiment:
        """Keep an experiment; of one that is there only the end may change, to an earlier or later one.

        ``starts_at`` of ``None`` is as it was, or now. ``InvalidError`` names the fields that are wrong,
        ``ConflictError`` says what it contradicts.
        """
        now = clock.to_milliseconds(clock.now())
        known = {one.id: one for one in await self._store.read(tenant)}
        before = known.get(id_)
        begins = starts_at or (before.plan.starts_at if before else now)
        plan = replace(plan, starts_at=begins)
        await self._check(tenant, plan, before, now)
        for one in known.values():
            if one.id != id_ and _overlap(one.plan, plan):
                raise ConflictError("Another experiment is on this scenario in these days.")
        kept = await self._store.write(tenant, Experiment(id_, plan, secrets.token_hex(32), now, actor))
        if kept is None:
            raise ConflictError("Only the end of an experiment can be changed; put what is otherwise under another id.")
        self._believed.pop(tenant, None)
        return kept

    async def delete(self, tenant: str, id_: str, actor: str) -> None:
        """Forget an experiment; ``NotFoundError``."""
        was_there = await self._store.delete(tenant, id_, actor)
        self._believed.pop(tenant, None)
        if not was_there:
            raise NotFoundError(NO_EXPERIMENT)

    async def _check(self, tenant: str, plan: Plan, before: Experiment | None, now: datetime) -> None:
        if before is not None and before.state(now) == "over" and plan.ends_at != before.plan.ends_at:
            raise ConflictError("It is over; put another one under another id.")
        named = {one.name for one in await self._scenarios.list_scenarios(tenant)}
        wrong = [] if plan.scenario in named else [("scenario", "is no scenario of this shop")]
        wrong += [
            (f"arms.{place}.scenario", "is no scenario of this shop")
            for place, arm in enumerate(plan.arms)
            if arm.scenario not in named
        ]
        if before is None and plan.starts_at < now:
            wrong.append(("starts_at", "must not be in the past"))
        if plan.ends_at <= plan.starts_at:
            wrong.append(("ends_at", "must be after starts_at"))
        if plan.starts_at - now > timedelta(days=MOST_DAYS):
            wrong.append(("starts_at", f"must be within {MOST_DAYS} days from now"))
        most = MOST_DAYS - plan.outcome_days
        if plan.ends_at - plan.starts_at > timedelta(days=most):
            wrong.append(("ends_at", f"must be at most {most:g} days after starts_at: {MOST_DAYS} less outcome_days"))
        if wrong:
            raise InvalidError("The experiment cannot be kept as it is; errors says what.", tuple(wrong))

    async def _all(self, tenant: str) -> list[Experiment]:
        believed = self._believed.get(tenant)
        if believed is None:
            believed = self._believed[tenant] = await self._store.read(tenant)
        return believed


class ExperimentReport:
    """Says what an experiment has shown so far, from noisy numbers alone."""

    def __init__(
        self, store: ExperimentStore, hasher: Callable[[str], Hasher], k: int, figures_days: int, look_hours: float
    ) -> None:
        self._store = store
        self._hasher = hasher
        self._disclosure = Disclosure(k)
        self._figures_days = figures_days
        self._stands = timedelta(hours=look_hours)

    async def results(self, tenant: str, experiment: Experiment) -> Results:
        """Return what is known; counted once in the hours for which it stands, so nobody is seen to arrive.

        Raises ``NotFoundError`` where the experiment was deleted meanwhile.
        """
        now = clock.to_milliseconds(clock.now())
        counted = await self._store.read_count(tenant, experiment.id)
        if counted is None or counted[1] <= now - self._stands:
            numbers = await self._count(tenant, experiment, now)
            counted = await self._store.keep_count(tenant, experiment.id, numbers, now, now - self._stands)
        if counted is None:
            raise NotFoundError(NO_EXPERIMENT)
        return judge(experiment, *counted, now, self._disclosure)

    async def _count(self, tenant: str, experiment: Experiment, now: datetime) -> Numbers:
        """Count units by arm, with the noise of published figures."""
        found = await self._store.read_outcomes(tenant, experiment, now, now - timedelta(days=DAYS_TO_COUNT))
        ripe = {unit: one for unit, one in found.items() if one.is_ripe(now, experiment.plan.outcome_days)}
        units = sorted(ripe)
        period = figures_period(now, self._figures_days)
        noise = Noise(figures_secret(self._hasher(tenant), period), units)
        numbers: dict[str, tuple[float, float]] = {}
        for arm in _arms(experiment.plan):
            inside = np.asarray([place for place, unit in enumerate(units) if ripe[unit].arm == arm], dtype=np.int64)
            took = np.asarray([place for place in inside if ripe[units[place]].took], dtype=np.int64)
            name = f"experiment {experiment.id} {arm}"
            shown = noise.count(inside, name)
            numbers[arm] = shown.value, noise.count(took, f"{name} took").within(shown).value
        return numbers


def judge(experiment: Experiment, numbers: Numbers, at: datetime, now: datetime, disclosure: Disclosure) -> Results:
    """Say what noisy numbers mean; intervals hold the noise too, at every look."""
    plan = experiment.plan
    arms = [_arm_result(arm, numbers.get(arm, (0.0, 0.0)), disclosure) for arm in _arms(plan)]
    first, *others = (arm.name for arm in plan.arms)
    comparisons = [_compare(one, first, plan, numbers, disclosure) for one in others]
    split = _split(plan, numbers, disclosure)
    verdicts: list[Verdict] = [one.verdict for one in comparisons]
    return Results(at, tuple(arms), tuple(comparisons), split, advice_of(experiment.state(now), split, verdicts))


def _arms(plan: Plan) -> list[str]:
    return [arm.name for arm in plan.arms] + ([HOLD_OUT] if plan.hold_out else [])


def _arm_result(arm: str, numbers: tuple[float, float], disclosure: Disclosure) -> ArmResult:
    people = published_count(numbers[0])
    shown = disclosure.count(people)
    if shown is None:
        note = f"too few: at least {disclosure.k} are needed to look"
        return ArmResult(arm, None, None, note)
    tally = Tally(numbers[1], numbers[0])
    return ArmResult(arm, shown, _rate(tally.rate, share_interval(tally, ALPHA, people.reach)), None)


def _compare(arm: str, than: str, plan: Plan, numbers: Numbers, disclosure: Disclosure) -> Comparison:
    """Compare two arms; the chance of an error is parted between all comparisons of the experiment."""
    one, other = (numbers.get(name, (0.0, 0.0)) for name in (arm, than))
    people = published_count(one[0]), published_count(other[0])
    if disclosure.is_too_few(*people):
        return Comparison(arm, than, None, "not_enough_data")
    mine, theirs = Tally(one[1], one[0]), Tally(other[1], other[0])
    interval = difference_interval(mine, theirs, ALPHA / (len(plan.arms) - 1), people[0].reach)
    difference = _rate(mine.rate - theirs.rate, interval)
    return Comparison(arm, than, difference, verdict_of(difference, plan.smallest_difference))


def _rate(value: float, interval: tuple[float, float]) -> Rate:
    """To as many places as say something; the interval to the outer side."""
    low, high = interval
    places = 10**_PLACES
    return Rate(round(value, _PLACES), math.floor(low * places) / places, math.ceil(high * places) / places)


def _split(plan: Plan, numbers: Numbers, disclosure: Disclosure) -> Split:
    people = [published_count(numbers.get(arm, (0.0, 0.0))[0]) for arm in _arms(plan)]
    if not any(not disclosure.is_too_few(one) for one in people):
        return "not_enough_data"
    shares = [*arm_shares(plan), *([plan.hold_out] if plan.hold_out else [])]
    off = split_is_off([one.value for one in people], shares, SPLIT_ALPHA, people[0].reach)
    return "off" if off else "as_planned"


def _overlap(one: Plan, other: Plan) -> bool:
    return one.scenario == other.scenario and one.starts_at < other.ends_at and other.starts_at < one.ends_at
