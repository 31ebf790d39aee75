"""`plural seed`: the demo's data into a tenant, once."""

import asyncio
from typing import Annotated

import typer

from app.cli.options import Tenant
from app.cli.progress import Bars
from app.domain.errors import InvalidError
from app.domain.keys import check_tenant
from app.domain.progress import Progress
from app.main import open_database
from app.settings import Settings
from seed.load import SeedReport, load_seed

COMMIT_SECONDS = 120.0
"""Nobody waits for an answer while data is loaded, so a commit may take longer than a request's."""

Households = Annotated[str, typer.Option("--households", help="How many of the 2,469 households; `all` for all.")]


def seed(households: Households = "500", tenant: Tenant = "demo") -> None:
    """Load the cast and a crowd of real households; what is there already is not loaded again."""
    check_tenant(tenant)
    report = asyncio.run(load_households(Settings.load(), tenant, households, Bars()))
    if not report.loaded:
        typer.echo(f"{tenant} holds {report.households:,} households and the cast already; nothing was loaded.")
        return
    typer.echo(
        f"{tenant} holds {report.households:,} households and the cast: {report.products:,} products, "
        f"{report.identities:,} identities, {report.events:,} new baskets. `plural refresh` learns from them."
    )


async def load_households(settings: Settings, tenant: str, households: str, progress: Progress) -> SeedReport:
    """Load the demo's data over a connection of its own, which waits longer than a request may."""
    count = _count(households)
    patient = settings.model_copy(update={"query_timeout_seconds": max(COMMIT_SECONDS, settings.query_timeout_seconds)})
    async with open_database(patient, progress) as db:
        return await load_seed(db, settings, tenant=tenant, households=count, progress=progress)


def _count(households: str) -> int | None:
    if households == "all":
        return None
    if not households.isdecimal() or int(households) < 1:
        raise InvalidError(f"--households takes a number from 1 or `all`, and {households!r} is neither.")
    return int(households)
