"""`plural audiences`: list them, let one leave as a file, prove a file that left."""

import asyncio
import dataclasses
import hashlib
import json
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer
from rich.table import Table

from app.cli.desk import ACTOR, open_desk
from app.cli.options import AsJson, Tenant
from app.cli.terminal import plain_console
from app.domain.audience_export import Receipt
from app.domain.audiences import Audience, AudienceFilter, Size, Span, filter_fields
from app.domain.errors import InvalidError
from app.domain.keys import check_tenant
from app.domain.models import RowError
from app.domain.receivers import RECEIVERS, Cells, Receiver, cells_of, is_matchable
from app.graph.audiences import AudienceGraph
from app.graph.channels import ChannelGraph
from app.graph.descriptions import DescriptionGraph
from app.intake.chunks import locate_rows, read_chunks
from app.intake.customers import parse_customers
from app.services.audiences import AudienceBook
from app.services.export_audience import EXPIRES_DAYS, AudienceExporter, is_signed
from app.services.export_file import ExportFile, receipt_path
from app.services.hashing import tenant_hashers
from app.settings import Settings

app = typer.Typer(help="List audiences, export one, prove an export.", invoke_without_command=True)

Result = TypeVar("Result")
ROWS_A_CHUNK = 5_000


@dataclass(frozen=True, slots=True)
class _Audiences:
    """What the commands ask."""

    book: AudienceBook
    exporter: AudienceExporter


@app.callback()
def audiences(context: typer.Context, tenant: Tenant = "demo", as_json: AsJson = False) -> None:
    """List the audiences: who is meant, about how many there are, whether they may be exported."""
    if context.invoked_subcommand is not None:
        return
    check_tenant(tenant)

    async def read(ask: _Audiences) -> list[tuple[Audience, Size]]:
        return [await ask.book.find(tenant, one.name) for one, _ in await ask.book.list_audiences(tenant)]

    found = asyncio.run(_ask(read))
    if as_json:
        typer.echo(json.dumps([_fields(*one) for one in found]))
        return
    console = plain_console()
    if not found:
        console.print(f"No audiences yet: put one with PUT /v1/audiences/{{name}} for {tenant}.")
        return
    console.print(_table(found))


@app.command("export")
def export(
    name: Annotated[str, typer.Argument(help="The audience.")],
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="Ends in .csv, .jsonl or .parquet; only you may read it.")
    ],
    tenant: Tenant = "demo",
    whole: Annotated[
        bool, typer.Option("--full", help="The whole list, and not what changed since it last left.")
    ] = False,
    expires_days: Annotated[
        int, typer.Option(min=1, max=366, help="After so many days the receiver must have deleted what it holds.")
    ] = EXPIRES_DAYS,
    receiver: Annotated[
        str | None, typer.Option("--for", help=f"Hashed as {' or '.join(RECEIVERS)} wants it; left out: ids.")
    ] = None,
    customers: Annotated[
        Path | None,
        typer.Option(
            exists=True,
            dir_okay=False,
            help="With --for: your list with identity_id and email, phone, first_name, last_name, country, postcode; "
            "it is kept nowhere.",
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Let an audience leave as ids, or hashed for a receiver: what changed since it last did, the first time whole.

    Consent is looked at now. Removals always go out; additions wait until they are enough, and so does another filter.
    FILE.receipt.json is the signed receipt.
    """
    check_tenant(tenant)
    target = ExportFile(file)
    mode = "full" if whole else "delta"
    cells = _read_customers(receiver, customers)
    write = target.write if cells is None else target.writer_for(cells.receiver, cells.by_identity)
    among = None if cells is None else frozenset(cells.by_identity)

    async def leave(ask: _Audiences) -> tuple[Receipt, str]:
        return await ask.exporter.export(tenant, name, mode, write, ACTOR, expires_days, among)

    try:
        receipt, signature = asyncio.run(_ask(leave))
        told = {**dataclasses.asdict(receipt), "signature": signature}
        target.keep(told)
    finally:
        target.drop()
    typer.echo(json.dumps(told) if as_json else _sentence(receipt, file))
    if cells is not None and cells.refused:
        typer.echo(f"{cells.refused:,} rows of {customers} were refused: {cells.first_error}.", err=True)
        raise typer.Exit(2)


@app.command("verify")
def verify(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="What `plural audiences export` wrote.")],
    as_json: AsJson = False,
) -> None:
    """Prove that a file left this service as it is, by the receipt beside it; exit code 1 where it did not."""
    receipt, signature = _read_receipt(receipt_path(file))
    hasher = tenant_hashers(Settings.load())(receipt.tenant)
    good = is_signed(hasher, receipt, signature) and hashlib.sha256(_read(file)).hexdigest() == receipt.sha256
    if as_json:
        typer.echo(json.dumps({"file": str(file), "receipt": receipt.id, "genuine": good}))
    else:
        is_so = "left" if good else "did not leave"
        typer.echo(f"{file} {is_so} so: {receipt.audience} of {receipt.tenant}, {receipt.at}.")
    if not good:
        raise typer.Exit(1)


async def _ask(work: Callable[[_Audiences], Coroutine[object, object, Result]]) -> Result:
    async with open_desk() as desk:
        store, channels = AudienceGraph(desk.db, desk.audit), ChannelGraph(desk.db, desk.audit)
        book = AudienceBook(store, channels, DescriptionGraph(desk.db, desk.settings.evidence_rules), desk.count)
        return await work(_Audiences(book, AudienceExporter(store, desk.hasher, desk.count)))


@dataclass(frozen=True, slots=True)
class _Customers:
    """What a shop handed in, in the form of a receiver."""

    receiver: Receiver
    by_identity: Mapping[str, Cells]
    """Of those whom the receiver could find."""
    refused: int
    first_error: str


def _read_customers(receiver: str | None, path: Path | None) -> _Customers | None:
    """Read and hash what a shop hands in; ``None`` where ids leave."""
    if receiver is None and path is None:
        return None
    if receiver not in RECEIVERS:
        raise InvalidError(f"Say --for {' or --for '.join(RECEIVERS)} with --customers.")
    if path is None:
        raise InvalidError(
            "Say --customers FILE with --for: e-mail addresses and the like are not kept here, so hand them in."
        )
    region, found, errors = Settings.load().phone_region, dict[str, Cells](), list[RowError]()
    for chunk in read_chunks(locate_rows(path), parse_customers, ROWS_A_CHUNK):
        errors += chunk.parsed.errors
        for identity_id, customer in chunk.parsed.values:
            cells = cells_of(receiver, customer, region)
            if is_matchable(cells):
                found[identity_id] = cells
    first = f"line {errors[0].index}, {errors[0].field}: {errors[0].reason}" if errors else ""
    return _Customers(receiver, found, len({error.index for error in errors}), first)


def _read_receipt(path: Path) -> tuple[Receipt, str]:
    try:
        fields: dict[str, Any] = json.loads(_read(path))
        signature = str(fields.pop("signature"))
        return Receipt(**fields), signature
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise InvalidError(f"{path} is no receipt of an audience.") from error


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise InvalidError(f"{path} cannot be read ({error.strerror}).") from error


def _fields(audience: Audience, size: Size) -> dict[str, Any]:
    at = size.counted_at
    return {
        "name": audience.name,
        "filter": filter_fields(audience.filter),
        "size": {**dataclasses.asdict(size), "counted_at": at.isoformat() if at else None},
        "changed_at": audience.changed_at.isoformat(),
    }


def _table(found: Sequence[tuple[Audience, Size]]) -> Table:
    table = Table("audience", "channel", "who", "about", "export", title="Audiences", title_justify="left")
    for audience, size in found:
        about = f"~{size.people:,}" if size.people is not None else size.note or ""
        may = {True: "yes", False: "too few", None: ""}[size.may_be_exported]
        table.add_row(audience.name, audience.filter.channel, _said(audience.filter), about, may)
    table.caption = "Numbers of people carry noise; who is meant has consented and is reachable."
    return table


def _said(filter_: AudienceFilter) -> str:
    lists = (
        ("communities", filter_.communities),
        ("microgenres", filter_.microgenres),
        ("brands", filter_.brands),
        ("niches", [f"{one.brand} in {one.community}" for one in filter_.niches]),
    )
    spans = (
        ("price sensitivity", filter_.price_sensitivity),
        ("days since purchase", filter_.days_since_purchase),
        ("purchases", filter_.purchases),
    )
    lines = [f"{name}: {', '.join(values)}" for name, values in lists if values]
    lines += [f"{name}: {_ends(span)}" for name, span in spans if span]
    return "\n".join(lines) or "whoever may be contacted"


def _ends(span: Span) -> str:
    ends = (f"from {span.min:g}" if span.min is not None else "", f"to {span.max:g}" if span.max is not None else "")
    return " ".join(filter(None, ends))


def _sentence(receipt: Receipt, file: Path) -> str:
    what = "the whole list" if receipt.mode == "full" else "what changed since it last left"
    wait = " Some additions wait: so few would be found out." if receipt.additions_wait else ""
    other = " The new filter waits: it would single out too few of those on the list." if receipt.filter_waits else ""
    return (
        f"{file} holds {what} of {receipt.audience}: {receipt.added:,} to add, {receipt.removed:,} to remove, "
        f"{receipt.listed:,} on the list now.{wait}{other} The receiver must delete it by "
        f"{receipt.expires_at[:10]}, or take another export before."
    )
