"""`plural keys`: make, list and revoke API keys; works while `plural serve` runs."""

import asyncio
import json
from collections.abc import Callable, Coroutine
from typing import Annotated, Any, TypeVar

import typer
from rich.console import Console
from rich.table import Table

from app.cli.options import AsJson, Tenant
from app.cli.progress import Bars
from app.domain.keys import ApiKey, check_tenant, parse_scopes
from app.graph.keys import KeyGraph
from app.main import open_database
from app.services.keys import create_key, revoke_key
from app.settings import Settings

app = typer.Typer(help="Make, list and revoke API keys.", no_args_is_help=True)

Result = TypeVar("Result")


@app.command("create")
def create(
    tenant: Tenant = "demo",
    scope: Annotated[str, typer.Option(help="ingest, recommend, admin; comma separated.")] = "ingest,recommend",
    label: Annotated[str | None, typer.Option(help="What the key is for.")] = None,
    as_json: AsJson = False,
) -> None:
    """Make a key and show it, once: only its hash is kept."""
    scopes = parse_scopes(scope)
    check_tenant(tenant)
    issued = _with_store(lambda store: create_key(store, tenant, scopes, label))
    if as_json:
        typer.echo(json.dumps({"token": issued.token, **_as_dict(issued.key)}))
        return
    typer.echo(issued.token)
    typer.echo(f"Key {issued.key.id} of {tenant} may {', '.join(scopes)}. It is not shown again.", err=True)


@app.command("list")
def list_(tenant: Tenant = "demo", as_json: AsJson = False) -> None:
    """List a tenant's keys, newest first; revoked ones too."""
    keys = _with_store(lambda store: store.list_keys(tenant))
    if as_json:
        typer.echo(json.dumps([_as_dict(key) for key in keys]))
        return
    table = Table("id", "scopes", "label", "created", "revoked")
    for key in keys:
        revoked = f"{key.revoked_at:%Y-%m-%d %H:%M}" if key.revoked_at else ""
        table.add_row(key.id, ",".join(key.scopes), key.label or "", f"{key.created_at:%Y-%m-%d %H:%M}", revoked)
    Console().print(table)


@app.command("revoke")
def revoke(key_id: Annotated[str, typer.Argument(metavar="ID")], tenant: Tenant = "demo") -> None:
    """Make a key worthless; a running service believes it for `PLURAL_KEY_CACHE_SECONDS` more at most."""
    _with_store(lambda store: revoke_key(store, tenant, key_id))
    typer.echo(f"Key {key_id} of {tenant} is revoked.", err=True)


def _with_store(work: Callable[[KeyGraph], Coroutine[Any, Any, Result]]) -> Result:
    async def run() -> Result:
        async with open_database(Settings.load(), Bars()) as db:
            return await work(KeyGraph(db))

    return asyncio.run(run())


def _as_dict(key: ApiKey) -> dict[str, object]:
    return {
        "tenant": key.tenant,
        "id": key.id,
        "scopes": list(key.scopes),
        "label": key.label,
        "created_at": key.created_at.isoformat(),
        "revoked_at": key.revoked_at.isoformat() if key.revoked_at else None,
    }
