"""Files of rows, read in constant memory: JSON Lines, CSV and Parquet; the first two also with ``.gz``."""

import csv
import gzip
import io
import re
import zlib
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Protocol, cast

import pyarrow as pa
import pyarrow.parquet as pq
from pydantic_core import from_json

from app.domain.errors import InvalidError
from app.intake.batches import Unreadable

ENDINGS = ".jsonl, .csv or .parquet (.jsonl.gz and .csv.gz too)"

_BOM = b"\xef\xbb\xbf"
_BATCH_ROWS = 8_192
_SAMPLE_BYTES = 1 << 20
_WHOLE_FLOAT = re.compile(r"-?[0-9]+\.0+")

Record = Sequence[object]
"""The fields of one row, in the order of the table's names; ``None`` or empty text where nothing is given."""

Numbered = tuple[int, Record | Unreadable]
"""A row and the line in which it begins, from 1, as an editor counts; in Parquet its number, from 1."""


class LineReader(Protocol):
    """What ``csv.reader`` returns."""

    @property
    def line_num(self) -> int:
        """Lines read so far."""
        ...

    def __iter__(self) -> Iterator[list[str]]:
        """The rows."""
        ...

    def __next__(self) -> list[str]:
        """The next row."""
        ...


@dataclass(frozen=True, slots=True)
class Table:
    """Rows that share their fields' names."""

    names: tuple[str, ...]
    records: Iterator[Numbered]


def read_rows(path: Path) -> Iterator[object]:
    """Yield one dict a row; a row that cannot be read comes as ``Unreadable``, the next ones follow.

    Fields without a value are left out of the rows of CSV and Parquet. ``InvalidError`` when the file is missing, has
    another ending, or breaks off.
    """
    return (row for _, row in read_numbered_rows(path))


def read_numbered_rows(path: Path) -> Iterator[tuple[int, object]]:
    """Yield what ``read_rows`` does, each with its line (``Numbered``)."""
    if _ending(path) == ".jsonl":
        yield from _read_json_lines(path)
        return
    with open_table(path) as table:
        yield from rows_of_table(table)


def rows_of_table(table: Table) -> Iterator[tuple[int, object]]:
    """Yield a table's rows by their fields' names, each with its line."""
    for line, record in table.records:
        if isinstance(record, Unreadable):
            yield line, record
        else:
            fields = zip(table.names, record, strict=True)
            yield line, {name: value for name, value in fields if value not in ("", None)}


@contextmanager
def open_table(path: Path) -> Generator[Table]:
    """Open a CSV or Parquet file; ``InvalidError`` as in ``read_rows``."""
    with ExitStack() as stack:
        with explained(path):
            names, records = open_parquet(path, stack) if _ending(path) == ".parquet" else _open_csv(path, stack)
        yield Table(names, _explained_rows(path, records))


def is_table(path: Path) -> bool:
    """Whether the file's rows share their fields' names (CSV, Parquet)."""
    return _ending(path) != ".jsonl"


def count_hint(path: Path) -> int | None:
    """About how many rows a file has: exact for Parquet, else from its first MiB; ``None`` for an empty one."""
    with explained(path):
        if _ending(path) == ".parquet":
            metadata: Any = cast("Any", pq).read_metadata(path)
            return int(metadata.num_rows)
        with path.open("rb") as raw, _unpacked(path, raw) as content:
            sample = content.read(_SAMPLE_BYTES)
            read = raw.tell()
    rows = sample.count(b"\n")
    return max(rows, round(rows * path.stat().st_size / read)) if rows else None


def _ending(path: Path) -> str:
    """``.jsonl``, ``.csv`` or ``.parquet``."""
    name = path.name.lower()
    bare = name.removesuffix(".gz")
    for ending in (".jsonl", ".csv"):
        if bare.endswith(ending):
            return ending
    if name.endswith(".parquet"):
        return ".parquet"
    raise InvalidError(f"{path.name} cannot be read by its name: it must end in {ENDINGS}.")


def _read_json_lines(path: Path) -> Iterator[tuple[int, object]]:
    with explained(path), path.open("rb") as raw, _unpacked(path, raw) as lines:
        for number, line in enumerate(_explained_rows(path, lines), start=1):
            if line.strip():
                yield number, _json_or_reason(line.removeprefix(_BOM), number)


def _json_or_reason(line: bytes, number: int) -> object:
    try:
        # NaN is let through, so that the validation of its row can name its field.
        return from_json(line)
    except ValueError:
        return Unreadable(f"line {number} is not JSON")


def float_id_columns(path: Path) -> tuple[str, ...]:
    """Names of a CSV's columns of ids that all end in ``.0``: whole numbers that a program made floats (pandas' gaps).

    They are read as whole. ``()`` for other files, which say themselves what a number is; ``InvalidError`` as in
    ``read_rows``.
    """
    if _ending(path) != ".csv":
        return ()
    with ExitStack() as stack, explained(path):
        reader = _open_csv_reader(path, stack)
        names = tuple(name.strip() for name in next(reader, ()))
        return tuple(names[place] for place in find_float_ids(reader, names))


def find_float_ids(records: Iterable[list[str]], names: Sequence[str]) -> list[int]:
    """Places of the columns of ids that all end in ``.0``, in their order."""
    places = {place for place, name in enumerate(names) if name in ("id", "from", "to") or name.lower().endswith("_id")}
    seen: set[int] = set()
    for record in records:
        for place in list(places):
            value = record[place] if place < len(record) else ""
            if value and not _WHOLE_FLOAT.fullmatch(value):
                places.discard(place)
            elif value:
                seen.add(place)
        if not places:
            break
    return sorted(places & seen)


def _open_csv(path: Path, stack: ExitStack) -> tuple[tuple[str, ...], Iterator[Numbered]]:
    floats = float_id_columns(path)
    reader = _open_csv_reader(path, stack)
    names = tuple(name.strip() for name in next(reader, ()))
    records = read_lines(reader, len(names))
    places = [names.index(name) for name in floats]
    return names, _without_points(records, places) if places else records


def _open_csv_reader(path: Path, stack: ExitStack) -> LineReader:
    raw = gzip.open(path) if _is_packed(path) else path.open("rb")  # noqa: SIM115 (the stack closes it)
    # What is not UTF-8 is kept as lone surrogates, which the validation of its row then refuses.
    text = io.TextIOWrapper(cast("IO[bytes]", raw), encoding="utf-8-sig", errors="surrogateescape", newline="")
    return csv.reader(stack.enter_context(text))


def _without_points(records: Iterator[Numbered], places: Sequence[int]) -> Iterator[Numbered]:
    for line, record in records:
        if isinstance(record, Unreadable):
            yield line, record
        else:
            yield line, [str(one).partition(".")[0] if place in places else one for place, one in enumerate(record)]


def read_lines(reader: LineReader, width: int, before: int = 0) -> Iterator[tuple[int, list[str] | Unreadable]]:
    """Yield a table's rows of so many columns, each with its line; ``before`` is how many are not the reader's."""
    begun = before + 1 + reader.line_num
    for record in reader:
        if len(record) == width:
            yield begun, record
        elif record:
            yield begun, Unreadable(f"has {len(record)} columns where the header has {width}")
        begun = before + 1 + reader.line_num


def open_parquet(path: Path, stack: ExitStack) -> tuple[tuple[str, ...], Iterator[Numbered]]:
    """Return names and records, whatever the file's name is; the stack closes it."""
    # pyarrow's types are known in part only; from here on they are nobody's.
    parquet: Any = stack.enter_context(pq.ParquetFile(path, buffer_size=_SAMPLE_BYTES, pre_buffer=False))
    return tuple(parquet.schema_arrow.names), enumerate(_read_parquet(parquet), start=1)


def _read_parquet(parquet: Any) -> Iterator[Record]:
    for batch in parquet.iter_batches(_BATCH_ROWS):
        yield from zip(*(_values(column) for column in batch.columns), strict=True)


def _values(column: Any) -> list[Any]:
    """The column's values as Python's own."""
    if pa.types.is_timestamp(column.type) and column.type.unit == "ns":
        # Finer times than microseconds would come as pandas' own type where pandas is installed.
        column = column.cast(pa.timestamp("us", column.type.tz), safe=False)
    return column.to_pylist()


def _is_packed(path: Path) -> bool:
    return path.name.lower().endswith(".gz")


@contextmanager
def _unpacked(path: Path, raw: IO[bytes]) -> Generator[IO[bytes]]:
    if _is_packed(path):
        with gzip.GzipFile(fileobj=raw) as content:
            yield cast("IO[bytes]", content)
    else:
        yield raw


@contextmanager
def explained(path: Path) -> Generator[None]:
    """Turn what can be wrong with a file into one sentence."""
    try:
        yield
    except FileNotFoundError as error:
        raise InvalidError(f"{path} is not there.") from error
    except (EOFError, zlib.error, gzip.BadGzipFile, pa.ArrowException, csv.Error, UnicodeError) as error:
        raise InvalidError(f"{path.name} is damaged or not what its ending says: {error}") from error
    except OSError as error:
        raise InvalidError(f"{path.name} cannot be read: {error.strerror or error}.") from error


def _explained_rows(path: Path, rows: Iterable[Any]) -> Iterator[Any]:
    with explained(path):
        yield from rows
