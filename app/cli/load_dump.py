"""`plural load dump`: a shop that was dumped, into a shop that holds nothing."""

import json
from collections.abc import AsyncGenerator, Collection, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import typer

from app import __version__
from app.cli.backup import asking, patient, run_orderly, settings_of_answers, unpacked
from app.cli.progress import Bars
from app.cli.restore import erasing, other_settings
from app.domain.audit import Act
from app.domain.backup import Facts, differences
from app.domain.errors import ConflictError, InvalidError, SetupError
from app.domain.shop_dump import ShopManifest
from app.graph.audit import AuditTrail
from app.graph.database import Database
from app.graph.migrations import load_migrations
from app.graph.models import keep_file
from app.graph.portable import PortableWriter
from app.graph.rules import parse_rules
from app.graph.shop_dump import ShopGraph
from app.graph.status import WarmUpGraph
from app.graph.write_hold import WriteHold
from app.opening import open_database
from app.services.backup import erase_subject, fingerprint_answers
from app.services.backup_file import DUMP, NODES, RELATIONSHIPS, SUBJECTS
from app.services.erased_log import ERASED_FILE, read_erased
from app.services.hashing import tenant_hashers
from app.services.portable_rows import load
from app.services.shop_dump import Arriving, check_rows, find_erased
from app.settings import Settings


@dataclass(frozen=True, slots=True)
class Loading:
    """A dump that was unpacked, and where it goes."""

    tenant: str
    folder: Path
    manifest: ShopManifest
    erased: Path | None
    """``erased.log`` of where the dump was made, if it is another home."""
    nobody_erased: bool


def load_dump(
    file: Path, tenant: str, *, erased: Path | None, nobody_erased: bool, is_check: bool, as_json: bool
) -> None:
    """Load a dump into a shop that holds nothing; with ``is_check`` only say whether it could be."""
    settings = patient(Settings.load())
    with unpacked(settings, DUMP, file, erased) as (folder, manifest):
        _check_version(manifest)
        loading = Loading(tenant, folder, manifest, erased, nobody_erased)
        left_out = run_orderly(_run(settings, loading, is_check=is_check))
    told = {
        "tenant": tenant,
        "checked_only": is_check,
        "at": manifest.at.isoformat(timespec="seconds"),
        "nodes": manifest.rows[0],
        "relationships": manifest.rows[1],
        "answers": 0 if is_check or manifest.plural != __version__ else len(manifest.answers),
        "left_out": left_out,
    }
    typer.echo(json.dumps(told) if as_json else _sentence(told))


def _sentence(told: Mapping[str, Any]) -> str:
    size = f"{told['nodes']:,} nodes and {told['relationships']:,} relationships as of {told['at']}"
    if told["checked_only"]:
        return (
            f"Nothing was written. The dump is whole: {size} would be loaded into {told['tenant']}, without "
            f"{told['left_out']:,} identities that were erased since."
        )
    return (
        f"Loaded into {told['tenant']} and proved: {size}, and {told['answers']:,} answers are as they were. "
        f"{told['left_out']:,} identities that were erased since were in it, and are erased. "
        f"Make keys with `plural keys create --tenant {told['tenant']}`."
    )


def _check_version(manifest: ShopManifest) -> None:
    """One shop's graph cannot be migrated by itself."""
    ours = load_migrations()[-1].id
    if manifest.schema != ours:
        raise InvalidError(
            f"The dump is of a graph with schema {manifest.schema} (Plural {manifest.plural}), and this one has "
            f"{ours} ({__version__}): bring both to one version of Plural, and dump again."
        )


async def _run(settings: Settings, loading: Loading, *, is_check: bool) -> int:
    """Load, unless it is only to be checked; how many identities of the dump were erased since."""
    progress, hasher = Bars(), tenant_hashers(settings)
    await check_rows(loading.manifest, loading.folder / NODES, loading.folder / RELATIONSHIPS, progress)
    async with open_database(settings, progress) as db:
        shop = ShopGraph(db, AuditTrail(hasher), loading.tenant)
        await _refuse_unless_empty(shop, loading.tenant)
        erased = _whoever_was_erased(settings, loading, await shop.read_store())
        gone = find_erased(loading.folder / SUBJECTS, loading.manifest, hasher(loading.tenant), erased)
        left_out = sum(kind == "identity" for kind, _ in gone)
        if is_check:
            return left_out
        async with _held(db, shop, loading.tenant):
            await _fill(db, settings, shop, loading, progress)
            with progress.step("Proving"):
                await _prove(db, settings, shop, loading)
            eraser = erasing(db, settings)
            for one in gone:
                await erase_subject(eraser, hasher(loading.tenant), *one)
            await shop.note(Act("cli", "load_dump", (), {"left_out": left_out}))
        run = (await WarmUpGraph(db).active_runs()).get(loading.tenant)
        if run is not None:
            await keep_file(db, settings.models_folder, loading.tenant, run)
    return left_out


async def _refuse_unless_empty(shop: ShopGraph, tenant: str) -> None:
    """Refuse a shop that holds anything but keys, and what a load left half done."""
    found = {} if await shop.has_unfinished_load() else await shop.count_nodes()
    if found:
        told = ", ".join(f"{number:,} {label}" for label, number in found.items())
        raise ConflictError(f"The shop {tenant} holds something already ({told}): load into one that holds nothing.")


def _whoever_was_erased(settings: Settings, loading: Loading, store: str) -> Mapping[str, Collection[str]]:
    """Keyed hashes by shop; in the database that the dump is of, this home's log knows all of them."""
    is_here = loading.manifest.store == store
    if not is_here and loading.erased is None and not loading.nobody_erased:
        raise InvalidError(
            "The dump is of another database, and whoever was erased there since would come back: name its erased.log "
            "with --erased, or say --nobody-erased."
        )
    found: dict[str, set[str]] = {}
    for path in (settings.home.expanduser() / ERASED_FILE, loading.erased):
        for tenant, digests in (read_erased(path) if path else {}).items():
            found.setdefault(tenant, set()).update(digests)
    return found


@asynccontextmanager
async def _held(db: Database, shop: ShopGraph, tenant: str) -> AsyncGenerator[None]:
    """Nobody else writes to the shop inside the block; what fails leaves nothing, what is killed stays marked."""
    async with WriteHold(db, "load", tenant) as hold:
        await hold.settle()
        if not hold.is_after_broken_load and await shop.count_nodes():
            hold.undone()
            raise ConflictError(f"Somebody wrote to the shop {tenant} just now: load into one that holds nothing.")
        try:
            await shop.remove()
            yield
        except BaseException:
            await shop.remove()
            hold.undone()
            raise


async def _fill(db: Database, settings: Settings, shop: ShopGraph, loading: Loading, progress: Bars) -> None:
    manifest = loading.manifest
    await shop.put(manifest.shop)
    rules = parse_rules(manifest.shop.get("identity_rules"), settings.identity_rules)
    writer = PortableWriter(db, manifest.rows[0], loading.tenant)
    arriving = Arriving(writer, tenant_hashers(settings)(loading.tenant), rules)
    await load(arriving, loading.folder, manifest.rows, progress)


async def _prove(db: Database, settings: Settings, shop: ShopGraph, loading: Loading) -> None:
    """Compare counts, and answers where this Plural answers as the other did; ``SetupError`` for a difference."""
    manifest, tenant = loading.manifest, loading.tenant
    names = [f"{tenant}/{id_}" for id_ in manifest.answers] if manifest.plural == __version__ else []
    before = {f"{tenant}/{id_}": answer for id_, answer in manifest.answers.items()}
    answers = await fingerprint_answers(asking(db, settings), names, manifest.at)
    after = Facts(await shop.count_nodes(), await shop.count_relationships(), {}, answers)
    wrong = differences(Facts(manifest.nodes, manifest.relationships, {}, before), after)
    if wrong:
        raise SetupError(
            f"What was loaded is not what was dumped, and was removed again: {'; '.join(wrong)}."
            f"{other_settings(manifest.settings, settings_of_answers(settings))}"
        )
