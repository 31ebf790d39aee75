"""`plural exposure`: how much of the shop hangs on logins and devices that several identities use."""

import asyncio

import typer
from pydantic import TypeAdapter
from rich.table import Table

from app.cli.figures import write_figure
from app.cli.options import AsJson, Tenant
from app.cli.progress import Bars
from app.cli.terminal import plain_console
from app.domain.disclosure import NOT_ENOUGH
from app.domain.exposure import Exposure
from app.graph.exposure import ExposureGraph
from app.opening import open_database
from app.settings import Settings

_EXPOSURE = TypeAdapter(dict[str, Exposure | None])


def exposure(tenant: Tenant = "demo", as_json: AsJson = False) -> None:
    """Say which share of logins, devices, sessions and revenue is of several identities, or may be, in figures."""
    published = asyncio.run(_read(Settings.load(), tenant))
    if as_json:
        typer.echo(_EXPOSURE.dump_json({"published": published}).decode())
    elif published is None:
        plain_console().print(f"Nothing was published yet: let `plural refresh --tenant {tenant}` do it.")
    else:
        _show(published)


async def _read(settings: Settings, tenant: str) -> Exposure | None:
    async with open_database(settings, Bars()) as db:
        return await ExposureGraph(db).read(tenant)


def _show(published: Exposure) -> None:
    table = Table("", "identities", "of them shared", "of all sessions", "of all revenue", title_justify="left")
    table.title = "What hangs on logins and devices that several identities use"
    for name, shares in (("logins", published.logins), ("devices", published.devices)):
        people = NOT_ENOUGH if shares.people is None else f"about {shares.people:,}"
        figures = (shares.shared, shares.sessions, shares.revenue)
        table.add_row(name, people, *(write_figure(figure, "percent") for figure in figures))
    plain_console().print(table)
    plain_console().print(published.reason, soft_wrap=True)
