"""`plural doctor`: what is there; each line is ok or says how to mend it. It fetches, makes and mends nothing."""

import asyncio
import json
import shutil
from collections.abc import AsyncGenerator
from dataclasses import asdict, dataclass
from datetime import datetime

import psutil
import typer

from app.cli.options import AsJson, Tenant
from app.cli.progress import Bars
from app.domain import clock
from app.domain.errors import PluralError, SetupError
from app.domain.matching import explain
from app.embedded import Room
from app.embedded.facts import Facts, gather_facts
from app.embedded.java import find_java
from app.graph.database import Database
from app.graph.hash_keys import HashKeyGraph
from app.graph.identifier_health import IdentifierHealthGraph
from app.graph.matching import UnmatchedGraph
from app.graph.migrations import load_migrations
from app.graph.rules import read_rules
from app.graph.status import (
    SERVER_MAJOR,
    read_active_run,
    read_counts,
    read_events,
    read_gds_version,
    read_schema,
    read_server_version,
)
from app.opening import embedded_home, find_embedded, open_database
from app.services.hash_keys import check_hash_keys
from app.services.identifier_health import read_identifier_health
from app.services.readiness import nothing_learned
from app.settings import Settings

_MIB = 2**20
_PATIENCE_SECONDS = 60.0
_TROUBLES = {
    "database-gone": "does not answer",
    "database-broken": "cannot use its store",
    "disk-full": "has no room on its disk",
    "missing-key": "lacks a key",
    "busy": "is too busy to answer",
}
"""What is wrong with the server, by the kind of error that its first statements met."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One line: what was looked at, what was found, and how to mend it unless it is ok."""

    name: str
    found: str
    mend: str | None = None

    @property
    def ok(self) -> bool:
        """Whether nothing need be done."""
        return self.mend is None


def doctor(tenant: Tenant = "demo", as_json: AsJson = False) -> None:
    """Look at Java, jars, server, library, schema, run, contents and memory. Exit code 1 when something is wrong."""
    findings = asyncio.run(_examine(Settings.load(), tenant))
    if as_json:
        typer.echo(json.dumps([{**asdict(finding), "ok": finding.ok} for finding in findings]))
    else:
        _show(findings)
    if not all(finding.ok for finding in findings):
        raise typer.Exit(1)


def _show(findings: list[Finding]) -> None:
    for finding in findings:
        typer.echo(f"{'ok' if finding.ok else '!!'}  {finding.name:<15}{finding.found}")
        if finding.mend:
            typer.echo(f"    {'':<15}mend: {finding.mend}")


async def _examine(settings: Settings, tenant: str) -> list[Finding]:
    if settings.neo4j_uri is not None:
        return [Finding("database", "the server that NEO4J_URI names"), *await _examine_server(settings, tenant)]
    facts = gather_facts(embedded_home(settings), settings.cache.expanduser())
    findings = [Finding("database", f"embedded, in {embedded_home(settings)}"), _examine_java(settings)]
    findings.append(_examine_jars(facts))
    if facts.has_database:
        findings.append(_examine_room(settings))
    if facts.has_database and not facts.missing_jars:
        return findings + await _examine_server(settings, tenant)
    nothing_yet = Finding("server", "has nothing to run on yet", "`make demo` or `plural serve` gets all and starts it")
    return [*findings, nothing_yet, _examine_memory(settings)]


def _examine_java(settings: Settings) -> Finding:
    try:
        java = find_java(settings.java_home)
    except PluralError as error:
        return Finding("Java", "not suitable", str(error))
    return Finding("Java", f"{java.version}, {java.program}")


def _examine_jars(facts: Facts) -> Finding:
    total, missing = len(facts.lock.jars), len(facts.missing_jars)
    mend = "the next start of the database fetches the rest; check the network if that fails" if missing else None
    return Finding("jars", f"{total - missing} of {total} in {facts.jar_folder}", mend)


def _examine_room(settings: Settings) -> Finding:
    home = embedded_home(settings)
    found = f"{shutil.disk_usage(home).free / 1e6:,.0f} MB free where the database is"
    try:
        Room(home, settings.least_free_mb * 1_000_000).check_room()
    except PluralError as error:
        return Finding("disk", found, str(error))
    return Finding("disk", found)


async def _examine_server(settings: Settings, tenant: str) -> list[Finding]:
    """What only a server that runs can tell; an embedded one that does not is started for it, then stopped."""
    slower = settings.model_copy(update={"query_timeout_seconds": _PATIENCE_SECONDS})
    try:
        async with open_database(slower, Bars(), prepare=False, patient=False) as db:
            found = [finding async for finding in _examine_graph(db, tenant)]
            found.append(await _examine_hash_keys(db, settings))
            return [*found, *await _examine_identifiers(db, settings, tenant), _examine_memory(settings)]
    except PluralError as error:
        return [
            Finding("server", _TROUBLES.get(error.kind or "", "cannot be used"), str(error)),
            _examine_memory(settings),
        ]


async def _examine_graph(db: Database, tenant: str) -> AsyncGenerator[Finding]:
    version = await read_server_version(db)
    wrong = None if version.split(".")[0] == SERVER_MAJOR else f"use Neo4j {SERVER_MAJOR}.x"
    yield Finding("server", f"Neo4j {version}", wrong)
    gds = await read_gds_version(db)
    yield Finding("GDS", gds or "missing", None if gds else "install the Graph Data Science plugin on the server")
    yield await _examine_schema(db)
    yield await _examine_run(db, tenant)
    yield await _examine_matching(db, tenant)
    counts = await read_counts(db)
    yield Finding("nodes", _listed(counts.nodes))
    yield Finding("relationships", _listed(counts.relationships))


async def _examine_matching(db: Database, tenant: str) -> Finding:
    """Whether the feed has what was bought."""
    unmatched = await UnmatchedGraph(db).list_unmatched(tenant, 1000)
    purchases = sum(one.purchases for one in unmatched)
    found = f"{len(unmatched):,} products that no feed has, in {purchases:,} purchases"
    return Finding("matching", found if unmatched else "feeds have all that was bought", explain(unmatched))


async def _examine_schema(db: Database) -> Finding:
    applied = await read_schema(db)
    expected = {migration.id: migration.checksum for migration in load_migrations()}
    found = max(applied, default="none")
    if applied == expected:
        return Finding("schema", found)
    if applied.items() <= expected.items():
        return Finding(
            "schema", f"{found} of {max(expected)}", "`plural keys list`, or any other command, completes it"
        )
    mend = "use the Plural that made this graph, or a newer one, or begin with an empty database"
    return Finding("schema", f"{found}, made by another Plural than this, which knows {max(expected)}", mend)


async def _examine_hash_keys(db: Database, settings: Settings) -> Finding:
    try:
        keys = await check_hash_keys(HashKeyGraph(db), settings)
    except SetupError as error:
        return Finding("hash keys", "not those of this graph", str(error))
    return Finding("hash keys", f"{max(keys)}, all that this graph was made with" if keys else "none yet")


async def _examine_run(db: Database, tenant: str) -> Finding:
    run = await read_active_run(db, tenant)
    if run is None:
        return Finding("active run", f"none for {tenant}", f"plural refresh --tenant {tenant}")
    age = f", {_hours(run.finished_at)} h old" if run.finished_at else ""
    events = 0 if run.learners else await read_events(db, tenant)
    mend = nothing_learned(events) if events else None
    return Finding("active run", f"{run.id}{age}, learned from {run.learners:,} identities", mend)


async def _examine_identifiers(db: Database, settings: Settings, tenant: str) -> list[Finding]:
    """What resolves to nobody is no fault of the machine; it is told all the same."""
    rules = await read_rules(db, tenant, settings.identity_rules)
    health = await read_identifier_health(IdentifierHealthGraph(db), tenant, rules)
    over_cap = sum(one.over_cap for one in health.types)
    found = f"{_listed({**health.by_class})}; {health.quarantined:,} resolve to nobody"
    if health.quarantined:
        found += f" ({health.quarantined - over_cap:,} blocked, {over_cap:,} of too many)"
    most = ", ".join(f"{one.degree:,} by {one.type} {one.prefix}" for one in health.connectors[:3])
    together = f"at most {max(health.largest, default=0):,} of {health.identities:,} identities"
    return [
        Finding("identifiers", found),
        Finding("held together", together + (f"; most by one value: {most}" if most else "")),
    ]


def _examine_memory(settings: Settings) -> Finding:
    memory = psutil.virtual_memory()
    found = f"{memory.available // _MIB:,} MiB of {memory.total // _MIB:,} free"
    if server := find_embedded(settings):
        found += f", the embedded server holds {server.resident_bytes // _MIB:,}"
    scarce = memory.available < 256 * _MIB
    return Finding("memory", found, "free some memory, or lower PLURAL_HEAP_MB" if scarce else None)


def _hours(moment: datetime) -> str:
    return f"{(clock.now() - moment).total_seconds() / 3600:,.1f}"


def _listed(counts: dict[str, int]) -> str:
    return ", ".join(f"{name} {count:,}" for name, count in counts.items()) or "none"
