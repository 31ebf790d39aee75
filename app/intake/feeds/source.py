"""Opens a feed: unpacked, and in the encoding that it turns out to be in."""

import bz2
import codecs
import gzip
import io
from collections.abc import Generator, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, cast

from charset_normalizer import from_bytes

from app.domain.errors import InvalidError
from app.intake.feeds.notes import FeedNotes, FeedOptions

HEAD_BYTES = 65_536

_BLOCK_BYTES = 1 << 16
_SAMPLE_BYTES = 262_144
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_LATIN = "cp1252"
"""What the web takes Latin-1 for: the same letters, and the euro sign."""


@contextmanager
def open_unpacked(path: Path) -> Generator[IO[bytes]]:
    """Open a file as it was before it was packed by gzip or bzip2, whatever its name is."""
    with ExitStack() as stack:
        raw = stack.enter_context(path.open("rb"))
        magic = raw.peek(4)[:4]
        if magic.startswith(b"PK\x03\x04"):
            raise InvalidError(f"{path.name} is a zip archive: unpack it first.")
        if magic.startswith(b"\x1f\x8b"):
            yield cast("IO[bytes]", stack.enter_context(gzip.GzipFile(fileobj=raw)))
        elif magic.startswith(b"BZh"):
            yield cast("IO[bytes]", stack.enter_context(bz2.BZ2File(raw)))
        else:
            yield raw


def read_head(path: Path) -> bytes:
    """Return how the unpacked file begins."""
    with open_unpacked(path) as content:
        return content.read(HEAD_BYTES)


@contextmanager
def open_text(path: Path, encoding: str) -> Generator[IO[str]]:
    """Open the unpacked file as text; its line ends stay as they are."""
    # What is no letter is kept as a lone surrogate, which the validation of its row then refuses.
    errors = "strict" if encoding.startswith("utf-16") else "surrogateescape"
    with open_unpacked(path) as content, io.TextIOWrapper(content, encoding, errors=errors, newline="") as text:
        yield text


def find_encoding(path: Path, options: FeedOptions, notes: FeedNotes) -> str:
    """Return the name of the encoding that the whole file can be read in; ``InvalidError`` when it is none."""
    if options.encoding is not None:
        return _known(options.encoding)
    with open_unpacked(path) as content:
        head = content.read(4)
    marked = next((encoding for mark, encoding in _MARKS if head.startswith(mark)), None)
    if marked is not None:
        return marked
    odd = _odd_lines(path)
    if not odd:
        return "utf-8"
    return _guessed(path, odd, notes)


def _known(encoding: str) -> str:
    try:
        return codecs.lookup(encoding).name
    except LookupError as error:
        raise InvalidError(f"{encoding!r} is no encoding that Python knows: try utf-8, cp1252 or utf-16.") from error


def _odd_lines(path: Path) -> bytes:
    """The file's first lines, and those with other letters than ASCII, up to a bound; nothing if it is UTF-8."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for block in _blocks(path):
            if b"\0" in block:
                break
            decoder.decode(block)
        else:
            decoder.decode(b"", final=True)
            return b""
    except UnicodeDecodeError:
        pass
    return _sample(path)


def _sample(path: Path) -> bytes:
    sample = bytearray()
    with open_unpacked(path) as content:
        sample += content.read(1_024)
        if b"\0" in sample:
            return bytes(sample) + content.read(HEAD_BYTES)
        for line in iter(lambda: content.readline(_SAMPLE_BYTES), b""):
            if not line.isascii():
                sample += line
            if len(sample) >= _SAMPLE_BYTES:
                break
    return bytes(sample)


def _guessed(path: Path, sample: bytes, notes: FeedNotes) -> str:
    best = from_bytes(sample, cp_isolation=["utf_16_le", "utf_16_be"] if b"\0" in sample else [_LATIN]).best()
    if best is None:
        other = from_bytes(sample).best()
        likely = f" It may be {other.encoding}." if other else ""
        raise InvalidError(
            f"{path.name} is neither in UTF-8 nor in UTF-16 nor in Latin-1: name its encoding (--encoding).{likely}"
        )
    if best.encoding == _LATIN:
        notes.others.append(
            "it is not in UTF-8 and was read as Latin-1 (Windows-1252): if letters look wrong, name its encoding "
            "(--encoding)."
        )
    return best.encoding.replace("_", "-")


def _blocks(path: Path) -> Iterator[bytes]:
    with open_unpacked(path) as content:
        yield from iter(lambda: content.read(_BLOCK_BYTES), b"")
