"""`plural link`: which identities of a file's records are probably one person, or live together, is proposed."""

import asyncio
import csv
import json
import os
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import pyarrow as pa
import typer
from rich.table import Table

from app.cli.options import AsJson, Tenant
from app.cli.progress import Bars
from app.cli.terminal import plain_console
from app.domain import clock
from app.domain.errors import InvalidError
from app.domain.identity_rules import IdentityRules
from app.domain.keys import check_tenant
from app.graph.audit import AuditTrail
from app.graph.belonging import BelongingGraph
from app.graph.proposals import ProposalGraph
from app.graph.rules import RulesGraph
from app.intake.people import read_headers, read_people
from app.linkage.columns import Column, guess_columns, parse_columns
from app.opening import open_database
from app.services.hashing import tenant_hashers
from app.services.link_proposals import ProposalBook
from app.services.rules import RuleBook
from app.settings import Settings

if TYPE_CHECKING:
    from app.services.link_people import Found, Linkable  # bring Splink, which no other command waits for

SHOWN = 20
"""Proposals that the table shows."""
AT_ONCE = 1_000
"""Proposals of one commit."""


def link(
    files: Annotated[
        list[Path], typer.Argument(help="Records of people: .csv, .jsonl or .parquet, all with one header.")
    ],
    columns: Annotated[
        str | None,
        typer.Option(help="identity_id=HEADER,given=HEADER,surname=HEADER,…; guessed from the headers where not said."),
    ] = None,
    households: Annotated[
        bool,
        typer.Option("--households", help="Who lives together, by address and surname, instead of who is one person."),
    ] = False,
    least: Annotated[
        float, typer.Option("--least", min=0.5, max=1.0, help="Least probability of what is proposed.")
    ] = 0.5,
    check: Annotated[bool, typer.Option("--check", help="Only say what would be proposed; write nothing.")] = False,
    pairs: Annotated[
        Path | None, typer.Option("--pairs", help="Write the values side by side to this new CSV file, for you alone.")
    ] = None,
    memory_mb: Annotated[
        int, typer.Option("--memory-mb", min=200, help="Most memory for comparing; more than that is an error.")
    ] = 3_000,
    tenant: Tenant = "demo",
    as_json: AsJson = False,
) -> None:
    """Compare records in memory and propose links between their identities; nothing of what is compared is kept.

    Only identities that consent to `link_identities` are compared. GET /v1/link-proposals lists what waits.
    """
    check_tenant(tenant)
    headers = tuple(dict.fromkeys(header for path in files for header in read_headers(path)))
    chosen = guess_columns(headers) if columns is None else parse_columns(columns, headers)
    if not any(column.kind == "identity_id" for column in chosen):
        raise InvalidError(
            f"Which column holds the identities' ids? --columns identity_id=HEADER,…: {', '.join(headers)}."
        )
    if pairs is not None and pairs.exists():
        raise InvalidError(f"{pairs} is there already; --pairs writes a new file.")
    report = asyncio.run(_link(Settings.load(), tenant, files, chosen, households, least, memory_mb, check, pairs))
    report["columns"] = {column.name: column.header for column in chosen}
    report["not_compared"] = [header for header in headers if header not in report["columns"].values()]
    report["columns_guessed"] = columns is None
    if as_json:
        typer.echo(json.dumps(report))
    else:
        _show(report)


async def _link(
    settings: Settings,
    tenant: str,
    files: Sequence[Path],
    columns: Sequence[Column],
    households: bool,
    least: float,
    memory_mb: int,
    check: bool,
    out: Path | None,
) -> dict[str, Any]:
    from app.services.link_people import find_households, find_persons, read_linkable

    progress, hasher = Bars(), tenant_hashers(settings)
    table = read_people(files, columns)
    async with open_database(settings, progress) as db:
        book = RuleBook(RulesGraph(db, hasher, settings.identity_rules), settings.rules_cache_seconds)
        rules: IdentityRules = await book.read(tenant)
        linkable = await read_linkable(BelongingGraph(db), tenant, table, columns)
        with progress.step(f"Comparing {len(linkable.ids):,} records", 100, "%") as step:
            find = find_households if households else find_persons
            found = find(linkable, columns, rules, least, memory_mb, lambda share: step.advance(round(100 * share)))
        if out is not None:
            _write_pairs(out, linkable, found, columns)
        if check:
            return _report(linkable, found)
        proposals = ProposalBook(ProposalGraph(db, AuditTrail(hasher), hasher), book)
        return _report(linkable, found) | await _propose(proposals, tenant, found)


async def _propose(book: ProposalBook, tenant: str, found: "Found") -> dict[str, Any]:
    rows = found.proposals(clock.now())
    waiting = decided = 0
    for start in range(0, len(rows), AT_ONCE):
        kept = await book.propose(tenant, rows[start : start + AT_ONCE], "cli")
        waiting, decided = waiting + kept[0], decided + kept[1]
    return {"open": waiting, "decided_before": decided}


def _report(linkable: "Linkable", found: "Found") -> dict[str, Any]:
    return {
        "kind": found.kind,
        "compared": len(linkable.ids),
        "without_id": linkable.without_id,
        "unknown_identity": linkable.unknown,
        "without_consent": linkable.refused,
        "found": [
            {
                "identities": sorted((one.one, one.other)),
                "probability": round(one.probability, 6),
                "fields": [asdict(field) for field in found.agreements(one)],
            }
            for one in found.likely
        ],
    }


def _write_pairs(out: Path, linkable: "Linkable", found: "Found", columns: Sequence[Column]) -> None:
    """Write both records of each link side by side; the file is its owner's alone, and new."""
    shown = [column for column in columns if column.kind != "identity_id"]
    with os.fdopen(
        os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", newline="", encoding="utf-8"
    ) as file:
        writer = csv.writer(file)
        writer.writerow(
            ["probability", "identity_id_1", "identity_id_2"]
            + [name for column in shown for name in (f"{column.header}_1", f"{column.header}_2")]
        )
        for one in found.likely:
            left, right = (_record(linkable.table, side[one.row]) for side in (found.pairs.left, found.pairs.right))
            values = [row[column.name] for column in shown for row in (left, right)]
            writer.writerow([f"{one.probability:.6f}", one.one, one.other, *values])


def _record(table: pa.Table, place: Any) -> dict[str, Any]:
    return table.slice(int(place), 1).to_pylist()[0]


def _show(report: dict[str, Any]) -> None:
    how = "guessed from the headers" if report["columns_guessed"] else "as you said"
    typer.echo(f"Columns, {how}: {', '.join(f'{header} is {name}' for name, header in report['columns'].items())}.")
    if report["not_compared"]:
        typer.echo(f"Not compared: {', '.join(report['not_compared'])}.")
    typer.echo(
        f"{report['compared']:,} records compared; left out: {report['without_consent']:,} without consent to be"
        f" linked, {report['unknown_identity']:,} of unknown identities, {report['without_id']:,} without an id."
    )
    table = Table("identities", "probability", "how they agree", title=f"{len(report['found']):,} likely links")
    for one in report["found"][:SHOWN]:
        agreeing = ", ".join(f"{field['field']} {field['level']} ({field['weight']:+.1f})" for field in one["fields"])
        table.add_row(" and ".join(one["identities"]), f"{one['probability']:.4f}", agreeing)
    plain_console().print(table)
    if "open" in report:
        typer.echo(
            f"{report['open']:,} wait for a decision (GET /v1/link-proposals); {report['decided_before']:,} had one."
        )
    else:
        typer.echo("Nothing was written.")
