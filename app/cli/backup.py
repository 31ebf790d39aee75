"""`plural backup` and `plural restore`: the embedded database as one file, and back into an empty home."""

import asyncio
import shutil
import tempfile
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from app import __version__
from app.cli.progress import Bars
from app.domain.backup import Facts, Manifest, differences
from app.domain.errors import InvalidError, SetupError
from app.domain.hashing import fingerprint
from app.domain.recommendation import Recommendation, RecommendationRequest
from app.embedded.config import has_database
from app.embedded.dump import StoppedServer
from app.graph.audit import AuditGraph, AuditTrail
from app.graph.backup import BackupGraph
from app.graph.database import Database
from app.graph.erasure import ErasureGraph
from app.graph.migrations import load_migrations
from app.graph.ranking import GraphStores
from app.main import embedded_home, embedded_options, open_database, restore_mark
from app.services.audit import verify_audit
from app.services.audit_anchor import write_anchors
from app.services.backup import erase_again, gather_facts
from app.services.backup_file import ANCHOR, DUMP, ERASED, KEYS, MODELS, pack, unpack
from app.services.erase import Eraser
from app.services.erased_log import ErasedLog, read_erased
from app.services.hash_keys import require_keys
from app.services.hashing import find_hash_keys, hash_key_path, tenant_hashers, write_keys
from app.services.recommend import NoLog, Recommender
from app.settings import Settings

_PATIENCE_SECONDS = 60.0

File = Annotated[Path, typer.Argument(metavar="FILE", help="The backup.")]


def backup(
    file: File,
    keys: Annotated[
        Path | None, typer.Option(help="Write the hash keys to this file, to be kept apart, and not into the backup.")
    ] = None,
) -> None:
    """Back up the embedded database to one file, while nobody serves it; the file is readable by its owner only."""
    for one in (file, keys):
        if one is not None and one.exists():
            raise InvalidError(f"{one} exists already: name another file.")
    settings = _of_embedded()
    manifest = asyncio.run(_describe(settings))
    with tempfile.TemporaryDirectory(dir=file.absolute().parent, prefix=f".{file.name}-") as name:
        folder = Path(name)
        _stopped(settings).dump(folder / DUMP)
        pack(file, manifest, {DUMP: folder / DUMP, **_beside(settings, folder, keys)})
    facts = manifest.facts
    typer.echo(
        f"{file} holds {sum(facts.nodes.values()):,} nodes, {sum(facts.relationships.values()):,} relationships, "
        f"{len(facts.audit):,} audit logs and {len(facts.answers):,} answers to compare with; "
        f"{'the hash keys are in ' + str(keys) if keys else 'the hash keys are in it'}."
    )


def restore(
    file: File,
    keys: Annotated[Path | None, typer.Option(help="The hash keys, where they were kept apart.")] = None,
    erased: Annotated[
        Path | None, typer.Option(help="erased.log of the home that was lost; by default the one in PLURAL_HOME.")
    ] = None,
    nobody_erased: Annotated[
        bool, typer.Option("--nobody-erased", help="Nobody was erased since the backup: restore without an erased.log.")
    ] = False,
) -> None:
    """Restore a backup into a home without a database, prove it, and erase again whoever was erased since.

    Nothing is served before all of it is done; what was broken off begins anew. Exit code 1 when anything differs.
    """
    settings = _of_embedded()
    home, mark = settings.home.expanduser(), restore_mark(settings)
    if has_database(embedded_home(settings)) and not mark.exists():
        raise InvalidError(f"There is a database in {embedded_home(settings)}: restore into an empty PLURAL_HOME.")
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=home, prefix="restore-") as name:
        folder = Path(name)
        manifest = unpack(file, folder)
        gone = _whoever_was_erased(home, folder, erased, nobody_erased=nobody_erased)
        _bring_keys(settings, manifest, keys or folder / KEYS)
        _begin(settings, mark)
        _stopped(settings).load(folder / DUMP)
        _bring_files(home, folder, manifest)
        number = asyncio.run(_prove_and_erase(settings, manifest, gone))
    mark.unlink()
    typer.echo(
        f"Restored as of {manifest.at:%Y-%m-%d %H:%M:%S} UTC and proved: counts, {len(manifest.facts.audit):,} audit "
        f"logs and {len(manifest.facts.answers):,} answers are as they were. {number:,} of those who were erased since "
        "were in it, and are erased again."
    )


def _of_embedded() -> Settings:
    settings = Settings.load()
    if settings.neo4j_uri is not None:
        raise SetupError(
            "NEO4J_URI names a server, which has means of its own for backups (neo4j-admin database dump): this "
            "command is for the embedded one. Keep hash.key, erased.log and audit.anchor of PLURAL_HOME with them."
        )
    return settings.model_copy(update={"query_timeout_seconds": max(_PATIENCE_SECONDS, settings.query_timeout_seconds)})


def _stopped(settings: Settings) -> StoppedServer:
    options = embedded_options(settings)
    return StoppedServer(
        embedded_home(settings),
        cache=options["cache"],
        maven_url=options["maven_url"],
        java_home=options["java_home"],
        page_cache_mb=options["page_cache_mb"],
        progress=Bars(),
    )


async def _describe(settings: Settings) -> Manifest:
    at = datetime.now(UTC)
    async with open_database(settings, Bars(), share=False) as db:
        facts = await _facts(db, settings, at)
    keys = find_hash_keys(settings) or {}
    prints = {version: fingerprint(key) for version, key in keys.items()}
    return Manifest(at, __version__, _stopped(settings).neo4j_version, load_migrations()[-1].id, prints, facts)


async def _facts(db: Database, settings: Settings, at: datetime, before: Facts | None = None) -> Facts:
    certain = settings.model_copy(update={"exploration": 0.0})
    recommender = Recommender(GraphStores(db, certain), certain, NoLog())

    async def ask(tenant: str, request: RecommendationRequest, moment: datetime) -> Recommendation:
        return await recommender.answer(tenant, request, moment)

    return await gather_facts(BackupGraph(db), ask, at, before.answers if before else None)


def _beside(settings: Settings, folder: Path, keys: Path | None) -> dict[str, Path]:
    """What goes into the backup beside the dump; the keys apart, when that is wanted."""
    home = settings.home.expanduser()
    members = {name: home / name for name in (ERASED, ANCHOR) if (home / name).exists()}
    members |= {
        path.relative_to(home).as_posix(): path for path in sorted((home / MODELS).rglob("*")) if path.is_file()
    }
    write_keys(keys or folder / KEYS, find_hash_keys(settings) or {})
    return members if keys else {**members, KEYS: folder / KEYS}


def _whoever_was_erased(home: Path, folder: Path, given: Path | None, *, nobody_erased: bool) -> Mapping[str, set[str]]:
    """Keyed hashes of everybody who was erased, by tenant: before the backup and since."""
    if given is not None and not given.exists():
        raise InvalidError(f"There is no file {given}.")
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


def _bring_keys(settings: Settings, manifest: Manifest, file: Path) -> None:
    """Put the keys into ``home`` unless there are some; those that are there must be the backup's."""
    if find_hash_keys(settings) is None and file.exists():
        shutil.copyfile(file, hash_key_path(settings))
        hash_key_path(settings).chmod(0o600)
    require_keys(settings, manifest.keys)


def _begin(settings: Settings, mark: Path) -> None:
    """Say that the home is not to be served; what an earlier restore left half done is removed."""
    if mark.exists():
        shutil.rmtree(embedded_home(settings), ignore_errors=True)
    mark.touch()


def _bring_files(home: Path, folder: Path, manifest: Manifest) -> None:
    if (folder / MODELS).exists():
        shutil.copytree(folder / MODELS, home / MODELS, dirs_exist_ok=True)
    if (home / ANCHOR).exists():  # of what was lost: ends that the restored logs have not reached
        (home / ANCHOR).replace(home / f"{ANCHOR}.before-restore")
    write_anchors(home, manifest.facts.audit)


async def _prove_and_erase(settings: Settings, manifest: Manifest, erased: Mapping[str, set[str]]) -> int:
    """Prove that all is as it was, then erase again; how many of the erased were there."""
    hasher = tenant_hashers(settings)
    async with open_database(settings, Bars(), share=False, restoring=True) as db:
        await _prove(db, settings, manifest)
        rules = settings.evidence_rules
        outside = ErasedLog(settings.home.expanduser())
        outside.note({(tenant, "restored"): digests for tenant, digests in erased.items()})
        eraser = Eraser(ErasureGraph(db, AuditTrail(hasher), hasher, rules), outside)
        return await erase_again(BackupGraph(db), eraser, hasher, erased)


async def _prove(db: Database, settings: Settings, manifest: Manifest) -> None:
    after = await _facts(db, settings, manifest.at, manifest.facts)
    wrong = differences(manifest.facts, after) if manifest.schema == load_migrations()[-1].id else []
    hasher = tenant_hashers(settings)
    for tenant, head in manifest.facts.audit.items():
        verdict = await verify_audit(AuditGraph(db), hasher(tenant), head)
        if verdict.broken is not None:
            wrong.append(f"the audit log of {tenant} at entry {verdict.broken.sequence}: {verdict.broken.why}")
    if wrong:
        raise SetupError(f"What was restored is not what was backed up, and is not served: {'; '.join(wrong)}.")
