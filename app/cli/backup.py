"""`plural backup`: the database as one file, while it is served."""

import asyncio
import json
import shutil
import signal
import time
from collections.abc import Coroutine, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer

from app import __version__
from app.cli.options import AsJson
from app.cli.progress import Bars
from app.domain import clock
from app.domain.backup import Facts, Manifest
from app.domain.errors import InvalidError
from app.domain.hashing import fingerprint
from app.domain.progress import Progress
from app.domain.recommendation import Recommendation, RecommendationRequest
from app.graph.backup import BackupGraph
from app.graph.database import Database
from app.graph.migrations import load_migrations
from app.graph.portable import PortableReader
from app.graph.ranking import GraphStores
from app.graph.status import read_counts, read_server_version
from app.graph.write_hold import WriteHold
from app.opening import open_database
from app.services.backup import Ask, gather_facts
from app.services.backup_file import (
    ANCHOR,
    ERASED,
    KEYS,
    MODELS,
    NODES,
    RELATIONSHIPS,
    Form,
    M,
    pack,
    scratch_folder,
    unpack,
)
from app.services.hashing import find_hash_keys, write_keys
from app.services.portable_rows import dump
from app.services.recommend import NoLog, Recommender
from app.settings import Settings

_PATIENCE_SECONDS = 60.0
Result = TypeVar("Result")

File = Annotated[Path, typer.Argument(metavar="FILE", help="The backup.")]


@dataclass(frozen=True, slots=True)
class Made:
    """What is told of a backup."""

    manifest: Manifest
    held_seconds: float
    """How long nobody could write."""


def backup(
    file: File,
    keys: Annotated[
        Path | None, typer.Option(help="Write the hash keys to this file, to be kept apart, and not into the backup.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Back up the whole database, embedded or named by NEO4J_URI, to one file that only its owner may read.

    It may be served meanwhile: reading goes on, and whoever writes is told to come again (503 with Retry-After).
    """
    if keys is not None and keys.absolute() == file.absolute():
        raise InvalidError("The hash keys cannot be kept apart in the backup itself: name another file with --keys.")
    for one in (file, keys):
        if one is not None and one.exists():
            raise InvalidError(f"{one} exists already: name another file.")
        if one is not None and not one.absolute().parent.is_dir():
            raise InvalidError(f"There is no folder {one.absolute().parent}: make it first, or name another place.")
    began = time.monotonic()
    made = run_orderly(_backup(patient(Settings.load()), file, keys))
    told = _told(made, file, keys, round(time.monotonic() - began, 1))
    typer.echo(json.dumps(told) if as_json else _sentence(told))


@contextmanager
def unpacked(settings: Settings, form: Form[M], file: Path, *beside: Path | None) -> Generator[tuple[Path, M]]:
    """A folder of the home with what a file holds, for as long as the block lasts, and its manifest.

    ``InvalidError`` where it, or a file that is named ``beside`` it, is not there.
    """
    for one in (file, *beside):
        if one is not None and not one.is_file():
            raise InvalidError(f"There is no file {one}.")
    home = settings.home.expanduser()
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    with scratch_folder(home) as folder:
        yield folder, unpack(form, file, folder)


def run_orderly(work: Coroutine[Any, Any, Result]) -> Result:
    """Run to the end; a stop order of the system breaks it off as Ctrl-C does, so that nothing is left lying about."""
    signal.signal(signal.SIGTERM, _interrupt)
    return asyncio.run(work)


def _interrupt(*_: object) -> None:
    signal.raise_signal(signal.SIGINT)


def patient(settings: Settings) -> Settings:
    """Wait longer for a statement than a request would."""
    return settings.model_copy(update={"query_timeout_seconds": max(_PATIENCE_SECONDS, settings.query_timeout_seconds)})


def asking(db: Database, settings: Settings) -> Ask:
    """Answer as of a moment, without chance and without a trace."""
    certain = settings.model_copy(update={"exploration": 0.0})
    recommender = Recommender(GraphStores(db, certain), certain, NoLog())

    async def ask(tenant: str, request: RecommendationRequest, moment: datetime) -> Recommendation:
        return await recommender.answer(tenant, request, moment)

    return ask


async def read_facts(db: Database, settings: Settings, at: datetime, whose: Mapping[str, str] | None = None) -> Facts:
    """What must be equal after a restore, with answers as of ``at``: of ``whose``, or of some drawn by lot."""
    return await gather_facts(BackupGraph(db), asking(db, settings), at, whose)


def settings_of_answers(settings: Settings) -> dict[str, Any]:
    """Return the settings that answers depend on, by name, as JSON has them."""
    names = {name for name, field in Settings.model_fields.items() if "Results" in (field.description or "")}
    return settings.model_dump(mode="json", include=names - {"home"})


async def _backup(settings: Settings, file: Path, keys: Path | None) -> Made:
    progress = Bars()
    with scratch_folder(file.absolute().parent) as folder:
        async with open_database(settings, progress) as db, WriteHold(db, "backup") as hold:
            began = time.monotonic()
            with progress.step("Waiting for those who write"):
                await hold.settle()
            hash_keys = find_hash_keys(settings) or {}
            manifest = await _read(db, settings, hash_keys, folder, progress)
            members = _beside(settings, folder)
            await hold.prove()
            held = time.monotonic() - began
        write_keys(keys or folder / KEYS, hash_keys)
        with progress.step("Packing"), _removed_on_failure(keys):
            pack(file, manifest, members if keys else {**members, KEYS: folder / KEYS})
    return Made(manifest, round(held, 1))


async def _read(
    db: Database, settings: Settings, hash_keys: Mapping[int, bytes], folder: Path, progress: Progress
) -> Manifest:
    at = clock.now()
    with progress.step("Answers to compare with"):
        facts = await read_facts(db, settings, at)
    counts = await read_counts(db)
    expected = sum(counts.nodes.values()), sum(counts.relationships.values())
    nodes, relationships = await dump(PortableReader(db), folder, expected, progress)
    return Manifest(
        at=at,
        plural=__version__,
        neo4j=await read_server_version(db),
        schema=load_migrations()[-1].id,
        nodes=nodes,
        relationships=relationships,
        keys={version: fingerprint(key) for version, key in hash_keys.items()},
        facts=facts,
        settings=settings_of_answers(settings),
    )


def _beside(settings: Settings, folder: Path) -> dict[str, Path]:
    """What goes into the backup, by its name there; of files that others write to a copy as of now."""
    home = settings.home.expanduser()
    names = [name for name in (ERASED, ANCHOR) if (home / name).exists()]
    names += [path.relative_to(home).as_posix() for path in sorted((home / MODELS).rglob("*")) if path.is_file()]
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(home / name, folder / name)
    return {name: folder / name for name in (NODES, RELATIONSHIPS, *names)}


@contextmanager
def _removed_on_failure(keys: Path | None) -> Generator[None]:
    """Leave no keys behind of a backup that was not made."""
    try:
        yield
    except BaseException:
        if keys is not None:
            keys.unlink(missing_ok=True)
        raise


def _told(made: Made, file: Path, keys: Path | None, seconds: float) -> dict[str, Any]:
    manifest = made.manifest
    return {
        "file": str(file),
        "bytes": file.stat().st_size,
        "at": manifest.at.isoformat(timespec="seconds"),
        "nodes": manifest.nodes,
        "relationships": manifest.relationships,
        "audit_logs": len(manifest.facts.audit),
        "answers": len(manifest.facts.answers),
        "keys": str(keys) if keys else None,
        "held_seconds": made.held_seconds,
        "seconds": seconds,
    }


def _sentence(told: Mapping[str, Any]) -> str:
    return (
        f"{told['file']} holds {told['nodes']:,} nodes, {told['relationships']:,} relationships, "
        f"{told['audit_logs']:,} audit logs and {told['answers']:,} answers to compare with; the hash keys are in "
        f"{told['keys'] or 'it'}. "
        f"Writes waited for {told['held_seconds']:g} s."
    )
