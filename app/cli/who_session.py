"""Draws who was at the keyboard of a session on a shared login, event by event."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from app.domain import clock
from app.domain.recommendation import Offer
from app.graph.audit import AuditTrail
from app.graph.database import Database
from app.graph.items import Items
from app.graph.shared_sessions import SharedSessionGraph
from app.recommend.attribution import Belief
from app.recommend.habits import Deed
from app.recommend.session import SessionFacts, SessionQuestion, Who, decide, follow
from app.services.hashing import tenant_hashers
from app.settings import Settings

BAR = 10
"""Characters of a certainty."""


@dataclass(frozen=True)
class Trail:
    """What is known of a session, and what that comes to."""

    session_id: str
    account_id: str
    facts: SessionFacts
    beliefs: tuple[Belief, ...]
    """Before the first event, and after each."""
    who: Who
    threshold: float
    titles: Mapping[str, str]


async def read_trail(db: Database, settings: Settings, tenant: str, session_id: str) -> Trail | None:
    """Read one; ``None`` when there is no such session on a login."""
    audit, threshold = AuditTrail(tenant_hashers(settings)), settings.attribution_threshold
    graph = SharedSessionGraph(db, audit, settings.evidence_rules, threshold, settings.session_minutes)
    account = await graph.find(tenant, session_id)
    if account is None:
        return None
    facts = await graph.read(tenant, SessionQuestion(session_id))
    now_ms = round(clock.now().timestamp() * 1000)
    ids = sorted({piece.product_id for deed in facts.events for piece in deed.pieces})
    offers = await Items(db, len(ids) + 1).read(tenant, 0, ids)
    titles = {id_: _title(offer) for id_, offer in offers.items()}
    return Trail(
        session_id, account, facts, tuple(follow(facts, now_ms)), decide(facts, threshold, now_ms), threshold, titles
    )


def show_trail(trail: Trail) -> None:
    """Print a bar for each member and somebody else, one row an event."""
    names = sorted(trail.beliefs[-1].members)
    table = Table("event", *map(escape, names), "somebody else", title_justify="left")
    table.title = f"Who was at the keyboard of {escape(trail.session_id)}, on the login {escape(trail.account_id)}"
    events = ["before anything was done", *(_event(deed, trail.titles) for deed in trail.facts.events)]
    for said, belief in zip(events, trail.beliefs, strict=False):
        shares = [*(belief.members[name] for name in names), belief.somebody_else]
        table.add_row(escape(said), *map(_bar, shares))
    console = Console()
    console.print(table)
    console.print(_verdict(trail))


def print_trail(trail: Trail) -> None:
    """Print the same as JSON."""
    steps = [{"members": dict(one.members), "somebody_else": one.somebody_else} for one in trail.beliefs]
    who = {"id": trail.who.identity_id, "method": trail.who.method, "confidence": trail.who.confidence}
    typer.echo(json.dumps({"session": trail.session_id, "account": trail.account_id, "identity": who, "steps": steps}))


def _verdict(trail: Trail) -> str:
    who, hidden = trail.who, sum(not one.may_be_named for one in trail.facts.members)
    if who.identity_id is None:
        told = f"It is nobody's: none reaches {trail.threshold:.0%}."
    else:
        told = f"It is [bold]{escape(who.identity_id)}[/bold], {who.method}, {who.confidence:.0%}."
    return told + (f" {hidden} of the login's users may not be named." if hidden else "")


def _event(deed: Deed, titles: Mapping[str, str]) -> str:
    at = datetime.fromtimestamp(deed.at_ms / 1000, UTC)
    what: Sequence[str] = [titles.get(piece.product_id, piece.product_id) for piece in deed.pieces]
    return f"{at:%a %H:%M} {', '.join(what)}".strip()


def _bar(share: float) -> str:
    full = round(share * BAR)
    return f"[cyan]{'█' * full}[/cyan][dim]{'░' * (BAR - full)}[/dim] {share:4.0%}"


def _title(offer: Offer | None) -> str:
    return offer.title if offer is not None else ""
