"""`plural seed`: the demo's data into a tenant, once."""

import asyncio
from typing import Annotated

import typer

from app.cli.options import Tenant
from app.cli.progress import Bars
from app.domain.errors import InvalidError
from app.domain.keys import check_tenant
from app.domain.progress import Progress
from app.graph.database import Database
from app.graph.status import read_active_run
from app.jobs.refresh import refresh
from app.opening import open_database
from app.settings import Settings
from seed.load import SeedReport, load_seed

Households = Annotated[str, typer.Option("--households", help="How many of the 2,469 households; `all` for all.")]


def seed(
    households: Households = "500",
    tenant: Tenant = "demo",
    with_refresh: Annotated[
        bool, typer.Option("--refresh", help="Refresh too, where something was loaded or there is no run yet.")
    ] = False,
) -> None:
    """Load the cast and a crowd of real households; what is there already is not loaded again."""
    check_tenant(tenant)
    report = asyncio.run(_seed(Settings.load(), tenant, household_count(households), with_refresh))
    if not report.loaded:
        typer.echo(f"{tenant} holds {report.households:,} households and the cast already; nothing was loaded.")
        return
    typer.echo(
        f"{tenant} holds {report.households:,} households and the cast: {report.products:,} products, "
        f"{report.identities:,} identities, {report.events:,} new baskets. `plural refresh` learns from them."
    )


async def _seed(settings: Settings, tenant: str, households: int | None, with_refresh: bool) -> SeedReport:
    progress = Bars()
    async with open_database(settings, progress) as db:
        if with_refresh:
            return await seed_and_refresh(db, settings, tenant, households, progress)
        return await load_seed(db, settings, tenant=tenant, households=households, progress=progress)


async def seed_and_refresh(
    db: Database, settings: Settings, tenant: str, households: int | None, progress: Progress
) -> SeedReport:
    """Load, and refresh where something was loaded or no run is active; done before, it does nothing again."""
    report = await load_seed(db, settings, tenant=tenant, households=households, progress=progress)
    if report.loaded or await read_active_run(db, tenant) is None:
        await refresh(db, settings, tenant, progress=progress)
    return report


def household_count(households: str) -> int | None:
    """Read the option; None is all. ``InvalidError`` when it is neither a number nor ``all``."""
    if households == "all":
        return None
    if not households.isdecimal() or int(households) < 1:
        raise InvalidError(f"--households takes a number from 1 or `all`, and {households!r} is neither.")
    return int(households)
