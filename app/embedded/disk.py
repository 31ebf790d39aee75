"""Says in one sentence what is wrong with a folder."""

import errno
import shutil
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import NamedTemporaryFile

from app.domain.errors import DatabaseBrokenError, NoRoomError, UnavailableError
from app.embedded.errors import DiskFullError, FolderError

FULL_BYTES = 32_000_000
"""Twice what Neo4j wants for its next transaction log; with less it stops its store."""
NO_ROOM = (errno.ENOSPC, errno.EDQUOT)


def make_folder(folder: Path, purpose: str, setting: str) -> None:
    """Make ``folder`` and try to write to it; ``FolderError`` tells which setting names another."""
    with explained(folder):
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with NamedTemporaryFile(dir=folder):  # a name of its own: another process may be trying too
                pass
        except OSError as error:
            if error.errno in NO_ROOM:
                raise
            raise FolderError(
                f"The folder for {purpose}, {folder}, cannot be written ({error.strerror}): "
                f"make it writable or name another with {setting}."
            ) from error


def check_room(folder: Path, needed_bytes: int, setting: str) -> None:
    """Raise ``DiskFullError`` unless the disk of ``folder`` has room for ``needed_bytes``."""
    free = shutil.disk_usage(folder).free
    if free < needed_bytes:
        raise DiskFullError(
            f"The disk of {folder} has {free / 1e6:,.0f} MB left and {needed_bytes / 1e6:,.0f} MB are needed: "
            f"free some room or name a folder on another disk with {setting}."
        )


class Room:
    """The free room on a folder's disk, looked at each time: one call of the operating system."""

    def __init__(self, folder: Path, least_bytes: int) -> None:
        self._folder = folder
        self._least_bytes = least_bytes

    def name(self, error: UnavailableError) -> UnavailableError:
        """Return what is wrong: of a store that broke while its disk is full it is the disk."""
        with suppress(OSError):
            if isinstance(error, DatabaseBrokenError) and shutil.disk_usage(self._folder).free < FULL_BYTES:
                return NoRoomError("The database's disk is full: free some room there; it goes on by itself.")
        return error

    def check_room(self) -> None:
        """Raise ``NoRoomError`` while less than the least is left; nothing is done about it but to wait."""
        try:
            free = shutil.disk_usage(self._folder).free
        except OSError as error:  # taken away, as a disk that was not mounted again
            raise NoRoomError(f"The database's folder cannot be looked at ({error.strerror}): put it back.") from error
        if free < self._least_bytes:
            raise NoRoomError(
                f"Nothing is written while the database's disk has less than {self._least_bytes / 1e6:,.0f} MB of room "
                f"({free / 1e6:,.0f} MB now): free some there; writing goes on by itself."
            )


@contextmanager
def explained(folder: Path) -> Generator[None]:
    """Turn the operating system's refusals inside the block into ``FolderError`` or ``DiskFullError``."""
    try:
        yield
    except OSError as error:
        if error.errno in NO_ROOM:
            raise DiskFullError(f"The disk of {folder} is full: free some room and start again.") from error
        raise FolderError(f"{error.filename or folder} cannot be used: {error.strerror}.") from error
