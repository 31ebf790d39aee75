"""A backup or dump as one file: a tar archive whose first member says what is in it, with a checksum for each."""

import hashlib
import os
import tarfile
import tempfile
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path
from typing import Any, Generic, Literal, TypeVar

from app.domain.backup import Manifest
from app.domain.errors import InvalidError, SetupError
from app.domain.shop_dump import ShopManifest

MANIFEST = "manifest.json"
NODES = "nodes.jsonl.gz"
RELATIONSHIPS = "relationships.jsonl.gz"
KEYS = "hash.key"
ERASED = "erased.log"
ANCHOR = "audit.anchor"
MODELS = "models"
"""Folder of the artefacts that runs keep beside the graph; whatever is in it is taken along."""
SUBJECTS = "subjects.jsonl.gz"
_KNOWN = frozenset({MANIFEST, NODES, RELATIONSHIPS, KEYS, ERASED, ANCHOR, SUBJECTS})

M = TypeVar("M", Manifest, ShopManifest)


@dataclass(frozen=True, slots=True)
class Form(Generic[M]):
    """A kind of file."""

    name: Literal["backup", "dump"]
    read: Callable[[str], M]
    """Reads the text of its manifest; ``InvalidError`` for another's."""


BACKUP = Form("backup", Manifest.from_json)
DUMP = Form("dump", ShopManifest.from_json)


@contextmanager
def scratch_folder(folder: Path) -> Generator[Path]:
    """Yield a folder of one's own inside of ``folder``, as long as the block lasts; only its owner may look into it.

    ``InvalidError`` where there is no such folder; what cannot be read or written becomes
    ``SetupError``.
    """
    if not folder.is_dir():
        raise InvalidError(f"There is no folder {folder}: make it first, or name another place.")
    try:
        with tempfile.TemporaryDirectory(dir=folder, prefix=".plural-") as name:
            yield Path(name)
    except OSError as error:
        where = error.filename or folder
        raise SetupError(f"{where} cannot be read or written ({error.strerror or error}).") from error


def pack(file: Path, manifest: Manifest | ShopManifest, members: Mapping[str, Path]) -> None:
    """Write a file that only its owner may read, whole or not at all; ``SetupError`` when that cannot be."""
    files: dict[str, Any] = {"files": {name: _sha256(path) for name, path in members.items()}}
    manifest = replace(manifest, **files)
    draft = file.with_name(f"{file.name}.new")
    try:
        draft.unlink(missing_ok=True)
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as output:
            with tarfile.open(fileobj=output, mode="w") as archive:
                text = manifest.to_json().encode()
                archive.addfile(_entry(MANIFEST, len(text)), BytesIO(text))
                for name, path in members.items():
                    with path.open("rb") as content:
                        archive.addfile(_entry(name, path.stat().st_size), content)
            output.flush()
            os.fsync(output.fileno())
        os.link(draft, file)  # never over another one
    except OSError as error:
        raise SetupError(f"{file} cannot be written ({error.strerror}).") from error
    finally:
        draft.unlink(missing_ok=True)


def unpack(form: Form[M], file: Path, folder: Path) -> M:
    """Unpack a backup or dump into a folder and prove each file by its checksum.

    ``InvalidError`` for a file that is not of this form, or is not whole, or holds what no file of ours holds.
    """
    try:
        with tarfile.open(file, mode="r:") as archive:
            for member in archive:
                _check_name(form.name, member)
                content = archive.extractfile(member)
                path = folder / member.name
                path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as output:
                    while content and (chunk := content.read(1 << 20)):
                        output.write(chunk)
    except tarfile.TarError as error:
        raise InvalidError(f"{file} is no {form.name} of Plural, or not whole.") from error
    except OSError as error:
        raise SetupError(f"{error.filename or file} cannot be read or written ({error.strerror}).") from error
    return _proved(form, file, folder)


def _proved(form: Form[M], file: Path, folder: Path) -> M:
    found = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}
    if MANIFEST not in found:
        raise InvalidError(f"{file} is no {form.name} of Plural.")
    manifest = form.read(found.pop(MANIFEST).read_text(encoding="utf-8", errors="replace"))
    for name in sorted({*found, *manifest.files}):
        if name not in found or name not in manifest.files or _sha256(found[name]) != manifest.files[name]:
            raise InvalidError(f"{file} is not whole: {name} is not as it was written.")
    return manifest


def _check_name(form: str, member: tarfile.TarInfo) -> None:
    parts = member.name.split("/")
    safe = member.name in _KNOWN or (parts[0] == MODELS and len(parts) > 1)
    if not (member.isreg() and safe and not {"", ".", ".."} & set(parts)):
        raise InvalidError(f"The {form} holds {member.name!r}, which no {form} of Plural holds.")


def _entry(name: str, size: int) -> tarfile.TarInfo:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = size, 0o600
    return entry


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
