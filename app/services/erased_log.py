"""Who was erased is noted outside the database as well, as keyed hashes: no backup brings anybody back."""

import json
import os
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Protocol

from app.domain.errors import NoRoomError, SetupError

ERASED_FILE = "erased.log"


class GraveStore(Protocol):
    """Where the tombstones are."""

    async def list_graves(self) -> dict[tuple[str, str], list[str]]:
        """Keyed hashes of everybody who was erased, by tenant and erasure."""
        ...


def read_erased(path: Path) -> dict[str, set[str]]:
    """Return the keyed hashes of everybody who is noted as erased, by tenant; ``{}`` where there is no such file.

    A last line that was broken off is left out: its erasure was not acknowledged.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise SetupError(f"{path} cannot be read ({error.strerror}).") from error
    found: dict[str, set[str]] = {}
    for line in text.splitlines(keepends=True):
        if line.endswith("\n"):
            tenant, digests = _parse(line, path)
            found.setdefault(tenant, set()).update(digests)
    found.pop("", None)
    return found


class ErasedLog:
    """The file ``erased.log`` of ``home``: lines are only ever added, and are on disk when ``note`` returns."""

    def __init__(self, home: Path) -> None:
        self.path = home / ERASED_FILE

    def note(self, graves: Mapping[tuple[str, str], Collection[str]]) -> None:
        """Add erasures: keyed hashes by tenant and erasure. ``NoRoomError`` or ``SetupError`` when that cannot be."""
        lines = [
            json.dumps({"tenant": tenant, "erasure": erasure, "erased": sorted(digests)}) + "\n"
            for (tenant, erasure), digests in graves.items()
        ]
        if not lines:
            return
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with os.fdopen(os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600), "r+b") as file:
                torn = b"" if _ends_whole(file.fileno()) else b"\n"
                os.write(file.fileno(), torn + "".join(lines).encode())
                os.fsync(file.fileno())
        except OSError as error:
            raise _not_noted(self.path, error) from error


async def note_erased(store: GraveStore, log: ErasedLog) -> None:
    """Note what the graph knows and the log does not: erasures from before there was one, or from before a kill."""
    known = read_erased(log.path)
    graves = await store.list_graves()
    log.note({key: digests for key, digests in graves.items() if not known.get(key[0], set()).issuperset(digests)})


def _ends_whole(descriptor: int) -> bool:
    size = os.fstat(descriptor).st_size
    return size == 0 or os.pread(descriptor, 1, size - 1) == b"\n"


def _parse(line: str, path: Path) -> tuple[str, list[str]]:
    """Read a line; one that was broken off, and then written on after a line end, says nothing."""
    try:
        row = json.loads(line)
        return row["tenant"], row["erased"]
    except ValueError:
        return "", []
    except (KeyError, TypeError) as error:
        raise SetupError(f"{path} is no log of erasures.") from error


def _not_noted(path: Path, error: OSError) -> Exception:
    """Say that an erasure could not be noted; it is under way all the same, and is acknowledged when it was noted."""
    return NoRoomError(
        f"The erasure is under way, and could not be noted in {path.name} of PLURAL_HOME ({error.strerror}): "
        "make room there, or make it writable, and ask again."
    )
