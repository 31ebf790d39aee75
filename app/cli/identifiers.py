"""`plural identifiers`: give the hashes of identifiers a new key, while the service goes on."""

import asyncio
import json
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from app.cli.options import AsJson, Tenant
from app.cli.progress import Bars
from app.domain.hashing import Hasher
from app.domain.key_rotation import Rekeyed, Rotation
from app.domain.keys import check_tenant
from app.graph.audit import AuditTrail
from app.graph.hash_keys import HashKeyGraph
from app.graph.key_rotation import KeyRotationGraph
from app.graph.rules import read_rules
from app.intake.chunks import locate_rows, read_chunks
from app.intake.files import count_hint
from app.intake.identifiers import parse_identifiers
from app.opening import open_database
from app.services.hash_keys import add_hash_key
from app.services.hashing import tenant_hashers
from app.services.rotate_keys import VALUES_A_COMMIT, re_key
from app.settings import Settings

app = typer.Typer(help="Rotate the key of identifiers.", no_args_is_help=True)

ACTOR = "cli"
SETTLE_SECONDS = 2.0
"""Requests that began before a running service saw the new key are answered by then."""


@app.callback()
def identifiers() -> None:
    """Keep this a group of commands, though there is one only."""


@app.command("rotate")
def rotate(
    tenant: Tenant = "demo",
    values: Annotated[
        Path | None, typer.Option(help="The values: a file of `type,value` that ends in .csv or .jsonl.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Make a new key unless identifiers are still under an old one, and re-key those whose values are given.

    A hash cannot be turned back, so a value must be given, or be seen again, to come under the new key; until then it
    is found under the old one. Run it again to go on. Exit code 2 when rows were refused.
    """
    check_tenant(tenant)
    rotation, refused = asyncio.run(_rotate(Settings.load(), tenant, values))
    if as_json:
        typer.echo(json.dumps({"tenant": tenant, **asdict(rotation), "refused": refused}))
    else:
        made = "was made" if rotation.key_added else "is the current one"
        typer.echo(
            f"Key {rotation.key_version} {made}: {rotation.re_keyed:,} identifiers of {tenant} came under it, "
            f"{rotation.remaining:,} remain under older keys; {rotation.unknown:,} values are not known, "
            f"{refused:,} rows were refused."
        )
    if refused:
        raise typer.Exit(2)


async def _rotate(settings: Settings, tenant: str, values: Path | None) -> tuple[Rotation, int]:
    progress = Bars()
    hint = count_hint(values) if values else None
    hasher = tenant_hashers(settings)(tenant)
    async with open_database(settings, progress) as db:
        store = KeyRotationGraph(db, AuditTrail(partial(Hasher, keys=hasher.keys)))
        rules = await read_rules(db, tenant, settings.identity_rules)
        key_added = not await store.count_older(tenant, hasher.version)
        if key_added:
            await store.note_key(tenant, await add_hash_key(HashKeyGraph(db), settings), ACTOR)
            await asyncio.sleep(SETTLE_SECONDS)
        total, refused = Rekeyed(), 0
        if values:
            with progress.step(values.name, total=hint, unit="rows") as step:
                for chunk in read_chunks(locate_rows(values), parse_identifiers, VALUES_A_COMMIT):
                    total += await re_key(store, tenant, hasher, rules, chunk.parsed.values, ACTOR)
                    refused += len({error.index for error in chunk.parsed.errors})
                    step.advance(chunk.rows)
        remaining = await store.count_older(tenant, hasher.version)
    return Rotation(hasher.version, key_added, total.re_keyed, total.unknown, remaining), refused
