"""A file, chunk by chunk: read, parsed, and with errors that name the file's own lines and columns."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Generic, TypeVar, cast

from app.intake.batches import Parsed
from app.intake.exports.event_types import EventTypes
from app.intake.exports.gorse import (
    FORM,
    dumped_events,
    dumped_identities,
    feedback_event,
    is_dump,
    is_feedback,
    is_user,
)
from app.intake.exports.rows import user_row
from app.intake.exports.tables import (
    exported_events,
    exported_identities,
    is_event_export,
    is_user_export,
    name_of,
)
from app.intake.feeds.notes import FeedNotes
from app.intake.files import is_table, open_table, read_numbered_rows, rows_of_table
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


async def prefetched(chunks: Iterator[Chunk[Value]]) -> AsyncGenerator[Chunk[Value]]:
    """Yield the chunks, each parsed in a thread while the one before is worked on; memory holds two."""
    coming = asyncio.ensure_future(asyncio.to_thread(next, chunks, None))
    try:
        while (chunk := await coming) is not None:
            coming = asyncio.ensure_future(asyncio.to_thread(next, chunks, None))
            yield chunk
    finally:
        # A generator cannot be closed while a thread is inside it.
        with suppress(Exception):
            await coming


def locate_rows(path: Path) -> Iterator[Located]:
    """Yield a file's rows with their lines."""
    return (((line,), row) for line, row in read_numbered_rows(path))


def locate_events(path: Path, types: EventTypes | None = None, notes: FeedNotes | None = None) -> Iterator[Located]:
    """Yield a file's events with the lines of their rows, also out of an export of gorse, Recombee or Personalize.

    A table of lines is folded into events. ``types`` says what rows of an export are, ``notes`` gets what it is.
    """
    types, notes = types or EventTypes(), notes or FeedNotes()
    if is_dump(path):
        notes.form = FORM
        yield from dumped_events(path, types)
    elif is_table(path):
        with open_table(path) as table:
            if is_event_export(table.names):
                notes.form = f"interactions of {name_of(table.names)}"
                yield from exported_events(path, table.names, table.records, types, notes)
            elif holds_lines(table.names):
                yield from fold_lines(table)
            else:
                yield from (((line,), row) for line, row in rows_of_table(table))
    else:
        for numbers, row in locate_rows(path):
            event = feedback_event(row, types) if is_feedback(row) else row
            if event is not None:
                yield numbers, event


def locate_identities(path: Path, notes: FeedNotes) -> Iterator[Located]:
    """Yield a file's identities with their lines, also out of an export of gorse, Recombee or Personalize."""
    if is_dump(path):
        notes.form = FORM
        yield from dumped_identities(path)
    elif is_table(path):
        with open_table(path) as table:
            if is_user_export(table.names):
                notes.form = f"users of {name_of(table.names)}"
                yield from exported_identities(table.names, table.records, notes)
            else:
                yield from (((line,), row) for line, row in rows_of_table(table))
    else:
        yield from ((numbers, user_row(row["UserId"]) if is_user(row) else row) for numbers, row in locate_rows(path))


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
