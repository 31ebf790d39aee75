"""Experiments in the graph, and what became of whom they were shown to (cypher/experiments/)."""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from app.domain.audit import Act
from app.domain.credit import CLICKED, order_times
from app.domain.experiments import Arm, Experiment, Plan, UnitOutcome, assign
from app.graph.audit import AuditTrail
from app.graph.database import Database, Row, Transaction
from app.graph.outcomes import bought_of
from app.graph.times import from_ms

Numbers = Mapping[str, tuple[float, float]]


@dataclass(frozen=True, slots=True)
class _Exposed:
    """One identity that an experiment was shown to."""

    arm: str
    first: datetime
    taken_at: tuple[datetime, ...]


class ExperimentGraph:
    """Keeps experiments with an audit entry a change; implements ``ExperimentStore``."""

    def __init__(self, db: Database, audit: AuditTrail) -> None:
        self._db = db
        self._audit = audit

    async def read(self, tenant: str, id_: str | None = None) -> list[Experiment]:
        """The experiments of a tenant by id, or the one of this id (experiments/read_experiments)."""
        return [_experiment(row) for row in await self._db.read("experiments/read_experiments", tenant=tenant, id=id_)]

    async def write(self, tenant: str, experiment: Experiment) -> Experiment | None:
        """Keep an experiment (experiments/write_experiment); ``None`` where another one has its id."""
        plan = experiment.plan

        async def work(transaction: Transaction) -> Experiment | None:
            rows = await transaction.run(
                "experiments/write_experiment",
                tenant=tenant,
                id=experiment.id,
                fixed=_fixed(plan),
                ends_at=plan.ends_at,
                secret=experiment.secret,
                by=experiment.changed_by,
                at=experiment.changed_at,
            )
            if not rows:
                return None
            detail = {"id": experiment.id, "scenario": plan.scenario, "ends_at": plan.ends_at.isoformat()}
            await self._audit.append(transaction, tenant, Act(experiment.changed_by, "experiment_put", detail=detail))
            return Experiment(experiment.id, plan, rows[0]["secret"], experiment.changed_at, experiment.changed_by)

        return await self._db.transact(work, tenant=tenant)

    async def delete(self, tenant: str, id_: str, actor: str) -> bool:
        """Forget an experiment (experiments/delete_experiment); whether there was one."""

        async def work(transaction: Transaction) -> bool:
            rows = await transaction.run("experiments/delete_experiment", tenant=tenant, id=id_)
            if rows:
                await self._audit.append(transaction, tenant, Act(actor, "experiment_deleted", detail={"id": id_}))
            return bool(rows)

        return await self._db.transact(work, tenant=tenant)

    async def find_household(self, tenant: str, identity_id: str, now: datetime) -> str | None:
        """The household identity that an identity shares with by its own will (experiments/find_household)."""
        rows = await self._db.read("experiments/find_household", tenant=tenant, identity_id=identity_id, now=now)
        return rows[0]["id"] if rows else None

    async def read_outcomes(
        self, tenant: str, experiment: Experiment, now: datetime, arrived_before: datetime
    ) -> dict[str, UnitOutcome]:
        """What became of the units that were exposed (experiments/read_exposed), by unit.

        One that is not the identity's own is its household's, and counts while the identity shares with that.
        """
        rows = await self._db.run_long(  # once a day, over all that was exposed
            "experiments/read_exposed",
            tenant=tenant,
            id=experiment.id,
            now=now,
            since=experiment.plan.starts_at,
            arrived_before=arrived_before,
            clicking=sorted(CLICKED),
        )
        units: defaultdict[str, list[_Exposed]] = defaultdict(list)
        for row in rows:
            whose = [row["identity_id"], *row["households"]]
            if row["counts"] and row["unit"] in {assign(experiment, one)[0].unit for one in whose}:
                units[row["unit"]].append(_exposed(experiment.plan, row))
        return {unit: _outcome(experiment.plan, exposed) for unit, exposed in units.items()}

    async def read_count(self, tenant: str, id_: str) -> tuple[Numbers, datetime] | None:
        """What was counted last, and when (experiments/read_count)."""
        return _counted(await self._db.read("experiments/read_count", tenant=tenant, id=id_))

    async def keep_count(
        self, tenant: str, id_: str, numbers: Numbers, at: datetime, before: datetime
    ) -> tuple[Numbers, datetime] | None:
        """Keep what was counted unless somebody did after ``before`` (experiments/keep_count); what stands."""
        text = json.dumps(numbers, sort_keys=True)
        kept = await self._db.write("experiments/keep_count", tenant=tenant, id=id_, numbers=text, at=at, before=before)
        return _counted(kept)


def _exposed(plan: Plan, row: Row) -> _Exposed:
    clicked = [from_ms(at_ms) for at_ms in row["clicks_ms"]]
    bought = order_times(bought_of(row["identity_id"], row["bought"])) if plan.metric == "bought" else []
    return _Exposed(row["arm"], from_ms(row["first_ms"]), tuple(bought if plan.metric == "bought" else clicked))


def _outcome(plan: Plan, exposed: Iterable[_Exposed]) -> UnitOutcome:
    known = sorted(exposed, key=lambda one: (one.first, one.arm))
    first = known[0]
    until = first.first + timedelta(days=plan.outcome_days)
    took = any(first.first <= at <= until for one in known for at in one.taken_at)
    return UnitOutcome(first.arm, first.first, took)


def _fixed(plan: Plan) -> str:
    """All of a plan but its end, as it is compared."""
    fields: dict[str, Any] = {
        "scenario": plan.scenario,
        "arms": [[arm.name, arm.scenario, arm.weight] for arm in plan.arms],
        "starts_at": plan.starts_at.isoformat(),
        "unit": plan.unit,
        "hold_out": plan.hold_out,
        "metric": plan.metric,
        "outcome_days": plan.outcome_days,
        "smallest_difference": plan.smallest_difference,
    }
    return json.dumps(fields, ensure_ascii=False, sort_keys=True)


def _experiment(row: Row) -> Experiment:
    fields: dict[str, Any] = json.loads(row["fixed"])
    fields["arms"] = tuple(Arm(*arm) for arm in fields["arms"])
    fields["starts_at"] = datetime.fromisoformat(fields["starts_at"])
    plan = Plan(**fields, ends_at=from_ms(row["ends_at_ms"]))
    return Experiment(row["id"], plan, row["secret"], from_ms(row["changed_at_ms"]), row["changed_by"])


def _counted(rows: list[Row]) -> tuple[Numbers, datetime] | None:
    if not rows:
        return None
    numbers: dict[str, list[float]] = json.loads(rows[0]["numbers"])
    return {arm: (pair[0], pair[1]) for arm, pair in numbers.items()}, from_ms(rows[0]["at_ms"])
