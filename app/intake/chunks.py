"""A file, chunk by chunk: read, parsed, and with errors that name the file's own lines and columns."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Generic, TypeVar, cast

from app.intake.batches import Parsed
from app.intake.files import is_table, open_table, read_numbered_rows
from app.intake.lines import Located, fold_lines, holds_lines, place_of

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Chunk(Generic[Value]):
    """Some consecutive rows of a file."""

    parsed: Parsed[Value]
    """Positions are lines of the file, from 1, as an editor counts; in Parquet rows, from 1."""
    rows: int
    """Rows of the file that it covers."""


def read_chunks(
    rows: Iterable[Located], parse: Callable[[Sequence[object]], Parsed[Value]], max_lines: int
) -> Iterator[Chunk[Value]]:
    """Parse ``rows`` in chunks of about ``max_lines`` lines; memory holds one chunk, however long the file."""
    for located in _grouped(rows, max_lines):
        parsed = parse([row for _, row in located]).relocated(partial(place_of, located))
        yield Chunk(parsed, sum(len(numbers) for numbers, _ in located))


def locate_rows(path: Path) -> Iterator[Located]:
    """Yield a file's rows with their lines."""
    return (((line,), row) for line, row in read_numbered_rows(path))


def locate_events(path: Path) -> Iterator[Located]:
    """Yield a file's events with the lines of their rows; a table of lines is folded into events."""
    if is_table(path):
        with open_table(path) as table:
            if holds_lines(table.names):
                yield from fold_lines(table)
                return
    yield from locate_rows(path)


def _grouped(rows: Iterable[Located], max_lines: int) -> Iterator[list[Located]]:
    group: list[Located] = []
    lines = 0
    for located in rows:
        group.append(located)
        lines += _count_lines(located)
        if lines >= max_lines:
            yield group
            group, lines = [], 0
    if group:
        yield group


def _count_lines(located: Located) -> int:
    numbers, row = located
    lines: Any = cast("dict[str, Any]", row).get("lines") if isinstance(row, dict) else None
    return max(len(numbers), len(cast("list[Any]", lines)) if isinstance(lines, list) else 1)
