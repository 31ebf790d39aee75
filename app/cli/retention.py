"""`plural retention`: how much engagement goes with staying, in the shop and in each of its communities."""

import asyncio
from dataclasses import dataclass

import typer
from pydantic import TypeAdapter
from rich.console import Console
from rich.table import Table

from app.cli.communities import MOST
from app.cli.figures import write_figure
from app.cli.options import AsJson, Tenant
from app.cli.progress import Bars
from app.cli.terminal import plain_console
from app.domain.communities import Summary
from app.domain.disclosure import Disclosure
from app.domain.retention import Retention, RetentionRules, write_rung
from app.graph.audit import AuditTrail
from app.graph.communities import CommunityGraph
from app.graph.retention import RetentionGraph
from app.opening import open_database
from app.services.communities import CommunityGuide
from app.services.hashing import tenant_hashers
from app.services.retention import RetentionGuide
from app.settings import Settings

_WIDTH = 30
_STATUS = {"threshold": "", "no_threshold": "no threshold", "not_enough_data": "not enough data"}


@dataclass(frozen=True, slots=True)
class _Community:
    """What was published of one community that is large enough to be told of."""

    id: str
    label: str | None
    retention: Retention | None


@dataclass(frozen=True, slots=True)
class _Shop:
    """What was published of a shop."""

    rules: RetentionRules
    published: Retention | None
    communities: tuple[_Community, ...]


_SHOP = TypeAdapter(_Shop)


def retention(tenant: Tenant = "demo", as_json: AsJson = False) -> None:
    """Say how much engagement goes with staying: the curve of the shop, and the threshold of each community."""
    found = asyncio.run(_read(tenant))
    if as_json:
        typer.echo(_SHOP.dump_json(found).decode())
        return
    console = plain_console()
    if found.published is None:
        console.print(f"Nothing was published yet: let `plural refresh --tenant {tenant}` do it.")
        return
    _show(console, found, found.published)


async def _read(tenant: str) -> _Shop:
    settings = Settings.load()
    async with open_database(settings, Bars()) as db:
        guide = RetentionGuide(RetentionGraph(db, AuditTrail(tenant_hashers(settings))))
        rules, published = await guide.read(tenant)
        page = await CommunityGuide(CommunityGraph(db), Disclosure(settings.k_look)).list_all(tenant, None, MOST)
        told: list[Summary] = [one for one in page.items if not one.too_few]
        communities = [_Community(one.id, one.label, await guide.read_community(tenant, one.id)) for one in told]
    return _Shop(rules, published, tuple(communities))


def _show(console: Console, shop: _Shop, published: Retention) -> None:
    rules, ladder = published.rules, published.ladder
    console.print(ladder.reason, soft_wrap=True)
    if ladder.rungs:
        table = Table(f"{rules.unit} in {rules.window_days} days", "gone", "", "of", title_justify="left")
        table.title = f"Bought nothing in the {rules.horizon_days} days after {published.cut_day}"
        for rung in ladder.rungs:
            bar = "█" * round((rung.chance.value or 0.0) * _WIDTH)
            table.add_row(write_rung(rung), write_figure(rung.chance, "percent"), bar, f"~{rung.chance.n:,}")
        table.add_row("all", write_figure(ladder.gone_share, "percent"), "", f"~{ladder.gone_share.n:,}")
        table.caption = "Numbers of people carry noise; 95 % intervals, which hold it, in brackets."
        console.print(table)
    if shop.communities:
        console.print(_communities(shop, rules))
    if shop.rules != rules:
        console.print("Other rules were put since; they hold when figures are published the next time.")


def _communities(shop: _Shop, rules: RetentionRules) -> Table:
    table = Table(
        "id", "community", f"threshold, {rules.unit} in {rules.window_days} days", "gone", title_justify="left"
    )
    table.title = "Communities, largest first: association, not cause"
    for one in shop.communities:
        if one.retention is not None:
            ladder = one.retention.ladder
            threshold = _STATUS[ladder.status] or write_figure(ladder.threshold, "number")
            table.add_row(one.id, one.label or "", threshold, write_figure(ladder.gone_share, "percent"))
    return table
