"""`plural refresh`: derive a new run and make it the one that readers see, or go back to the one before."""

import asyncio
import json
from dataclasses import asdict
from typing import Annotated

import typer

from app.cli.options import AsJson, Tenant
from app.cli.progress import Bars
from app.jobs.refresh import RunReport, go_back
from app.jobs.refresh import refresh as run_refresh
from app.opening import open_database
from app.services.readiness import nothing_learned
from app.settings import Settings

Force = Annotated[
    bool, typer.Option("--force", help="Make the run active even if it learned from nobody, or from far fewer.")
]
Back = Annotated[bool, typer.Option("--back", help="Make the run active again that was before the last refresh.")]


def refresh(tenant: Tenant = "demo", as_json: AsJson = False, force: Force = False, back: Back = False) -> None:
    """Derive similarities, rhythms and popularity from all evidence; readers switch over at the end.

    The run before is kept until the next refresh.
    """
    settings = Settings.load()
    if back:
        run = asyncio.run(_go_back(settings, tenant))
        typer.echo(json.dumps({"run": run}) if as_json else f"Run {run} is active again.")
        return
    report = asyncio.run(_refresh(settings, tenant, force))
    if as_json:
        typer.echo(json.dumps(asdict(report)))
        return
    typer.echo(
        f"Run {report.run} is active: learned from {report.learners:,} identities and {report.products:,} products, "
        f"{report.similar:,} similarities, {report.rhythms:,} rhythms, in {report.seconds:g} s."
    )
    if report.events and not report.learners:
        typer.echo(nothing_learned(report.events))


async def _refresh(settings: Settings, tenant: str, force: bool) -> RunReport:
    progress = Bars()
    async with open_database(settings, progress) as db:
        return await run_refresh(db, settings, tenant, progress=progress, force=force)


async def _go_back(settings: Settings, tenant: str) -> str:
    async with open_database(settings, Bars()) as db:
        return await go_back(db, settings, tenant)
