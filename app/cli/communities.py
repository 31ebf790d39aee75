"""`plural communities` and `plural community`: who likes what together, for people who sell things."""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Annotated, TypeVar, get_args

import typer
from pydantic import TypeAdapter
from rich.console import Console
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from app.cli.figures import write_figure
from app.cli.flows import print_flows
from app.cli.influence import print_influence
from app.cli.options import AsJson, Tenant
from app.cli.progress import Bars
from app.cli.terminal import plain_console
from app.domain.communities import Bin, Epoch, Match, MemberOrder, Members, Summary, Told
from app.domain.disclosure import Disclosure
from app.domain.influence_figures import InfluenceFigures
from app.domain.journey_figures import JourneyFigures
from app.domain.retention import Retention
from app.graph.audit import AuditTrail
from app.graph.communities import CommunityGraph
from app.graph.influence import InfluenceGraph
from app.graph.journey_figures import JourneyFigureGraph
from app.graph.members import MemberGraph
from app.graph.retention import RetentionGraph
from app.opening import open_database
from app.services.communities import CommunityGuide
from app.services.hashing import tenant_hashers
from app.services.influence import InfluenceGuide
from app.services.journey_figures import FlowGuide
from app.services.list_members import MemberRoll
from app.services.retention import RetentionGuide
from app.settings import Settings

Result = TypeVar("Result")

MOST = 1000
NAMED = 20
"""Members that are named, most active or most valuable first."""
_SUMMARIES = TypeAdapter(tuple[Summary, ...])
_ONE = TypeAdapter(dict[str, Told | list[Epoch] | list[Members] | Retention | JourneyFigures | InfluenceFigures | None])

FIGURES: Sequence[tuple[str, Sequence[tuple[str, str, str]]]] = (
    (
        "How much they do",
        (
            ("purchases_per_member", "purchases a member", "number"),
            ("days_since_last_purchase", "days since the last purchase, median", "number"),
            ("active_share", "bought in the last 28 days", "percent"),
            ("momentum", "purchases, last 28 days against the 28 before", "times"),
        ),
    ),
    (
        "What they are worth",
        (
            ("spend_per_member", "spend a member", "money"),
            ("full_price_share", "of it at full price", "percent"),
            ("repeat_share", "of their products bought again", "percent"),
            ("deal_share", "of their lines bought as a deal", "percent"),
            ("trend_share", "of what they buy in full on the rise elsewhere", "percent"),
            ("alive_share", "customers still, as expected", "percent"),
            ("price_sensitivity", "price sensitivity (0: none)", "number"),
            ("trend_susceptibility", "trend susceptibility (0: none)", "number"),
        ),
    ),
    (
        "How they hang together",
        (
            ("strength", "strength of membership, median", "percent"),
            ("density", "density: possible similarities that are there", "percent"),
            ("conductance", "conductance: similarity that leads out", "percent"),
            ("core_share", "products that are at its core", "percent"),
        ),
    ),
    (
        "How it moves",
        (
            ("growth", "growth since figures were published before", "change"),
            ("stayed_share", "products that stayed since the run before", "percent"),
        ),
    ),
)
"""Figures of a portrait by heading: name, what it is called, how it is written."""


def communities(tenant: Tenant = "demo", as_json: AsJson = False) -> None:
    """List the taste communities: how large each is, and which microgenres it is associated with."""
    found = asyncio.run(_with_guides(lambda guides: guides.communities.list_all(tenant, None, MOST))).items
    if as_json:
        typer.echo(_SUMMARIES.dump_json(found).decode())
        return
    console = plain_console()
    if not found:
        console.print(f"No communities yet: let `plural refresh --tenant {tenant}` find them.")
        return
    told = [one for one in found if not one.too_few]
    console.print(_list(told))
    if len(told) < len(found):
        console.print(f"{len(found) - len(told)} more have too few members to be told of.")


def community(
    community_id: Annotated[str, typer.Argument(metavar="ID", help="As `plural communities` lists it, e.g. c12.")],
    tenant: Tenant = "demo",
    members: Annotated[
        bool, typer.Option("--members", help="Name the most active and most valuable too; the audit log notes whom.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Portray one taste community: what it buys, how much, at which price, how it holds together, how it came to be."""

    async def read(guides: _Guides) -> tuple[Told, list[Epoch], _Published, list[Members]]:
        told = await guides.communities.portray(tenant, community_id)
        history = await guides.communities.trace(tenant, community_id)
        published = _Published(
            await guides.retention.read_community(tenant, community_id),
            await guides.flows.read_community(tenant, community_id),
            await guides.influence.read(tenant, community_id),
        )
        orders = get_args(MemberOrder) if members else ()
        named = [await guides.members.read(tenant, community_id, by, NAMED, "cli") for by in orders]
        return told, history, published, named

    told, history, published, named = asyncio.run(_with_guides(read))
    if as_json:
        said = {"community": told, "history": history, **published.by_name(), "members": named}
        typer.echo(_ONE.dump_json(said).decode())
        return
    console = plain_console()
    if told.too_few:
        console.print(f"{told.id} has too few members to be told of.")
        return
    _print_portrait(console, told, history)
    published.print(console)
    if named:
        console.print(_named(named))


@dataclass(frozen=True, slots=True)
class _Published:
    """What was published beside the portrait; ``None`` where nothing was yet."""

    retention: Retention | None
    journeys: JourneyFigures | None
    influence: InfluenceFigures | None

    def by_name(self) -> dict[str, Retention | JourneyFigures | InfluenceFigures | None]:
        return {"retention": self.retention, "journeys": self.journeys, "influence": self.influence}

    def print(self, console: Console) -> None:
        if self.influence:
            print_influence(console, self.influence)
        if self.retention:
            reason = self.retention.ladder.reason
            console.print(f"How much engagement goes with staying: {reason}\n", soft_wrap=True)
        if self.journeys:
            print_flows(console, self.journeys)


@dataclass(frozen=True, slots=True)
class _Guides:
    """What the commands look through."""

    communities: CommunityGuide
    members: MemberRoll
    retention: RetentionGuide
    flows: FlowGuide
    influence: InfluenceGuide


async def _with_guides(work: Callable[[_Guides], Coroutine[object, object, Result]]) -> Result:
    settings = Settings.load()
    rule = Disclosure(settings.k_look)
    async with open_database(settings, Bars()) as db:
        audit = AuditTrail(tenant_hashers(settings))
        members, stays = MemberRoll(MemberGraph(db, audit), rule), RetentionGuide(RetentionGraph(db, audit))
        flows, influence = FlowGuide(JourneyFigureGraph(db)), InfluenceGuide(InfluenceGraph(db))
        return await work(_Guides(CommunityGuide(CommunityGraph(db), rule), members, stays, flows, influence))


def _list(found: Sequence[Summary]) -> Table:
    table = Table("id", "community", "members", "associated with (times as often as elsewhere)", title_justify="left")
    table.title = "Taste communities, largest first"
    for one in found:
        table.add_row(one.id, one.label or "", f"~{one.size:,}", "\n".join(_match(match) for match in one.matches))
    table.caption = "Numbers of people carry noise, ~206 is about 206; 95 % intervals, which hold it, in brackets."
    return table


def _match(match: Match) -> str:
    return f"{match.label} {write_figure(match.lift, 'times')}"


def _print_portrait(console: Console, told: Told, history: Sequence[Epoch]) -> None:
    head = Text(f"{told.label or told.id}", style="bold")
    if told.terms:
        head.append(f"\nset apart by {', '.join(told.terms)}", style="not bold")
    console.print(Panel(head, title=f"{told.id}: about {told.size:,} members", title_align="left"))
    for title, rows in FIGURES:
        console.print(_figures(title, rows, told))
    console.print(_bins("Members by purchases", told.purchases, percent=False))
    console.print(_bins("Members by strength of membership", told.strengths, percent=True))
    for title, matches in (("Microgenres", told.microgenres), ("Brands", told.brands)):
        if matches:
            console.print(_matches(title, matches))
    if told.neighbours:
        console.print(_neighbours(told))
    console.print(_history(history))


def _named(lists: Sequence[Members]) -> Table:
    table = Table("", "most active", "most valuable", title="Who they are: keep it to yourself", title_justify="left")
    for place, ids in enumerate(zip_longest(*(one.identity_ids for one in lists), fillvalue="")):
        table.add_row(str(place + 1), *ids)
    if any(one.too_few for one in lists):
        table.caption = "Too few may be named."
    return table


def _figures(title: str, rows: Sequence[tuple[str, str, str]], told: Told) -> Table:
    table = Table("", "", "of", title=title, title_justify="left", show_header=True, min_width=70)
    for name, label, unit in rows:
        figure = told.figures[name]
        currency = f" {told.currency}" if unit == "money" and told.currency else ""
        count = "" if figure.n is None else f"~{figure.n:,}"
        table.add_row(label + currency, write_figure(figure, unit), count)
    return table


def _bins(title: str, bins: Sequence[Bin], *, percent: bool) -> Table:
    table = Table("from", "to", "members", title=title, title_justify="left", min_width=40)
    for one in bins:
        low, high = (_end(end, percent=percent) for end in (one.from_value, one.to_value))
        table.add_row(low, high, "too few" if one.members is None else f"~{one.members:,}")
    return table


def _end(value: float | None, *, percent: bool) -> str:
    if value is None:
        return ""
    return f"{value:.0%}" if percent else f"{value:,.0f}"


def _matches(title: str, matches: Sequence[Match]) -> Table:
    table = Table(title.lower(), "times as often as elsewhere", "members", title=f"{title}: association, not influence")
    table.title_justify = "left"
    for one in matches:
        table.add_row(one.label, write_figure(one.lift, "times"), "" if one.lift.n is None else f"~{one.lift.n:,}")
    return table


def _neighbours(told: Told) -> Table:
    table = Table("id", "community", "of these members", title="Many also belong to", title_justify="left")
    for one in told.neighbours:
        table.add_row(one.id, one.label or "", write_figure(one.shared, "percent"))
    return table


def _history(history: Sequence[Epoch]) -> Table:
    table = Table("run", "members", "growth", "what happened", title="How it came to be", title_justify="left")
    for one in history:
        happened = [f"{step.event} from {step.from_id}" for step in one.steps]
        happened += ["born"] if one.born else []
        happened += [f"gone in {one.died_in}"] if one.died_in else []
        size = "too few" if one.size is None else f"~{one.size:,}"
        table.add_row(one.run, size, write_figure(one.growth, "change"), ", ".join(happened))
    return table
