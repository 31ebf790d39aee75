"""`plural rules`: show and replace a tenant's identity rules, and see first what others would do."""

import asyncio
import json
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer
from rich.table import Table

from app.cli.options import AsJson, Tenant
from app.cli.progress import Bars
from app.cli.terminal import plain_console
from app.domain import clock
from app.domain.errors import SetupError
from app.domain.hashing import Hasher
from app.domain.identity_rules import IdentityRules, document_of
from app.domain.keys import check_tenant
from app.domain.rules_effect import RulesEffect
from app.graph.belonging import BelongingGraph
from app.graph.database import Database
from app.graph.rules import RulesGraph
from app.intake.rules import parse_rules
from app.opening import open_database
from app.services.hashing import tenant_hashers
from app.services.simulate_rules import simulate_rules
from app.settings import Settings

app = typer.Typer(help="Show, replace and try out the rules of identifiers and links.", no_args_is_help=True)

SHOWN = 20
"""Groups and conflicts that are listed at most."""

File = Annotated[Path, typer.Argument(help="The rules as JSON; what is left out is as by default.")]
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class _Opened:
    """What the commands work with."""

    db: Database
    store: RulesGraph
    hasher: Hasher


@app.command("show")
def show(tenant: Tenant = "demo") -> None:
    """Print the rules that hold for a tenant as JSON, defaults included."""
    rules = _with_store(tenant, lambda opened: opened.store.read(tenant))
    typer.echo(json.dumps(document_of(rules), indent=2, ensure_ascii=False))


@app.command("set")
def set_(file: File, tenant: Tenant = "demo") -> None:
    """Replace the rules; a running service knows after `PLURAL_RULES_CACHE_SECONDS`. No link is touched."""
    rules = _read(file)
    _with_store(tenant, lambda opened: opened.store.write(tenant, rules, "cli"))
    typer.echo(f"The rules of {tenant} are replaced.", err=True)


@app.command("simulate")
def simulate(file: File, tenant: Tenant = "demo", as_json: AsJson = False) -> None:
    """Say what other rules would do to today's links, with nothing written."""
    rules = _read(file)

    async def compare(opened: _Opened) -> RulesEffect:
        today = await opened.store.read(tenant)
        hasher = replace(opened.hasher, region=rules.phone_region)
        return await simulate_rules(BelongingGraph(opened.db), hasher, today, rules, clock.now())

    effect = _with_store(tenant, compare)
    if as_json:
        typer.echo(json.dumps(_as_dict(effect)))
    else:
        _show(effect)


def _read(file: Path) -> IdentityRules:
    try:
        return parse_rules(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise SetupError(f"{file} cannot be read: {error.strerror}.") from error


def _with_store(tenant: str, work: Callable[[_Opened], Coroutine[Any, Any, Result]]) -> Result:
    check_tenant(tenant)

    async def run() -> Result:
        settings = Settings.load()
        hasher = tenant_hashers(settings)
        async with open_database(settings, Bars()) as db:
            store = RulesGraph(db, hasher, settings.identity_rules)
            return await work(_Opened(db, store, hasher(tenant)))

    return asyncio.run(run())


def _as_dict(effect: RulesEffect) -> dict[str, Any]:
    return {
        "identities": effect.identities,
        "joined": [_members(group.person, group.identities) for group in effect.joined],
        "parted": [_members(group.person, group.identities) for group in effect.parted],
        "quarantined": dict(effect.quarantined),
        "released": dict(effect.released),
        "new_conflicts": [{"reason": one.reason, "path": list(one.path)} for one in effect.new_conflicts],
        "gone_conflicts": [{"reason": one.reason, "path": list(one.path)} for one in effect.gone_conflicts],
    }


def _members(person: str | None, identities: frozenset[str]) -> dict[str, Any]:
    return {"person_id": person, "identities": sorted(identities)}


def _show(effect: RulesEffect) -> None:
    table = Table("what", "how many", "which (the first)", title=f"{effect.identities:,} identities with links")
    for what, groups in (("groups that come into being", effect.joined), ("groups that are no more", effect.parted)):
        shown = [" + ".join(sorted(group.identities)) for group in groups[:SHOWN]]
        table.add_row(what, f"{len(groups):,}", "\n".join(shown))
    for what, counts in (("identifiers quarantined", effect.quarantined), ("identifiers released", effect.released)):
        table.add_row(what, f"{sum(counts.values()):,}", ", ".join(f"{n:,} {type_}" for type_, n in counts.items()))
    for what, conflicts in (("new conflicts", effect.new_conflicts), ("conflicts gone", effect.gone_conflicts)):
        table.add_row(what, f"{len(conflicts):,}", "\n".join(" > ".join(one.path) for one in conflicts[:SHOWN]))
    plain_console().print(table)
