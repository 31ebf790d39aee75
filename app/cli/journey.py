"""`plural journey`: the lines of a person's or household's identities side by side, and where they cross."""

import asyncio
from collections.abc import Sequence
from datetime import date
from typing import Annotated

import typer
from pydantic import TypeAdapter
from rich.console import Console
from rich.table import Table
from rich.text import Text

from app.cli.options import AsJson, Tenant
from app.cli.progress import Bars
from app.cli.terminal import plain_console
from app.domain.errors import NotFoundError
from app.domain.journeys import Crossing, Journeys, Lane, Stage, Step
from app.graph.audit import AuditTrail
from app.graph.belonging import BelongingGraph
from app.graph.journeys import JourneyGraph
from app.graph.retention import RetentionGraph
from app.graph.rules import RulesGraph
from app.opening import open_database
from app.services.belonging import Belongings
from app.services.hashing import tenant_hashers
from app.services.journeys import JourneyGuide
from app.settings import Settings

_JOURNEYS = TypeAdapter(Journeys)
MARKS: dict[Stage, str] = {
    "first_seen": "·",
    "considering": "?",
    "first_purchase": "1",
    "habit": "█",
    "lapsing": "▒",
    "gone": "_",
    "back": "▲",
}
"""How a stage is drawn."""
SAID: dict[str, str] = {
    "shared_session": "the same visit",
    "shared_device": "the same device",
    "claim": "said that the visit was its own",
    "grant": "lets it use what it likes",
    "gift": "bought by the one, used by the other",
    "hand_over": "looked at by the one, bought by the other",
}
WIDTH = 52
"""Characters of a lane."""
SHOWN = 20
"""Crossings that are listed."""


def journey(
    name: Annotated[str, typer.Argument(metavar="ID", help="A person or a household.")],
    tenant: Tenant = "demo",
    as_json: AsJson = False,
) -> None:
    """Draw the lines of a person's or household's identities side by side: their stages, and where they cross.

    Each line is found from what its identity did itself. A crossing is evidence; it joins nothing.
    """
    found = asyncio.run(_read(Settings.load(), tenant, name))
    if as_json:
        typer.echo(_JOURNEYS.dump_json(found).decode())
        return
    console = plain_console()
    console.print(_lanes(found))
    if any(lane.steps for lane in found.lanes):
        console.print(_steps(found.lanes))
    _print_crossings(console, found)


async def _read(settings: Settings, tenant: str, name: str) -> Journeys:
    hasher = tenant_hashers(settings)
    async with open_database(settings, Bars()) as db:
        members, rules = BelongingGraph(db), RulesGraph(db, hasher, settings.identity_rules)
        views = Belongings(members, rules)
        guide = JourneyGuide(JourneyGraph(db), members, views, RetentionGraph(db, AuditTrail(hasher)))
        for read in (guide.person, guide.household):
            try:
                return await read(tenant, name)
            except NotFoundError:
                continue
    raise NotFoundError("There is no person or household of that id.")


def write_lane(steps: Sequence[Step], begin: date, end: date, width: int) -> str:
    """Draw a line from ``begin`` to ``end``, both with it, in so many characters; what began last in each is drawn."""
    days = max(1, (end - begin).days + 1)
    drawn = ""
    for place in range(width):
        last = begin.toordinal() + (place + 1) * days // width - 1
        so_far: list[Stage] = [step.stage for step in steps if step.since.toordinal() <= last]
        drawn += MARKS[so_far[-1]] if so_far else " "
    return drawn


def write_stage(stage: Stage) -> str:
    """Write a stage as it is spoken of."""
    return stage.replace("_", " ")


def _lanes(found: Journeys) -> Table:
    begin = min((lane.steps[0].since for lane in found.lanes if lane.steps), default=found.as_of)
    axis = f"{begin}{found.as_of!s:>{WIDTH - len(str(begin))}}"
    table = Table("identity", "role", axis, "now", title_justify="left")
    table.title = f"{found.id}: lines side by side, each by itself"
    for lane in found.lanes:
        now = write_stage(lane.stage) if lane.stage else "did nothing yet"
        line = Text(write_lane(lane.steps, begin, found.as_of, WIDTH), no_wrap=True)
        table.add_row(lane.identity_id, lane.kind, line, now)
    said = ", ".join(f"{mark} {write_stage(stage)}" for stage, mark in MARKS.items())
    table.caption = f"{said}. Gone: no purchase in {found.horizon_days} days."
    return table


def _steps(lanes: Sequence[Lane]) -> Table:
    table = Table("identity", "stages, each with the day on which it began", title_justify="left")
    for lane in lanes:
        steps = [f"{write_stage(step.stage)} {step.since}" for step in lane.steps]
        most = steps if len(steps) <= SHOWN else [*steps[:3], f"… {len(steps) - SHOWN} more …", *steps[3 - SHOWN :]]
        table.add_row(lane.identity_id, ", ".join(most))
    return table


def _print_crossings(console: Console, found: Journeys) -> None:
    unlinked = [lane.identity_id for lane in found.lanes if not lane.may_link]
    if found.crossings:
        console.print(_crossings(found.crossings[:SHOWN]))
        if len(found.crossings) > SHOWN:
            console.print(f"{len(found.crossings) - SHOWN} earlier ones are in --json.")
    else:
        console.print("No line crosses another.")
    if unlinked and len(found.lanes) > 1:
        console.print(
            f"Not looked for, without a live consent to link_identities: {', '.join(unlinked)}.", soft_wrap=True
        )
    if not found.is_complete:
        console.print("More belongs here, or crosses, than is looked at.")


def _crossings(crossings: Sequence[Crossing]) -> Table:
    table = Table("day", "from", "to", "evidence", title="Where lines cross", title_justify="left")
    for one in crossings:
        what = f": {one.title or one.identifier_type}" if one.title or one.identifier_type else ""
        until = f" until {one.until.date()}" if one.until else ""
        table.add_row(str(one.at.date()), one.from_id, one.to_id, SAID[one.kind] + until + what)
    table.caption = "Evidence, and no link: nothing is joined by it, and no answer moves."
    return table
