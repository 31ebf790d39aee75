"""`plural experiments`: what is tried, and what each has shown so far."""

import asyncio
import json
from datetime import datetime

import typer
from pydantic import TypeAdapter
from rich.markup import escape
from rich.table import Table

from app.cli.desk import open_desk
from app.cli.options import AsJson, Tenant
from app.cli.terminal import plain_console
from app.domain import clock
from app.domain.experiments import Experiment, Rate, Results
from app.domain.keys import check_tenant
from app.graph.experiments import ExperimentGraph
from app.services.experiments import ExperimentReport

_RESULTS = TypeAdapter(Results)
_ADVICE = {
    "go_on": "go on",
    "stop_better": "stop: an arm is better",
    "stop_worse": "stop: the first arm is better",
    "stop_no_difference": "stop: no difference that matters",
    "stop_broken": "stop: units fell into arms otherwise than planned, believe nothing",
    "over": "over",
}


def experiments(tenant: Tenant = "demo", as_json: AsJson = False) -> None:
    """List the experiments with what each has shown so far."""
    check_tenant(tenant)
    found, now = asyncio.run(_read(tenant))
    if as_json:
        typer.echo(json.dumps([_fields(*one, now) for one in found]))
        return
    console = plain_console()
    if not found:
        console.print(f"No experiments yet: put one with PUT /v1/experiments/{{id}} for {tenant}.")
        return
    for experiment, results in found:
        console.print(_table(experiment, results, now))


async def _read(tenant: str) -> tuple[list[tuple[Experiment, Results]], datetime]:
    async with open_desk() as desk:
        store, settings = ExperimentGraph(desk.db, desk.audit), desk.settings
        report = ExperimentReport(store, desk.hasher, settings.k_look, settings.figures_days, settings.experiment_hours)
        found = await store.read(tenant)
        return [(one, await report.results(tenant, one)) for one in found], clock.now()


def _fields(experiment: Experiment, results: Results, now: datetime) -> dict[str, object]:
    plan = experiment.plan
    return {
        "id": experiment.id,
        "scenario": plan.scenario,
        "metric": plan.metric,
        "state": experiment.state(now),
        "starts_at": plan.starts_at.isoformat(),
        "ends_at": plan.ends_at.isoformat(),
        "results": _RESULTS.dump_python(results, mode="json"),
    }


def _table(experiment: Experiment, results: Results, now: datetime) -> Table:
    plan = experiment.plan
    title = f"{experiment.id}: {plan.metric} within {plan.outcome_days:g} days, on {plan.scenario}"
    table = Table("arm", "about", plan.metric, "than the first", "", title=escape(title), title_justify="left")
    beside = {one.arm: one for one in results.comparisons}
    for arm in results.arms:
        compared = beside.get(arm.arm)
        about = f"~{arm.people:,}" if arm.people is not None else arm.note or ""
        difference = _said(compared.difference, sign="+") if compared and compared.difference else ""
        verdict = compared.verdict.replace("_", " ") if compared else ""
        table.add_row(escape(arm.arm), about, _said(arm.rate) if arm.rate else "", difference, verdict)
    state = experiment.state(now).replace("_", " ")
    table.caption = (
        f"{state}; {_ADVICE[results.advice]}. Counted {results.counted_at:%Y-%m-%d %H:%M} UTC; "
        "numbers of people carry noise, the 95 % intervals hold at every look."
    )
    return table


def _said(rate: Rate, sign: str = "") -> str:
    low, value, high = (f"{part * 100:{sign}.2f}" for part in (rate.low, rate.value, rate.high))
    return f"{value} % ({low} to {high})"
