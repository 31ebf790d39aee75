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

from app.cli.flows import print_flows
from app.cli.options import AsJson, Tenant
from app.cli.progress import Bars
from app.cli.terminal import plain_console
from app.domain.errors import NotFoundError
from app.domain.journey_figures import JourneyFigures
from app.domain.journeys import Crossing, Journeys, Lane, Stage, Step
from app.graph.audit import AuditTrail
from app.graph.belonging import BelongingGraph
from app.graph.journey_figures import JourneyFigureGraph
from app.graph.journeys import JourneyGraph
from app.graph.retention import RetentionGraph
from app.graph.rules import RulesGraph
from app.opening import open_database
from app.services.belonging import Belongings
from app.services.hashing import tenant_hashers
from app.services.journey_figures import FlowGuide
from app.services.journeys import JourneyGuide
from app.settings import Settings

_JOURNEYS = TypeAdapter(Journeys)
_FIGURES = TypeAdapter(dict[str, JourneyFigures | None])
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
    "shared_device": "known by the same",
    "claim": "said that the visit was its own",
    "grant": "lets it use what it likes",
    "gift": "bought by the one, used by the other",
    "hand_over": "looked at by the one, bought by the other",
}
WIDTHS = (24, 60)
"""Characters of a lane, at least and at most."""
SHOWN = 20
"""Crossings that are listed."""


def journey(
    name: Annotated[str | None, typer.Argument(metavar="[ID]", help="A person or a household; none: the shop.")] = None,
    tenant: Tenant = "demo",
    as_json: AsJson = False,
) -> None:
    """Draw the lines of a person's or household's identities side by side: their stages, and where they cross.

    Each line is found from what its identity did itself. A crossing is evidence; it joins nothing. Without an ID: in
    which stages the lines of the whole shop are, and what comes next, in figures.
    """
    if name is None:
        _show_shop(asyncio.run(_read_shop(Settings.load(), tenant)), tenant, as_json=as_json)
        return
    found = asyncio.run(_read(Settings.load(), tenant, name))
    if as_json:
        typer.echo(_JOURNEYS.dump_json(found).decode())
        return
    console = plain_console()
    console.print(_lanes(found, console.width))
    if any(lane.steps for lane in found.lanes):
        console.print(_steps(found.lanes))
    _print_crossings(console, found)


def _show_shop(published: JourneyFigures | None, tenant: str, *, as_json: bool) -> None:
    if as_json:
        typer.echo(_FIGURES.dump_json({"published": published}).decode())
    elif published is None:
        plain_console().print(f"Nothing was published yet: let `plural refresh --tenant {tenant}` do it.")
    else:
        print_flows(plain_console(), published)


async def _read_shop(settings: Settings, tenant: str) -> JourneyFigures | None:
    async with open_database(settings, Bars()) as db:
        return await FlowGuide(JourneyFigureGraph(db)).read(tenant)


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
    raise NotFoundError("There is no person or household of that id; `plural who ID` says whose an identity is.")


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


def _lanes(found: Journeys, columns: int) -> Table:
    begin = min((lane.steps[0].since for lane in found.lanes if lane.steps), default=found.as_of)
    beside = [max((len(text) for text in texts), default=0) for texts in _texts(found)]
    width = min(WIDTHS[1], max(WIDTHS[0], columns - sum(beside) - 13))  # 13: the frame
    axis = f"{begin}{found.as_of!s:>{width - len(str(begin))}}"
    table = Table("identity", "role", axis, "now", title_justify="left")
    table.title = f"{found.id}: lines side by side, each by itself"
    for lane, (name, role, now) in zip(found.lanes, zip(*_texts(found), strict=True), strict=True):
        table.add_row(name, role, Text(write_lane(lane.steps, begin, found.as_of, width), no_wrap=True), now)
    said = ", ".join(f"{mark} {write_stage(stage)}" for stage, mark in MARKS.items())
    table.caption = f"{said}. Gone: no purchase in {found.horizon_days} days."
    return table


def _texts(found: Journeys) -> tuple[list[str], list[str], list[str]]:
    """What stands beside the lanes, by column."""
    now = [write_stage(lane.stage) if lane.stage else "nothing yet" for lane in found.lanes]
    return [lane.identity_id for lane in found.lanes], [lane.kind for lane in found.lanes], now


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
        what = f": {one.title}" if one.title else f" {one.identifier_type}" if one.identifier_type else ""
        until = f" until {one.until.date()}" if one.until else ""
        table.add_row(str(one.at.date()), one.from_id, one.to_id, SAID[one.kind] + until + what)
    table.caption = "Evidence, and no link: nothing is joined by it, and no answer moves."
    return table
