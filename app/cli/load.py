"""`plural load`: what a file holds goes into the database, through the same use cases as over HTTP."""

import asyncio
import gc
import sys
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator, Sequence
from contextlib import AsyncExitStack, ExitStack, aclosing, asynccontextmanager, suppress
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from app.cli.load_dump import load_dump
from app.cli.load_feeds import Feeds
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
from app.intake.feeds.notes import FeedOptions
from app.intake.feeds.read import guess_rows
from app.intake.files import count_hint, float_id_columns
from app.intake.identities import parse_identities
from app.intake.lines import Located
from app.intake.links import parse_links
from app.intake.piped import STDIN, piped
from app.intake.products import parse_products
from app.opening import open_database
from app.services.consents import record_consents
from app.services.full_sync import withdraw_leaving
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
    dump = "dump"


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
        list[Path],
        typer.Argument(
            help="Products: any feed or export, found out by what it holds. Else .jsonl, .csv or .parquet. "
            "- for what is piped in. A dump: what `plural dump` made."
        ),
    ],
    tenant: Tenant = "demo",
    errors: Annotated[Path | None, typer.Option(help="Write every refused row's reason here, as JSON lines.")] = None,
    check: Annotated[bool, typer.Option("--check", help="Only say what would be taken; write nothing.")] = False,
    locale: Annotated[str | None, typer.Option(help="Products: how prices are written, e.g. de for 1.234,50.")] = None,
    currency: Annotated[str | None, typer.Option(help="Products: of prices without one, e.g. EUR.")] = None,
    encoding: Annotated[str | None, typer.Option(help="Products: where it is not found out, e.g. cp1250.")] = None,
    is_whole: Annotated[
        bool, typer.Option("--replace", help="Products: the files are the whole catalogue; withdraw all others.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="With --replace: even if much leaves the catalogue.")] = False,
    erased: Annotated[
        Path | None, typer.Option(help="A dump: erased.log of the home where it was made, if that is another one.")
    ] = None,
    nobody_erased: Annotated[
        bool, typer.Option("--nobody-erased", help="A dump: nobody was erased there since; load without an erased.log.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Load files; a bad row is told and the others are taken. Exit code 2 when rows were refused.

    Loading a file again changes nothing: events count as duplicates, products and identities are replaced. A dump is
    loaded whole or not at all, into a shop that holds nothing.
    """
    check_tenant(tenant)
    if kind is Kind.dump:
        if len(files) > 1 or errors or locale or currency or encoding or is_whole or yes:
            raise InvalidError("A dump is one file, and is loaded with --tenant, --check, --erased or --nobody-erased.")
        load_dump(files[0], tenant, erased=erased, nobody_erased=nobody_erased, is_check=check, as_json=as_json)
        return
    if erased is not None or nobody_erased:
        raise InvalidError("--erased and --nobody-erased are for a dump.")
    settings = Settings.load()
    options = FeedOptions(locale, currency, encoding)
    if kind is not Kind.products and (is_whole or options != FeedOptions()):
        raise InvalidError("--locale, --currency, --encoding and --replace are for products.")
    feeds = Feeds(options, is_whole=is_whole, is_confirmed=yes)
    with LoadReport.open(errors) as report, ExitStack() as stack:
        paths = [_opened(path, settings, stack) for path in _once(files)]
        if check:
            report.is_check = True
            asyncio.run(_check(settings, kind, feeds, paths, tenant, report))
        else:
            asyncio.run(_load(settings, kind, feeds, paths, tenant, report))
        report.forms = feeds.forms()
        report.warnings += feeds.warnings()
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


async def _load(
    settings: Settings, kind: Kind, feeds: Feeds, files: Sequence[Path], tenant: str, report: LoadReport
) -> None:
    progress = Bars()
    # Counted before the database is opened, so that a missing file is told at once.
    hints = [_hint(kind, path) for path in files]
    async with open_database(settings, progress) as db, open_route(kind, db, settings, tenant, feeds) as route:
        report.start_clock()
        products = ProductGraph(db)
        leaving = await feeds.find_leaving(products, tenant, files) if feeds.is_whole else None
        if leaving is not None and not feeds.is_confirmed:
            leaving.check()
        for path, hint in zip(files, hints, strict=True):
            _warn(kind, path, report)
            await load_file(route, path, hint, progress, report)
        if leaving is not None:
            report.withdrawn = await withdraw_leaving(products, tenant, leaving)


async def _check(
    settings: Settings, kind: Kind, feeds: Feeds, files: Sequence[Path], tenant: str, report: LoadReport
) -> None:
    """Read and validate; a database is opened only where whom rows name is hashed by its shop's rules."""
    progress = Bars()
    hints = [_hint(kind, path) for path in files]
    async with AsyncExitStack() as stack:
        route = _plain_route(kind, settings, feeds)
        if route is None or feeds.is_whole:
            db = await stack.enter_async_context(open_database(settings, progress))
            route = await stack.enter_async_context(open_route(kind, db, settings, tenant, feeds))
            if feeds.is_whole:
                report.withdrawn = len((await feeds.find_leaving(ProductGraph(db), tenant, files)).ids)
        route = replace(route, write=_written_nowhere)
        report.start_clock()
        for path, hint in zip(files, hints, strict=True):
            _warn(kind, path, report)
            await load_file(route, path, hint, progress, report)


async def _written_nowhere(values: Sequence[Any]) -> IngestReport:
    return IngestReport(accepted=len(values))


def _hint(kind: Kind, path: Path) -> int | None:
    return guess_rows(path) if kind is Kind.products else count_hint(path)


def _warn(kind: Kind, path: Path, report: LoadReport) -> None:
    if kind is not Kind.products:
        report.warn(path, float_id_columns(path))


def _plain_route(kind: Kind, settings: Settings, feeds: Feeds) -> Route | None:
    """How a kind is read that no database is needed for."""
    now = clock.now()
    if kind is Kind.products:
        return Route(feeds.locate, parse_products, _written_nowhere)
    if kind is Kind.events:
        parse = partial(parse_events, now=now, future_hours=settings.future_hours)
        return Route(locate_events, parse, _written_nowhere, settings.commit_lines)
    if kind is Kind.consents:
        return Route(
            locate_rows, partial(parse_consents, now=now, future_hours=settings.future_hours), _written_nowhere
        )
    return None


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
async def open_route(
    kind: Kind, db: Database, settings: Settings, tenant: str, feeds: Feeds | None = None
) -> AsyncGenerator[Route]:
    """Yield the route of a kind; what it needs in the background runs as long as the block."""
    now = clock.now()
    plain = _plain_route(kind, settings, feeds or Feeds())
    hasher = tenant_hashers(settings)
    rules = RuleBook(RulesGraph(db, hasher, settings.identity_rules), settings.rules_cache_seconds)
    if plain is not None and kind is Kind.events:
        resolver = IdentityResolver(IdentifierGraph(db), rules, hasher)
        tombstones = Tombstones(hasher)
        async with EventWriter(db, tombstones, settings.evidence_rules, settings.commit_lines) as writer:
            yield replace(plain, write=partial(_record, resolver, writer, tenant))
    elif plain is not None and kind is Kind.products:
        yield replace(plain, write=_counted(partial(upsert_products, ProductGraph(db), tenant)))
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
    elif plain is not None:
        store = ConsentGraph(db, Tombstones(hasher), AuditTrail(hasher))

        async def write(given: Sequence[IdentityConsent]) -> IngestReport:
            kept = await record_consents(store, tenant, [(one.identity_id, one.consent) for one in given])
            return IngestReport(accepted=len(kept), erased=len(given) - len(kept))

        yield replace(plain, write=write)


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
