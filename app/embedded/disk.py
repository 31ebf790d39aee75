"""Says in one sentence what is wrong with a folder."""

import errno
import shutil
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile

from app.embedded.errors import DiskFullError, FolderError

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


@contextmanager
def explained(folder: Path) -> Generator[None]:
    """Turn the operating system's refusals inside the block into ``FolderError`` or ``DiskFullError``."""
    try:
        yield
    except OSError as error:
        if error.errno in NO_ROOM:
            raise DiskFullError(f"The disk of {folder} is full: free some room and start again.") from error
        raise FolderError(f"{error.filename or folder} cannot be used: {error.strerror}.") from error
