"""`plural replay`: what another policy would have earned on the logged decisions."""

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import TypeAdapter
from rich.markup import escape
from rich.table import Table

from app.cli.desk import open_desk
from app.cli.options import AsJson, Tenant
from app.cli.replay_policy import policy_of, read_file
from app.cli.terminal import plain_console
from app.domain import clock
from app.domain.disclosure import Figure
from app.domain.errors import NotFoundError
from app.domain.keys import check_tenant
from app.domain.replay import Estimate, Replayed, Reward
from app.graph.items import Items
from app.graph.outcomes import OutcomeGraph
from app.graph.scenarios import ScenarioGraph
from app.services.replay import Question, Replayer, start_of_day

_REPLAYED = TypeAdapter(Replayed)
_EARNED = {
    "clicked": "the share of places whose product was clicked",
    "bought": "the share of places whose product was in an order that is credited to the decision",
}
_ROWS = {
    "logged": "as it was",
    "doubly_robust": "the policy, doubly robust",
    "snips": "the policy, SNIPS",
    "ips": "the policy, IPS",
    "change": "the policy less as it was",
}


def replay(
    policy: Annotated[
        str,
        typer.Option(metavar="FILE|NAME", help="A scenario: a file of JSON, or the name of a stored one."),
    ],
    reward: Annotated[str, typer.Option(help="What a place earns: clicked or bought.")] = "clicked",
    scenario: Annotated[
        str | None,
        typer.Option(help="Only decisions that named this stored scenario, since it was put; left out: all."),
    ] = None,
    days: Annotated[int | None, typer.Option(min=1, help="Only decisions of so many days; left out: all kept.")] = None,
    tenant: Tenant = "demo",
    as_json: AsJson = False,
) -> None:
    """Estimate what another policy would have earned on the logged decisions, place by place.

    Places that were left to chance say something of it: creatives, and products where PLURAL_EXPLORATION is set.
    Numbers carry the noise of published figures.
    """
    check_tenant(tenant)
    if reward not in ("clicked", "bought"):
        raise typer.BadParameter("clicked or bought", param_hint="--reward")
    found = asyncio.run(_replay(tenant, policy, reward, scenario, days))
    if as_json:
        typer.echo(_REPLAYED.dump_json(found).decode())
        return
    console = plain_console()
    for estimate in found.estimates:
        console.print(_table(estimate, found))


async def _replay(tenant: str, policy: str, reward: Reward, scenario: str | None, days: int | None) -> Replayed:
    async with open_desk() as desk:
        settings, now = desk.settings, clock.now()
        scenarios = ScenarioGraph(desk.db, desk.audit)
        since = start_of_day(now - timedelta(days=days or settings.decision_retention_days))
        base: Mapping[str, Any] = {}
        if scenario is not None:
            [named] = await scenarios.read(tenant, scenario) or [None]
            if named is None:
                raise NotFoundError("There is no scenario of this name.")
            base, since = named.fields, max(since, named.changed_at)
        question = Question(
            policy=policy_of(await _fields(scenarios, tenant, policy), base),
            reward=reward,
            since=since,
            scenario=scenario,
            outcome_days=max(settings.credit_clicked_days, settings.credit_seen_days),
        )
        log = OutcomeGraph(desk.db, settings.credit_rules)
        items = Items(desk.db, settings.item_cache_size)
        replayer = Replayer(log, items, desk.hasher, settings.k_look, settings.figures_days)
        return await replayer.replay(tenant, question, now)


async def _fields(scenarios: ScenarioGraph, tenant: str, policy: str) -> Mapping[str, Any]:
    path = Path(policy)
    if path.suffix == ".json" or path.is_file():
        return read_file(path)
    [found] = await scenarios.read(tenant, policy) or [None]
    if found is None:
        raise NotFoundError(f"{policy!r} is neither a file nor the name of a scenario.")
    return found.fields


def _table(estimate: Estimate, found: Replayed) -> Table:
    table = Table("", f"{found.reward} a place", "95 %", title=f"{estimate.kind}", title_justify="left")
    for name, title in _ROWS.items():
        figure: Figure = getattr(estimate, name)
        if figure.value is not None:
            sign = "+" if name == "change" else ""
            interval = f"{100 * (figure.low or 0):{sign}.3g} to {100 * (figure.high or 0):{sign}.3g} %"
            table.add_row(title, f"{100 * figure.value:{sign}.3g} %", interval)
    if estimate.note:
        table.add_row("the policy", escape(estimate.note), "")
    table.caption = " ".join(_remarks(estimate, found))
    return table


def _remarks(estimate: Estimate, found: Replayed) -> list[str]:
    said = [f"Counted is {_EARNED[found.reward]}, of decisions from {found.since:%Y-%m-%d} to {found.until:%Y-%m-%d}."]
    if estimate.people is not None and estimate.covered is not None:
        said.append(
            f"About {estimate.places:,} places of ~{estimate.people:,} people, worth {estimate.effective_places:,} of "
            f"the policy's own; {estimate.covered:.0%} of what it would show was a candidate then."
        )
    if found.is_cut:
        said.append("There were more decisions than are read; the oldest were left out.")
    return said
