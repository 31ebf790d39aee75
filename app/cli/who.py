"""`plural who`: who shares a person, account or household, and which of them could ever move whose answers."""

import asyncio
from collections.abc import Iterable, Sequence
from typing import Annotated

import typer
from pydantic import TypeAdapter
from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.tree import Tree

from app.cli.options import AsJson, Tenant
from app.cli.progress import Bars
from app.cli.who_session import Trail, print_trail, read_trail, show_trail
from app.domain import clock
from app.domain.errors import InvalidError
from app.domain.grants import Grant
from app.domain.influence import Circle, CircleIdentity
from app.domain.models import PURPOSES, Purpose
from app.graph.circles import CircleGraph
from app.opening import open_database
from app.services.describe_circle import describe_circle
from app.settings import Settings

_CIRCLE = TypeAdapter(Circle)


def who(
    name: Annotated[str, typer.Argument(metavar="ID", help="An identity, person, account, household or session.")],
    purpose: Annotated[str, typer.Option(help="The purpose whose answers are asked about.")] = "personalise_content",
    tenant: Tenant = "demo",
    as_json: AsJson = False,
) -> None:
    """Draw who belongs together, what each consented to and granted, and what could ever move which answer.

    Of a session on a login that several use: how likely each of them is, event by event.
    """
    circle = asyncio.run(_read(Settings.load(), tenant, name, _purpose(purpose)))
    if isinstance(circle, Trail):
        (print_trail if as_json else show_trail)(circle)
        return
    if as_json:
        typer.echo(_CIRCLE.dump_json(circle).decode())
        return
    console = Console()
    console.print(_tree(name, circle))
    console.print(_table(circle, purpose))


def _purpose(text: str) -> Purpose:
    if text not in PURPOSES:
        raise InvalidError(f"{text!r} is no purpose; choose of {', '.join(PURPOSES)}.")
    return text


async def _read(settings: Settings, tenant: str, name: str, purpose: Purpose) -> Circle | Trail:
    async with open_database(settings, Bars()) as db:
        trail = await read_trail(db, settings, tenant, name)
        return trail or await describe_circle(CircleGraph(db), tenant, name, purpose, clock.now())


def _tree(name: str, circle: Circle) -> Tree:
    """Households, then persons and accounts with their identities; an identity is drawn below its first person."""
    tree = Tree(f"[bold]{escape(name)}[/bold] and who is around")
    homes = _ids(home for one in circle.identities for home in one.household_ids)
    for home in [*homes, None]:
        members = [one for one in circle.identities if (home in one.household_ids if home else not one.household_ids)]
        if members:
            _draw_members(tree.add(f"household [bold]{escape(home)}[/bold]") if home else tree, members, circle.grants)
    return tree


def _draw_members(branch: Tree, members: Sequence[CircleIdentity], grants: Sequence[Grant]) -> None:
    persons = _ids(person for one in members for person in one.person_ids)
    for person in [*persons, None]:
        mine = [one for one in members if (person in one.person_ids if person else not one.person_ids)]
        below = branch.add(f"person [bold]{escape(person)}[/bold]") if person else branch
        for one in mine:
            _draw_identity(below, one, grants)
    for account in _ids(account for one in members for account in one.account_ids):
        users = ", ".join(one.id for one in members if account in one.account_ids)
        branch.add(f"account [bold]{escape(account)}[/bold] used by {escape(users)}")


def _draw_identity(branch: Tree, one: CircleIdentity, grants: Sequence[Grant]) -> None:
    node = branch.add(f"[bold cyan]{escape(one.id)}[/bold cyan] ({one.kind})")
    if one.identifier_types:
        node.add(f"known by {', '.join(one.identifier_types)} [dim](keyed hashes)[/dim]")
    granted = [purpose for purpose, effective in one.consents.items() if effective == "granted"]
    refused = [purpose for purpose, effective in one.consents.items() if effective == "denied"]
    node.add(f"consents to {', '.join(granted) or 'nothing'}" + (f"; refuses {', '.join(refused)}" if refused else ""))
    for grant in grants:
        if grant.from_id == one.id:
            node.add(f"grants {escape(grant.to_id)} {', '.join(grant.purposes)} until {grant.until:%Y-%m-%d}")


def _table(circle: Circle, purpose: Purpose | str) -> Table:
    table = Table("answer to", "likes of", "may speak", "why", title_justify="left")
    table.title = f"What could ever move which answer ({purpose})"
    for influence in circle.influences:
        first = influence.source_id == influence.reader_id
        says = "[green]yes[/green]" if influence.may else "[red]no[/red]"
        table.add_row(escape(influence.reader_id) if first else "", escape(influence.source_id), says, influence.why)
    return table


def _ids(found: Iterable[str]) -> list[str]:
    """Each once, in order."""
    return sorted(set(found))
