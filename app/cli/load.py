"""`plural load`: what a file holds goes into the database, through the same use cases as over HTTP."""

import asyncio
import gc
import sys
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack, ExitStack, aclosing
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from app.cli.load_dump import load_dump
from app.cli.load_feeds import Feeds
from app.cli.load_report import LoadReport, show_json, show_table
from app.cli.load_routes import Kind, Route, open_route, plain_route, written_nowhere
from app.cli.options import AsJson, Tenant
from app.cli.progress import Bars
from app.domain.errors import InvalidError
from app.domain.keys import check_tenant
from app.domain.progress import Progress
from app.graph.products import ProductGraph
from app.intake.chunks import prefetched, read_chunks
from app.intake.exports.event_types import EventTypes
from app.intake.exports.gorse import is_dump
from app.intake.feeds.notes import FeedOptions
from app.intake.feeds.read import guess_rows
from app.intake.files import count_hint, float_id_columns
from app.intake.piped import STDIN, piped
from app.opening import open_database
from app.services.full_sync import withdraw_leaving
from app.settings import Settings

_OF_ONE_KIND = {
    Kind.products: "--locale, --currency, --encoding, --replace and --yes are for products.",
    Kind.events: "--type is for events.",
    Kind.dump: "--erased and --nobody-erased are for a dump.",
}


def load(
    kind: Annotated[Kind, typer.Argument(help="What the files hold.")],
    files: Annotated[
        list[Path],
        typer.Argument(
            help="Products: any feed or export, found out by what it holds. Else .jsonl, .csv or .parquet, also as "
            "gorse, Recombee and Amazon Personalize have them. - for what is piped in. A dump: what `plural dump` made."
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
    types: Annotated[
        list[str] | None,
        typer.Option("--type", help="Events of an export: NAME=TYPE, e.g. star=wish, '*'=view, dwell=skip."),
    ] = None,
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
    options = FeedOptions(locale, currency, encoding)
    _check_options(
        kind,
        {
            Kind.products: is_whole or yes or options != FeedOptions(),
            Kind.events: bool(types),
            Kind.dump: erased is not None or nobody_erased,
        },
    )
    if kind is Kind.dump:
        if len(files) > 1 or errors:
            raise InvalidError("A dump is one file, and is loaded whole or not at all: it has no refused rows.")
        load_dump(files[0], tenant, erased=erased, nobody_erased=nobody_erased, is_check=check, as_json=as_json)
        return
    feeds = Feeds(options, EventTypes.parse(types or ()), is_whole=is_whole, is_confirmed=yes)
    report = _load_rows(kind, feeds, files, tenant, errors, is_check=check)
    (show_json if as_json else show_table)(report, kind.value)
    if report.refused:
        raise typer.Exit(2)


def _check_options(kind: Kind, given: Mapping[Kind, bool]) -> None:
    """Refuse options of another kind of file, which would change nothing."""
    for other, is_given in given.items():
        if is_given and other is not kind:
            raise InvalidError(_OF_ONE_KIND[other])


def _load_rows(
    kind: Kind, feeds: Feeds, files: Sequence[Path], tenant: str, errors: Path | None, *, is_check: bool
) -> LoadReport:
    """Load files of rows, or only look at them; what became of them."""
    settings = Settings.load()
    with LoadReport.open(errors) as report, ExitStack() as stack:
        paths = [_opened(path, settings, stack) for path in _once(files)]
        report.is_check = is_check
        asyncio.run((_check if is_check else _load)(settings, kind, feeds, paths, tenant, report))
        report.forms = feeds.forms()
        report.warnings += feeds.warnings()
    return report


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
        route = plain_route(kind, settings, feeds)
        if route is None or feeds.is_whole:
            db = await stack.enter_async_context(open_database(settings, progress))
            route = await stack.enter_async_context(open_route(kind, db, settings, tenant, feeds))
            if feeds.is_whole:
                report.withdrawn = len((await feeds.find_leaving(ProductGraph(db), tenant, files)).ids)
        route = replace(route, write=written_nowhere)
        report.start_clock()
        for path, hint in zip(files, hints, strict=True):
            _warn(kind, path, report)
            await load_file(route, path, hint, progress, report)


def _hint(kind: Kind, path: Path) -> int | None:
    if is_dump(path):
        return None
    return guess_rows(path) if kind is Kind.products else count_hint(path)


def _warn(kind: Kind, path: Path, report: LoadReport) -> None:
    if kind is not Kind.products and not is_dump(path):
        report.warn(path, float_id_columns(path))


async def load_file(route: Route, path: Path, hint: int | None, progress: Progress, report: LoadReport) -> None:
    """Load one file; while the database works on a chunk the next one is read and parsed in a thread."""
    rows = 0
    with progress.step(path.name, total=hint, unit="rows") as step:
        # What is parsed has no cycles, and looking for some costs a third of the time.
        gc.set_threshold(200_000, 20, 20)
        async with aclosing(prefetched(read_chunks(route.locate(path), route.parse, route.lines_a_chunk))) as chunks:
            async for chunk in chunks:
                report.note(path, chunk.parsed, await route.write(chunk.parsed.values))
                rows += chunk.rows
                step.advance(chunk.rows)
        step.reset(rows)
