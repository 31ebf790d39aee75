"""`plural load`: what a file holds goes into the database, through the same use cases as over HTTP."""

import asyncio
import gc
import sys
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator, Sequence
from contextlib import ExitStack, aclosing, asynccontextmanager, suppress
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from app.cli.load_report import LoadReport, show_json, show_table
from app.cli.options import AsJson, Tenant
from app.cli.progress import Bars
from app.domain import clock
from app.domain.errors import InvalidError
from app.domain.hashing import identify
from app.domain.keys import check_tenant
from app.domain.models import IngestReport, Interaction
from app.domain.progress import Progress
from app.graph.audit import AuditTrail
from app.graph.consents import ConsentGraph
from app.graph.database import Database
from app.graph.event_writer import EventWriter
from app.graph.identifiers import IdentifierGraph
from app.graph.identities import IdentityGraph
from app.graph.links import LinkGraph
from app.graph.products import ProductGraph
from app.graph.rules import RulesGraph
from app.graph.tombstones import Tombstones
from app.intake.batches import Parsed
from app.intake.chunks import Chunk, locate_events, locate_rows, read_chunks
from app.intake.consents import IdentityConsent, parse_consents
from app.intake.events import parse_events
from app.intake.files import count_hint, float_id_columns
from app.intake.identities import parse_identities
from app.intake.lines import Located
from app.intake.links import parse_links
from app.intake.piped import STDIN, piped
from app.intake.products import parse_products
from app.opening import open_database
from app.services.consents import record_consents
from app.services.hashing import tenant_hashers
from app.services.links import add_links
from app.services.record_events import record_events
from app.services.resolve_identity import IdentityResolver
from app.services.rules import RuleBook
from app.services.upsert_identities import upsert_identities
from app.services.upsert_products import upsert_products
from app.settings import Settings

ROWS_A_CHUNK = 2_000


class Kind(StrEnum):
    """What a file holds."""

    products = "products"
    identities = "identities"
    events = "events"
    consents = "consents"
    links = "links"


@dataclass(frozen=True, slots=True)
class Route:
    """How one kind of file gets into the database."""

    locate: Callable[[Path], Iterator[Located]]
    parse: Callable[[Sequence[object]], Parsed[Any]]
    write: Callable[[Sequence[Any]], Awaitable[IngestReport]]
    lines_a_chunk: int = ROWS_A_CHUNK


def load(
    kind: Annotated[Kind, typer.Argument(help="What the files hold.")],
    files: Annotated[
        list[Path], typer.Argument(help="Files that end in .jsonl, .csv or .parquet; - for what is piped in.")
    ],
    tenant: Tenant = "demo",
    errors: Annotated[Path | None, typer.Option(help="Write every refused row's reason here, as JSON lines.")] = None,
    as_json: AsJson = False,
) -> None:
    """Load files; a bad row is told and the others are taken. Exit code 2 when rows were refused.

    Loading a file again changes nothing: events count as duplicates, products and identities are replaced.
    """
    check_tenant(tenant)
    settings = Settings.load()
    with LoadReport.open(errors) as report, ExitStack() as stack:
        paths = [_opened(path, settings, stack) for path in _once(files)]
        asyncio.run(_load(settings, kind, paths, tenant, report))
    (show_json if as_json else show_table)(report, kind.value)
    if report.refused:
        raise typer.Exit(2)


def _once(files: Sequence[Path]) -> Sequence[Path]:
    if files.count(STDIN) > 1:
        raise InvalidError("What is piped in can be read once: name - a single time.")
    return files


def _opened(path: Path, settings: Settings, stack: ExitStack) -> Path:
    """The file, or one that holds what is piped in for as long as the stack is open."""
    if path != STDIN:
        return path
    if sys.stdin.isatty():
        raise InvalidError("- reads what is piped in, and nothing is: plural load KIND - < FILE")
    return stack.enter_context(piped(sys.stdin.buffer, settings.home.expanduser()))


async def _load(settings: Settings, kind: Kind, files: Sequence[Path], tenant: str, report: LoadReport) -> None:
    progress = Bars()
    # Counted before the database is opened, so that a missing file is told at once.
    hints = [count_hint(path) for path in files]
    async with open_database(settings, progress) as db, open_route(kind, db, settings, tenant) as route:
        report.start_clock()
        for path, hint in zip(files, hints, strict=True):
            report.warn(path, float_id_columns(path))
            await load_file(route, path, hint, progress, report)


async def load_file(route: Route, path: Path, hint: int | None, progress: Progress, report: LoadReport) -> None:
    """Load one file; while the database works on a chunk the next one is read and parsed in a thread."""
    rows = 0
    with progress.step(path.name, total=hint, unit="rows") as step:
        async with aclosing(_prefetched(read_chunks(route.locate(path), route.parse, route.lines_a_chunk))) as chunks:
            async for chunk in chunks:
                report.note(path, chunk.parsed, await route.write(chunk.parsed.values))
                rows += chunk.rows
                step.advance(chunk.rows)
        step.reset(rows)


@asynccontextmanager
async def open_route(kind: Kind, db: Database, settings: Settings, tenant: str) -> AsyncGenerator[Route]:
    """Yield the route of a kind; what it needs in the background runs as long as the block."""
    now = clock.now()
    hasher = tenant_hashers(settings)
    rules = RuleBook(RulesGraph(db, hasher, settings.identity_rules), settings.rules_cache_seconds)
    if kind is Kind.events:
        resolver = IdentityResolver(IdentifierGraph(db), rules, hasher)
        parse = partial(parse_events, now=now, future_hours=settings.future_hours)
        tombstones = Tombstones(hasher)
        async with EventWriter(db, tombstones, settings.evidence_rules, settings.commit_lines) as writer:
            yield Route(locate_events, parse, partial(_record, resolver, writer, tenant), settings.commit_lines)
    elif kind is Kind.products:
        yield Route(locate_rows, parse_products, _counted(partial(upsert_products, ProductGraph(db), tenant)))
    elif kind is Kind.identities:
        people = IdentityGraph(db, hasher)
        known = partial(identify, hasher(tenant), await rules.read(tenant))
        parse_rows = partial(parse_identities, identify=known, source="file")
        yield Route(locate_rows, parse_rows, partial(upsert_identities, people, tenant, actor="cli"))
    elif kind is Kind.links:
        links = LinkGraph(db, AuditTrail(hasher), hasher)
        known = partial(identify, hasher(tenant), await rules.read(tenant))
        parse_rows = partial(parse_links, identify=known, now=now, future_hours=settings.future_hours)
        yield Route(locate_rows, parse_rows, partial(add_links, links, tenant, actor="cli"))
    else:
        store = ConsentGraph(db, Tombstones(hasher), AuditTrail(hasher))

        async def write(given: Sequence[IdentityConsent]) -> IngestReport:
            kept = await record_consents(store, tenant, [(one.identity_id, one.consent) for one in given])
            return IngestReport(accepted=len(kept), erased=len(given) - len(kept))

        yield Route(locate_rows, partial(parse_consents, now=now, future_hours=settings.future_hours), write)


async def _record(
    resolver: IdentityResolver, writer: EventWriter, tenant: str, given: Sequence[Interaction]
) -> IngestReport:
    return await record_events(writer, tenant, await resolver.name(tenant, given))


def _counted(upsert: Callable[[Sequence[Any]], Awaitable[int]]) -> Callable[[Sequence[Any]], Awaitable[IngestReport]]:
    async def write(values: Sequence[Any]) -> IngestReport:
        await upsert(values)
        return IngestReport(accepted=len(values))

    return write


async def _prefetched(chunks: Iterator[Chunk[Any]]) -> AsyncGenerator[Chunk[Any]]:
    """Yield the chunks, each parsed while the one before is worked on; memory holds two."""
    # What is parsed has no cycles, and looking for some costs a third of the time.
    gc.set_threshold(200_000, 20, 20)
    coming = asyncio.ensure_future(asyncio.to_thread(next, chunks, None))
    try:
        while (chunk := await coming) is not None:
            coming = asyncio.ensure_future(asyncio.to_thread(next, chunks, None))
            yield chunk
    finally:
        # A generator cannot be closed while a thread is inside it.
        with suppress(Exception):
            await coming
