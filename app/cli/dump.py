"""`plural dump`: one shop as one file, while all are served."""

import json
import secrets
import time
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from app import __version__
from app.cli.backup import asking, patient, run_orderly, settings_of_answers
from app.cli.options import AsJson
from app.cli.progress import Bars
from app.domain import clock
from app.domain.audit import Act
from app.domain.errors import InvalidError, NotFoundError
from app.domain.keys import check_tenant
from app.domain.models import GivenIdentifier
from app.domain.shop_dump import IDENTIFIER, ShopManifest
from app.graph.audit import AuditTrail
from app.graph.database import Database
from app.graph.migrations import load_migrations
from app.graph.portable import PortableReader
from app.graph.rules import read_rules
from app.graph.shop_dump import ShopGraph
from app.graph.write_hold import WriteHold
from app.intake.chunks import locate_rows, read_chunks
from app.intake.identifiers import parse_identifiers
from app.opening import open_database
from app.services.backup import ANSWERS, fingerprint_answers
from app.services.backup_file import NODES, RELATIONSHIPS, SUBJECTS, pack, scratch_folder
from app.services.hashing import tenant_hashers
from app.services.portable_rows import PortableRow, dump
from app.services.rotate_keys import VALUES_A_COMMIT
from app.services.shop_dump import Leaving, values_by_digest
from app.settings import Settings


@dataclass(frozen=True, slots=True)
class Dumped:
    """What is told of a dump."""

    manifest: ShopManifest
    held_seconds: float
    """How long nobody could write to the shop."""


def dump_shop(
    tenant: Annotated[str, typer.Argument(help="The shop.")],
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The dump; only its owner may read it.")],
    values: Annotated[
        Path | None,
        typer.Option(help="Identifiers that leave too: a file of `type,value` that ends in .csv or .jsonl."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Write one shop into one file that `plural load dump` reads: products, people, events, consents, the run.

    All shops may be served meanwhile: reading goes on, and whoever writes to this one is told to come again. Of
    identifiers only those leave whose values are given; API keys, the audit log and receipts stay. Exit code 2 when
    rows of --values were refused.
    """
    check_tenant(tenant)
    if file.exists():
        raise InvalidError(f"{file} exists already: name another file.")
    began = time.monotonic()
    given, refused = _read_values(values)
    made = run_orderly(_dump(patient(Settings.load()), tenant, file, given))
    told = {
        "tenant": tenant,
        "file": str(file),
        "bytes": file.stat().st_size,
        "at": made.manifest.at.isoformat(timespec="seconds"),
        "nodes": made.manifest.rows[0],
        "relationships": made.manifest.rows[1],
        "answers": len(made.manifest.answers),
        "identifiers": made.manifest.nodes.get(IDENTIFIER, 0),
        "refused": refused,
        "held_seconds": made.held_seconds,
        "seconds": round(time.monotonic() - began, 1),
    }
    typer.echo(json.dumps(told) if as_json else _sentence(told))
    if refused:
        raise typer.Exit(2)


def _sentence(told: Mapping[str, Any]) -> str:
    refused = f" {told['refused']:,} rows of --values were refused." if told["refused"] else ""
    return (
        f"{told['file']} holds {told['nodes']:,} nodes and {told['relationships']:,} relationships of "
        f"{told['tenant']}, {told['identifiers']:,} identifiers among them, and {told['answers']:,} answers to compare "
        f"with. Writes to this shop waited for {told['held_seconds']:g} s.{refused}"
    )


def _read_values(path: Path | None) -> tuple[list[GivenIdentifier], int]:
    """What a shop hands in, and how many rows were refused."""
    given: list[GivenIdentifier] = []
    refused = 0
    for chunk in read_chunks(locate_rows(path), parse_identifiers, VALUES_A_COMMIT) if path else ():
        given += chunk.parsed.values
        refused += len({error.index for error in chunk.parsed.errors})
    return given, refused


async def _dump(settings: Settings, tenant: str, file: Path, given: list[GivenIdentifier]) -> Dumped:
    progress, hasher = Bars(), tenant_hashers(settings)
    with scratch_folder(file.absolute().parent) as folder:
        async with open_database(settings, progress) as db:
            shop = ShopGraph(db, AuditTrail(hasher), tenant)
            if not await shop.count_nodes():
                raise NotFoundError(f"There is nothing in the shop {tenant}.")
            async with WriteHold(db, "backup", tenant) as hold:
                began = time.monotonic()
                with progress.step("Waiting for those who write"):
                    await hold.settle()
                rules = await read_rules(db, tenant, settings.identity_rules)
                values, salt = values_by_digest(hasher(tenant), rules, given), secrets.token_hex(16)
                with closing(Leaving(hasher(tenant), salt, values, folder / SUBJECTS)) as leaving:
                    manifest = await _read(db, settings, shop, leaving, (tenant, salt), folder, progress)
                await shop.note(Act("cli", "dump", (), {"identifiers": leaving.labels[IDENTIFIER]}))
                await hold.prove()
                held = round(time.monotonic() - began, 1)
        with progress.step("Packing"):
            pack(file, manifest, {name: folder / name for name in (NODES, RELATIONSHIPS, SUBJECTS)})
    return Dumped(manifest, held)


async def _read(
    db: Database,
    settings: Settings,
    shop: ShopGraph,
    leaving: Leaving,
    named: tuple[str, str],
    folder: Path,
    progress: Bars,
) -> ShopManifest:
    at, (tenant, salt) = clock.now(), named
    with progress.step("Answers to compare with"):
        names = [f"{tenant}/{id_}" for id_ in await shop.sample(ANSWERS)]
        answers = await fingerprint_answers(asking(db, settings), names, at)
    reader = _Counting(PortableReader(db, tenant, leaving.take))
    expected = sum((await shop.count_nodes()).values()), sum((await shop.count_relationships()).values())
    await dump(reader, folder, expected, progress)
    return ShopManifest(
        at=at,
        tenant=tenant,
        plural=__version__,
        schema=load_migrations()[-1].id,
        store=await shop.read_store(),
        salt=salt,
        nodes=dict(leaving.labels),
        relationships=reader.types,
        answers={name.removeprefix(f"{tenant}/"): answer for name, answer in answers.items()},
        shop=leaving.shop,
        settings=settings_of_answers(settings),
    )


class _Counting:
    """A reader that counts relationships by type; implements ``Source``."""

    def __init__(self, reader: PortableReader) -> None:
        self.types: dict[str, int] = {}
        self._reader = reader

    def nodes(self) -> AsyncGenerator[list[PortableRow]]:
        """Yield the nodes as they are read."""
        return self._reader.nodes()

    async def relationships(self) -> AsyncGenerator[list[PortableRow]]:
        """Yield the relationships as they are read."""
        async with aclosing(self._reader.relationships()) as pages:
            async for page in pages:
                for row in page:
                    self.types[row[0]] = self.types.get(row[0], 0) + 1
                yield page
