"""What is piped in, as a file of rows: a table is looked at twice, and Parquet from its end."""

import shutil
import tempfile
import zlib
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from app.domain.errors import InvalidError, SetupError

STDIN = Path("-")
"""How a command line names what is piped in."""

_HEAD_BYTES = 4_096
_GZIP = b"\x1f\x8b"
_BOM = b"\xef\xbb\xbf"


@contextmanager
def piped(stream: IO[bytes], folder: Path) -> Generator[Path]:
    """Yield a file of ``folder`` that holds all of ``stream``, as long as the block lasts; only its owner may read it.

    What it is, JSON Lines, CSV or Parquet, packed or not, is seen by how it begins. ``InvalidError``
    when nothing comes.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder, prefix=".piped-") as name:
            yield _kept(stream, Path(name))
    except OSError as error:
        raise SetupError(f"What is piped in cannot be kept in {folder} ({error.strerror or error}).") from error


def _kept(stream: IO[bytes], folder: Path) -> Path:
    """Write all of it to a file whose ending says what it is."""
    head = stream.read(_HEAD_BYTES)
    if not head.strip():
        raise InvalidError("Nothing was piped in: what should have written it has probably failed.")
    path = folder / f"stdin{_ending(head)}"
    with path.open("xb") as file:
        file.write(head)
        shutil.copyfileobj(stream, file)
    return path


def _ending(head: bytes) -> str:
    if head.startswith(_GZIP):
        return f"{_ending(_unpacked(head))}.gz"
    if head.startswith(b"PAR1"):
        return ".parquet"
    return ".jsonl" if head.removeprefix(_BOM).lstrip()[:1] in (b"{", b"[") else ".csv"


def _unpacked(head: bytes) -> bytes:
    try:
        return zlib.decompressobj(wbits=31).decompress(head, _HEAD_BYTES)
    except zlib.error as error:
        raise InvalidError(f"What was piped in begins like gzip and is not: {error}.") from error
