"""`plural decide`: which product, picture and channel an identity would get now, and why not the others."""

import asyncio
import dataclasses
from typing import Annotated

import typer
from pydantic import TypeAdapter
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from app.cli.options import AsJson, Tenant
from app.cli.progress import Bars
from app.domain.channels import CHANNELS, Channel
from app.domain.decisions import Bar, Decided
from app.domain.errors import InvalidError
from app.domain.recommendation import RecommendationRequest
from app.graph.audit import AuditTrail
from app.graph.channels import ChannelGraph
from app.graph.consents import ConsentGraph
from app.graph.creatives import CreativeGraph
from app.graph.database import Database
from app.graph.outcomes import OutcomeGraph
from app.graph.ranking import GraphStores
from app.graph.tombstones import Tombstones
from app.opening import open_database
from app.services.creatives import CreativeBook
from app.services.decide import Decider
from app.services.hashing import tenant_hashers
from app.services.outcomes import OutcomeBook
from app.services.recommend import NoLog, Recommender
from app.services.unsubscribe import Unsubscriber
from app.settings import Settings

_DECIDED = TypeAdapter(Decided)


def decide(
    identity: Annotated[str, typer.Argument(metavar="IDENTITY", help="For whom.")],
    channel: Annotated[str | None, typer.Option(help=f"One of {', '.join(CHANNELS)}; left out: which?")] = None,
    limit: Annotated[int, typer.Option(min=1, max=24, help="Products in a creative each.")] = 3,
    margin: Annotated[
        float | None, typer.Option(min=0.001, max=1, help="Part of the price that is kept: only what pays is decided.")
    ] = None,
    least_gain: Annotated[float, typer.Option(min=0, help="With --margin: expected beyond the channel's cost.")] = 0,
    tenant: Tenant = "demo",
    as_json: AsJson = False,
) -> None:
    """Decide as the service would, and say why nothing else; nothing is logged, and no token is handed out."""
    asked = RecommendationRequest(identity_id=identity, limit=limit, explain=True)
    bar = None if margin is None else Bar(margin, least_gain)
    decided = asyncio.run(_decide(Settings.load(), tenant, asked, _channel(channel), bar))
    decided = dataclasses.replace(decided, unsubscribe_token=None)
    if as_json:
        typer.echo(_DECIDED.dump_json(decided).decode())
        return
    _show(identity, decided)


def _channel(text: str | None) -> Channel | None:
    if text is not None and text not in CHANNELS:
        raise InvalidError(f"{text!r} is no channel; choose of {', '.join(CHANNELS)}.")
    return text


async def _decide(
    settings: Settings, tenant: str, asked: RecommendationRequest, channel: Channel | None, bar: Bar | None
) -> Decided:
    async with open_database(settings, Bars()) as db:
        await db.now()  # what expires is judged by the server's clock
        return await _decider(db, settings).decide(tenant, asked, channel, bar)


def _decider(db: Database, settings: Settings) -> Decider:
    hasher = tenant_hashers(settings)
    audit, stores = AuditTrail(hasher), GraphStores(db, settings)
    return Decider(
        Recommender(stores, settings, NoLog()),
        stores.models,
        ChannelGraph(db, audit),
        CreativeBook(CreativeGraph(db, audit)),
        OutcomeBook(OutcomeGraph(db, settings.credit_rules)),
        Unsubscriber(hasher, ConsentGraph(db, Tombstones(hasher), audit)),
        NoLog(),
    )


def _show(identity: str, decided: Decided) -> None:
    console = Console()
    through = f"through [bold]{decided.channel}[/bold]" if decided.channel else "[bold]nothing[/bold] now"
    console.print(f"[bold]{escape(identity)}[/bold] gets {through} ({decided.outcome}).")
    if decided.items:
        shown = Table("product", "creative", "headline", "chance", "because")
        for one in decided.items:
            because = ", ".join(reason.label for reason in one.item.reasons[:2])
            chance = "pinned" if one.choice.is_deterministic else f"{one.choice.chance:.1%}"
            cells = (one.item.title, one.choice.creative_id, one.headline or "", chance, because)
            shown.add_row(*map(escape, cells))
        console.print(shown)
    why_not = Table("channel", "creative", "why not", "until")
    for one in decided.why_not:
        until = f"{one.until:%Y-%m-%d %H:%M} UTC" if one.until else ""
        why_not.add_row(one.channel, escape(one.creative_id or ""), escape(one.text), until)
    if decided.why_not:
        console.print(why_not)
