"""`plural audit`: read the log, prove it whole, and look for what should be gone."""

import asyncio
import json
from collections.abc import Callable, Coroutine
from dataclasses import asdict
from typing import Annotated, Any, TypeVar

import typer
from rich.table import Table

from app.cli.options import AsJson, Tenant
from app.cli.progress import Bars
from app.cli.terminal import plain_console
from app.domain.audit import AuditEntry, AuditQuery, Head
from app.domain.errors import InvalidError
from app.domain.traces import Trace
from app.graph.audit import AuditGraph
from app.graph.traces import TraceGraph
from app.opening import open_database
from app.services.audit import AuditPage, Verdict, read_audit, verify_audit
from app.services.audit_anchor import read_anchors
from app.services.find_traces import find_traces
from app.services.hashing import tenant_hashers
from app.settings import Settings

app = typer.Typer(help="Read the audit log, prove it whole, look for what should be gone.", no_args_is_help=True)

Result = TypeVar("Result")
_SEAL_DIGITS = 64


@app.command("show")
def show(
    tenant: Tenant = "demo",
    action: Annotated[str | None, typer.Option(help="Only this, e.g. erase.")] = None,
    identity: Annotated[str | None, typer.Option(help="Only what was done to this identity.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="Entries to show.")] = 20,
    as_json: AsJson = False,
) -> None:
    """Show the newest entries of the log, newest first."""
    settings = Settings.load()
    hasher = tenant_hashers(settings)(tenant)

    async def read(log: AuditGraph) -> AuditPage:
        subjects = None if identity is None else hasher.every_subject("identity", identity)
        return await read_audit(log, tenant, AuditQuery(action, subjects), limit)

    page = _with_log(settings, read)
    if as_json:
        typer.echo(json.dumps([_as_dict(entry) for entry in page.entries]))
        return
    table = Table("entry", "at (UTC)", "by", "action", "to", "detail")
    for entry in page.entries:
        to = " ".join(subject[:8] for subject in entry.subjects[:3]) + (" …" if len(entry.subjects) > 3 else "")
        table.add_row(f"{entry.sequence}", f"{entry.at:%Y-%m-%d %H:%M:%S}", entry.actor, entry.action, to, entry.detail)
    plain_console().print(table)


@app.command("verify")
def verify(
    tenant: Tenant = "demo",
    anchor: Annotated[
        str | None, typer.Option(metavar="SEQUENCE:SEAL", help="An end of the log that was noted elsewhere before.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Walk the whole chain; exit code 1 names the first place that was changed, removed, inserted or cut off.

    The end that was noted last in PLURAL_HOME/audit.anchor must be in it as well.
    """
    noted = None if anchor is None else _head_of(anchor)
    settings = Settings.load()
    hasher = tenant_hashers(settings)(tenant)
    kept = read_anchors(settings.home.expanduser()).get(tenant)
    verdict = _with_log(settings, lambda log: verify_audit(log, hasher, noted, kept))
    if as_json:
        typer.echo(json.dumps({**asdict(verdict), "whole": verdict.broken is None}))
    else:
        typer.echo(_sentence(tenant, verdict))
    if verdict.broken is not None:
        raise typer.Exit(1)


@app.command("find")
def find(
    value: Annotated[str, typer.Argument(metavar="VALUE", help="An id, an e-mail address, a phone number …")],
    tenant: Annotated[str | None, typer.Option(help="Search this tenant only; by default the whole store.")] = None,
    as_json: AsJson = False,
) -> None:
    """Look for a value, and for each hash it may have become, in every property of the store and in the log files.

    Says where it stands, never what else stands there. Exit code 1 when it is found. The keyed hash in a tombstone and
    in the audit log does not count: it stays there to prove an erasure.
    """
    traces = asyncio.run(_find(Settings.load(), value, tenant))
    found = [trace for trace in traces if not trace.is_proof]
    if as_json:
        typer.echo(json.dumps([{**asdict(trace), "is_proof": trace.is_proof} for trace in traces]))
    elif traces:
        table = Table("where", "name", "property", "as", "times", "")
        for trace in traces:
            form, note = "hash" if trace.hashed else "text", "kept as proof" if trace.is_proof else ""
            table.add_row(trace.where, trace.name, trace.key, form, f"{trace.number:,}", note)
        plain_console().print(table)
    if not as_json:
        typer.echo("It was found." if found else "It is nowhere in the store and in no log file.")
    if found:
        raise typer.Exit(1)


async def _find(settings: Settings, value: str, tenant: str | None) -> list[Trace]:
    if not value.strip():
        raise InvalidError("Say what to look for.")
    hasher = tenant_hashers(settings, settings.identity_rules.phone_region)
    async with open_database(settings, Bars()) as db:
        return await find_traces(TraceGraph(db), hasher, settings.home.expanduser(), value, tenant)


def _sentence(tenant: str, verdict: Verdict) -> str:
    if verdict.broken is not None:
        return f"The audit log of {tenant} is broken at entry {verdict.broken.sequence}: {verdict.broken.why}."
    sealed = f", sealed with a key from entry {verdict.sealed_from} on" if verdict.sealed_from else ""
    return (
        f"The audit log of {tenant} is whole: {verdict.entries:,} entries{sealed}. "
        f"Note its end elsewhere: --anchor {verdict.head.sequence}:{verdict.head.seal}"
    )


def _head_of(text: str) -> Head:
    sequence, _, seal = text.partition(":")
    if not sequence.isdecimal() or len(seal) != _SEAL_DIGITS:
        raise InvalidError(f"--anchor {text}: say SEQUENCE:SEAL, as `plural audit verify` prints it.")
    return Head(int(sequence), seal)


def _with_log(settings: Settings, work: Callable[[AuditGraph], Coroutine[Any, Any, Result]]) -> Result:
    async def run() -> Result:
        async with open_database(settings, Bars()) as db:
            return await work(AuditGraph(db))

    return asyncio.run(run())


def _as_dict(entry: AuditEntry) -> dict[str, object]:
    return {**asdict(entry), "at": entry.at.isoformat(timespec="milliseconds"), "detail": json.loads(entry.detail)}
