"""`plural refresh`: derive a new run and make it the one that readers see."""

import asyncio
import json
from dataclasses import asdict

import typer

from app.cli.options import AsJson, Tenant
from app.cli.progress import Bars
from app.jobs.refresh import RunReport
from app.jobs.refresh import refresh as run_refresh
from app.main import open_database
from app.settings import Settings


def refresh(tenant: Tenant = "demo", as_json: AsJson = False) -> None:
    """Derive similarities, rhythms and popularity from all evidence; readers switch over at the end."""
    report = asyncio.run(_refresh(Settings.load(), tenant))
    if as_json:
        typer.echo(json.dumps(asdict(report)))
        return
    typer.echo(
        f"Run {report.run} is active: learned from {report.learners:,} identities and {report.products:,} products, "
        f"{report.similar:,} similarities, {report.rhythms:,} rhythms, in {report.seconds:g} s."
    )


async def _refresh(settings: Settings, tenant: str) -> RunReport:
    progress = Bars()
    async with open_database(settings, progress) as db:
        return await run_refresh(db, settings, tenant, progress=progress)
