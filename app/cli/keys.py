"""`plural keys`: make, list and revoke API keys; works while `plural serve` runs."""

import asyncio
import json
from collections.abc import Callable, Coroutine
from datetime import timedelta
from typing import Annotated, Any, TypeVar

import typer
from rich.table import Table

from app.cli.options import AsJson, Tenant
from app.cli.progress import Bars
from app.cli.terminal import plain_console
from app.domain import clock
from app.domain.keys import SCOPES, ApiKey, KeyRequest, check_key, check_tenant, parse_scopes
from app.graph.audit import AuditTrail
from app.graph.keys import KeyGraph
from app.opening import open_database
from app.services.hashing import tenant_hashers
from app.services.keys import create_key, revoke_key
from app.settings import Settings

app = typer.Typer(help="Make, list and revoke API keys.", no_args_is_help=True)

Result = TypeVar("Result")


@app.command("create")
def create(
    tenant: Tenant = "demo",
    scope: Annotated[
        str,
        typer.Option(
            help=f"{', '.join(SCOPES)}; comma separated. Or browser alone, for web pages.",
        ),
    ] = "ingest,recommend",
    label: Annotated[str | None, typer.Option(help="What the key is for.")] = None,
    origin: Annotated[
        list[str] | None, typer.Option(help="Of a browser key: where its pages are, e.g. https://shop.example.")
    ] = None,
    identity: Annotated[str | None, typer.Option(help="The only identity that it may speak for.")] = None,
    session: Annotated[str | None, typer.Option(help="The only session that it may speak for.")] = None,
    days: Annotated[float | None, typer.Option(min=0, help="How long it is good; without end unless given.")] = None,
    as_json: AsJson = False,
) -> None:
    """Make a key and show it, once: only its hash is kept."""
    expires_at = None if days is None else clock.now() + timedelta(days=days)
    asked = KeyRequest(parse_scopes(scope), label, identity, session, tuple(origin or ()), expires_at)
    check_tenant(tenant)
    check_key(asked, clock.now())
    issued = _with_store(lambda store: create_key(store, tenant, asked))
    if as_json:
        typer.echo(json.dumps({"token": issued.token, **_as_dict(issued.key)}))
        return
    typer.echo(issued.token)
    typer.echo(f"Key {issued.key.id} of {tenant} may {', '.join(asked.scopes)}. It is not shown again.", err=True)


@app.command("list")
def list_(tenant: Tenant = "demo", as_json: AsJson = False) -> None:
    """List a tenant's keys, newest first; revoked ones too."""
    keys = _with_store(lambda store: store.list_keys(tenant))
    if as_json:
        typer.echo(json.dumps([_as_dict(key) for key in keys]))
        return
    table = Table("id", "scopes", "only for", "label", "created", "expires", "revoked")
    for key in keys:
        only_for = ", ".join(filter(None, (key.identity_id, key.session_id, *key.origins)))
        times = (f"{at:%Y-%m-%d %H:%M}" if at else "" for at in (key.created_at, key.expires_at, key.revoked_at))
        table.add_row(key.id, ",".join(key.scopes), only_for, key.label or "", *times)
    plain_console().print(table)


@app.command("revoke")
def revoke(key_id: Annotated[str, typer.Argument(metavar="ID")], tenant: Tenant = "demo") -> None:
    """Make a key worthless; a running service believes it for `PLURAL_KEY_CACHE_SECONDS` more at most."""
    _with_store(lambda store: revoke_key(store, tenant, key_id))
    typer.echo(f"Key {key_id} of {tenant} is revoked.", err=True)


def _with_store(work: Callable[[KeyGraph], Coroutine[Any, Any, Result]]) -> Result:
    settings = Settings.load()

    async def run() -> Result:
        async with open_database(settings, Bars()) as db:
            return await work(KeyGraph(db, AuditTrail(tenant_hashers(settings))))

    return asyncio.run(run())


def _as_dict(key: ApiKey) -> dict[str, object]:
    return {
        "tenant": key.tenant,
        "id": key.id,
        "scopes": list(key.scopes),
        "label": key.label,
        "created_at": key.created_at.isoformat(),
        "expires_at": key.expires_at.isoformat() if key.expires_at else None,
        "revoked_at": key.revoked_at.isoformat() if key.revoked_at else None,
        "identity_id": key.identity_id,
        "session_id": key.session_id,
        "origins": list(key.origins),
    }
