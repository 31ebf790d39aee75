"""`plural restore`: a backup into an empty database, proved before anything is served."""

import json
import shutil
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from app import __version__
from app.cli.backup import File, patient, read_facts, run_orderly, settings_of_answers, unpacked
from app.cli.options import AsJson
from app.cli.progress import Bars
from app.domain.backup import Manifest, differences
from app.domain.errors import InvalidError, SetupError
from app.domain.progress import Progress
from app.graph.audit import AuditGraph, AuditTrail
from app.graph.backup import BackupGraph
from app.graph.database import Database
from app.graph.erasure import ErasureGraph
from app.graph.hash_keys import HashKeyGraph
from app.graph.migrations import load_migrations, migrate
from app.graph.portable import PortableWriter
from app.graph.status import check_server
from app.graph.write_hold import WriteHold, has_unfinished_restore, refuse_other_users
from app.opening import open_database
from app.services.audit import verify_audit
from app.services.audit_anchor import write_anchors
from app.services.backup import erase_again
from app.services.backup_file import ANCHOR, BACKUP, ERASED, KEYS, MODELS
from app.services.erase import Eraser
from app.services.erased_log import ErasedLog, read_erased
from app.services.hash_keys import confirm_hash_keys, require_keys
from app.services.hashing import find_hash_keys, hash_key_path, tenant_hashers
from app.services.portable_rows import load
from app.settings import Settings


def restore(
    file: File,
    keys: Annotated[Path | None, typer.Option(help="The hash keys, where they were kept apart.")] = None,
    erased: Annotated[
        Path | None, typer.Option(help="erased.log of the home that was lost; by default the one in PLURAL_HOME.")
    ] = None,
    nobody_erased: Annotated[
        bool, typer.Option("--nobody-erased", help="Nobody was erased since the backup: restore without an erased.log.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Restore a backup into an empty database, embedded or named by NEO4J_URI.

    Whoever was erased since is erased again. Nothing is served before all of it is done and proved; what was broken off
    begins anew. Exit code 1 when anything differs.
    """
    settings = patient(Settings.load())
    with unpacked(settings, BACKUP, file, keys, erased) as (folder, manifest):
        _check_schema(manifest)
        gone = _whoever_was_erased(settings.home.expanduser(), folder, erased, nobody_erased=nobody_erased)
        with _bring_keys(settings, manifest, keys or folder / KEYS):
            number = run_orderly(_restore(settings, folder, manifest, gone))
    told = {
        "at": manifest.at.isoformat(timespec="seconds"),
        "nodes": manifest.nodes,
        "relationships": manifest.relationships,
        "audit_logs": len(manifest.facts.audit),
        "answers": len(manifest.facts.answers) if _answers_alike(manifest) else 0,
        "erased_again": number,
    }
    typer.echo(json.dumps(told) if as_json else _sentence(manifest, number))


def _sentence(manifest: Manifest, number: int) -> str:
    facts = manifest.facts
    answers = (
        f"{len(facts.answers):,} answers"
        if _answers_alike(manifest)
        else f"(it is of Plural {manifest.plural}, whose answers may differ) no answers"
    )
    return (
        f"Restored as of {manifest.at:%Y-%m-%d %H:%M:%S} UTC and proved: counts, {len(facts.audit):,} audit logs and "
        f"{answers} are as they were. {number:,} of those who were erased since were in it, and are erased again."
    )


def _check_schema(manifest: Manifest) -> None:
    if manifest.schema not in {migration.id for migration in load_migrations()}:
        raise InvalidError(
            f"The backup is of a graph with schema {manifest.schema}, which this Plural ({__version__}) does not know: "
            f"update Plural to {manifest.plural} or newer."
        )


def _answers_alike(manifest: Manifest) -> bool:
    """Whether this Plural answers as the one did that made the backup."""
    return manifest.plural == __version__ and manifest.schema == load_migrations()[-1].id


def _whoever_was_erased(home: Path, folder: Path, given: Path | None, *, nobody_erased: bool) -> Mapping[str, set[str]]:
    """Keyed hashes of everybody who was erased, by tenant: before the backup and since."""
    if given is None and not (home / ERASED).exists() and not nobody_erased:
        raise InvalidError(
            "Whoever was erased since the backup would come back: name erased.log of the lost PLURAL_HOME with "
            "--erased, or say --nobody-erased."
        )
    found: dict[str, set[str]] = {}
    for path in (folder / ERASED, home / ERASED, *([given] if given else [])):
        for tenant, digests in read_erased(path).items():
            found.setdefault(tenant, set()).update(digests)
    return found


@contextmanager
def _bring_keys(settings: Settings, manifest: Manifest, file: Path) -> Generator[None]:
    """Put the keys into ``home`` unless there are some; those that are there must be the backup's.

    Where the block fails they go again: the next try may be with another backup.
    """
    path = hash_key_path(settings)
    is_ours = find_hash_keys(settings) is None and file.exists()
    try:
        if is_ours:
            path.touch(mode=0o600)
            shutil.copyfile(file, path)
        require_keys(settings, manifest.keys)
        yield
    except BaseException:
        if is_ours:
            path.unlink(missing_ok=True)
        raise


async def _restore(settings: Settings, folder: Path, manifest: Manifest, erased: Mapping[str, set[str]]) -> int:
    """Fill the database, prove it, then erase again; how many of the erased were there."""
    progress, home = Bars(), settings.home.expanduser()
    async with open_database(settings, progress, share=False, prepare=False, patient=False, restoring=True) as db:
        with db.patience(settings.start_timeout_seconds):
            await check_server(db)
            await _refuse_unless_empty(db)
        async with WriteHold(db, "restore"):
            await _fill(db, folder, manifest, progress)
            if (folder / MODELS).exists():
                shutil.copytree(folder / MODELS, home / MODELS, dirs_exist_ok=True)
            await confirm_hash_keys(HashKeyGraph(db), settings)
            with progress.step("Proving"):
                await _prove(db, settings, manifest)
            number = await _erase_again(db, settings, erased)
            _put_anchors(home, manifest)
    return number


async def _refuse_unless_empty(db: Database) -> None:
    """Refuse a database that holds anything but what a restore left half done, or that is being served."""
    if await BackupGraph(db).holds_data() and not await has_unfinished_restore(db):
        raise InvalidError(
            "There is data in this database already: restore into an empty one (another PLURAL_HOME, or another "
            "NEO4J_URI)."
        )
    await refuse_other_users(db)


async def _fill(db: Database, folder: Path, manifest: Manifest, progress: Progress) -> None:
    """Make the graph as it was, with the schema of that time first and what has been added since at the end."""
    await BackupGraph(db).remove_all()
    await migrate(db, [one for one in load_migrations() if one.id <= manifest.schema])
    expected = manifest.nodes, manifest.relationships
    await load(PortableWriter(db, manifest.nodes), folder, expected, progress)
    await migrate(db)


async def _prove(db: Database, settings: Settings, manifest: Manifest) -> None:
    whose: Mapping[str, str] = manifest.facts.answers if _answers_alike(manifest) else {}
    after = await read_facts(db, settings, manifest.at, whose)
    wrong = differences(manifest.facts, after) if manifest.schema == load_migrations()[-1].id else []
    hasher = tenant_hashers(settings)
    for tenant, head in manifest.facts.audit.items():
        verdict = await verify_audit(AuditGraph(db), hasher(tenant), head)
        if verdict.broken is not None:
            wrong.append(f"the audit log of {tenant} at entry {verdict.broken.sequence}: {verdict.broken.why}")
    if wrong:
        raise SetupError(
            f"What was restored is not what was backed up, and is not served: {'; '.join(wrong)}."
            f"{other_settings(manifest.settings, settings_of_answers(settings))}"
        )


def other_settings(before: Mapping[str, Any], now: Mapping[str, Any]) -> str:
    """Name the settings that make other answers here than there; nothing where there are none."""
    names = sorted(name for name, value in before.items() if now.get(name) != value)
    if not names:
        return ""
    told = ", ".join(f"PLURAL_{name.upper()} was {json.dumps(before[name])}" for name in names)
    return f" Other settings make other answers: there {told}; set them so and run this again."


async def _erase_again(db: Database, settings: Settings, erased: Mapping[str, set[str]]) -> int:
    outside = ErasedLog(settings.home.expanduser())
    outside.note({(tenant, "restored"): digests for tenant, digests in erased.items()})
    return await erase_again(BackupGraph(db), erasing(db, settings), tenant_hashers(settings), erased)


def erasing(db: Database, settings: Settings) -> Eraser:
    """Whatever erases from a graph that is not served yet."""
    hasher = tenant_hashers(settings)
    outside = ErasedLog(settings.home.expanduser())
    return Eraser(ErasureGraph(db, AuditTrail(hasher), hasher, settings.evidence_rules), outside)


def _put_anchors(home: Path, manifest: Manifest) -> None:
    """Note the ends of the logs as they are now known; those of what was lost, which they have not reached, apart."""
    if (home / ANCHOR).exists():
        (home / ANCHOR).replace(home / f"{ANCHOR}.before-restore")
    write_anchors(home, manifest.facts.audit)
