"""`plural plans`: list them, let one leave as a file, take one back."""

import asyncio
import json
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer
from rich.table import Table

from app.cli.desk import ACTOR, open_desk
from app.cli.options import AsJson, Tenant
from app.cli.terminal import plain_console
from app.domain.keys import check_tenant
from app.domain.plans import Plan, PlanExport, PlanRow
from app.graph.audiences import AudienceGraph
from app.graph.consents import ConsentGraph
from app.graph.creatives import CreativeGraph
from app.graph.items import Items
from app.graph.plans import PlanGraph
from app.graph.tombstones import Tombstones
from app.services.creatives import CreativeBook
from app.services.export_file import ExportFile
from app.services.export_plan import PlanExporter, cells_of, columns_of
from app.services.unsubscribe import Unsubscriber

app = typer.Typer(help="List plans, let one leave, take one back.", invoke_without_command=True)

Result = TypeVar("Result")
PlanId = Annotated[str, typer.Argument(metavar="PLAN", help="Its id, as `plural plans` lists it.")]


@dataclass(frozen=True, slots=True)
class _Plans:
    """What the commands ask."""

    plans: PlanGraph
    exporter: PlanExporter


@app.callback()
def plans(context: typer.Context, tenant: Tenant = "demo", as_json: AsJson = False) -> None:
    """List the frozen plans, the newest first: for whom, about how many contacts, what they cost and may gain."""
    if context.invoked_subcommand is not None:
        return
    check_tenant(tenant)
    found = asyncio.run(_ask(lambda ask: ask.plans.list_plans(tenant)))
    if as_json:
        typer.echo(json.dumps([_fields(one) for one in found]))
        return
    console = plain_console()
    if not found:
        console.print(f"No plans yet: make one with POST /v1/plans for {tenant}.")
        return
    console.print(_table(found))


@app.command("export")
def export(
    plan: PlanId,
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="Ends in .csv, .jsonl or .parquet; only you may read it.")
    ],
    tenant: Tenant = "demo",
    whole: Annotated[
        bool, typer.Option("--full", help="All lines, and not what changed since they last left.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Let a plan leave: the first time whole, then what changed. Consent, reach and caps are looked at now.

    Whoever may not be contacted any more, or has left the audience, is taken back. FILE.receipt.json says what left.
    """
    check_tenant(tenant)
    target = ExportFile(file)

    async def leave(ask: _Plans) -> tuple[Plan, PlanExport]:
        found = await ask.plans.find(tenant, plan)
        slots = found.request.slots

        def write(rows: Sequence[PlanRow]) -> str:
            return target.write_lines(columns_of(slots), [cells_of(row, slots) for row in rows])

        return found, await ask.exporter.export(tenant, plan, "full" if whole else "delta", write, ACTOR)

    try:
        found, exported = asyncio.run(_ask(leave))
        told = _receipt(found, exported)
        target.keep(told)
    finally:
        target.drop()
    typer.echo(json.dumps(told) if as_json else _sentence(exported, file))


@app.command("recall")
def recall(plan: PlanId, tenant: Tenant = "demo", as_json: AsJson = False) -> None:
    """Let nothing more leave of a plan; the next export takes back what has left."""
    check_tenant(tenant)
    found = asyncio.run(_ask(lambda ask: ask.plans.recall(tenant, plan, ACTOR)))
    typer.echo(
        json.dumps(_fields(found))
        if as_json
        else f"{plan} is recalled: nothing more leaves of it. If it left, export it once more for what to forget."
    )


async def _ask(work: Callable[[_Plans], Coroutine[object, object, Result]]) -> Result:
    async with open_desk() as desk:
        db, audit, hasher = desk.db, desk.audit, desk.hasher
        store = PlanGraph(db, audit, AudienceGraph(db, audit))
        unsubscriber = Unsubscriber(hasher, ConsentGraph(db, Tombstones(hasher), audit))
        items, creatives = Items(db, desk.settings.item_cache_size), CreativeBook(CreativeGraph(db, audit))
        return await work(_Plans(store, PlanExporter(store, items, creatives, unsubscriber, desk.count)))


def _receipt(plan: Plan, export: PlanExport) -> dict[str, Any]:
    return {
        "plan": plan.id,
        "audience": plan.request.audience,
        "channel": plan.request.channel,
        "mode": export.mode,
        "added": len(export.added),
        "removed": export.removed,
        "waiting": export.waiting,
        "sha256": export.sha256,
    }


def _fields(plan: Plan) -> dict[str, Any]:
    figures = plan.figures
    return {
        "id": plan.id,
        "state": plan.state,
        **json.loads(plan.request.text()),
        "contacts": figures.contacts,
        "note": figures.note,
        "cost": None if figures.cost is None else str(figures.cost),
        "gain": figures.gain,
        "gap": figures.gap,
        "exact": figures.is_exact,
        "at": plan.at.isoformat(),
        "by": plan.by,
        "run": plan.run,
    }


def _table(found: Sequence[Plan]) -> Table:
    table = Table(title="Plans", title_justify="left")
    table.add_column("plan", no_wrap=True)
    for column in ("state", "for", "about", "cost", "may gain", "gap"):
        table.add_column(column)
    for plan in found:
        request, figures = plan.request, plan.figures
        about = f"~{figures.contacts:,}" if figures.contacts is not None else figures.note or ""
        unit = "responses" if request.margin is None else "net"
        gain = "" if figures.gain is None else f"{figures.gain:,g} {unit}"
        gap = "none" if figures.is_exact else f"{figures.gap:.1%}"
        whom = f"{request.audience or 'named identities'}\n{request.channel}"
        table.add_row(plan.id, plan.state, whom, about, "" if figures.cost is None else str(figures.cost), gain, gap)
    table.caption = "Numbers of people carry noise; the gap is what the best plan could gain more, at most."
    return table


def _sentence(export: PlanExport, file: Path) -> str:
    what = "the whole plan" if export.mode == "full" else "what changed since it last left"
    wait = " Some lines wait: they are too few." if export.waiting else ""
    return f"{file} holds {what}: {export.listed:,} contacts, {export.removed:,} to forget.{wait}"
