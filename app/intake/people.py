"""Files of records of people, for linkage: only the named columns are read, as text, and kept in memory alone."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import cast

import pyarrow as pa

from app.domain.errors import InvalidError
from app.intake.batches import Unreadable
from app.intake.files import is_table, open_table, read_rows
from app.linkage.columns import Column

_SAMPLE_ROWS = 1_000
_ROWS_A_CHUNK = 50_000


def read_headers(path: Path) -> tuple[str, ...]:
    """Read what a file's columns are called; of JSON Lines, what its first rows have. ``InvalidError`` as for loads."""
    if is_table(path):
        with open_table(path) as table:
            return table.names
    return tuple(dict.fromkeys(name for row in islice(_named_rows(path), _SAMPLE_ROWS) for name in row))


def read_people(paths: Sequence[Path], columns: Sequence[Column]) -> pa.Table:
    """Read records into one text column a name, one file after the other; what is not given is null.

    ``InvalidError`` names a row that cannot be read.
    """
    parts: list[pa.Table] = []
    for path in paths:
        rows = _named_rows(path)
        while chunk := list(islice(rows, _ROWS_A_CHUNK)):
            texts = {column.name: [_text(row.get(column.header)) for row in chunk] for column in columns}
            parts.append(pa.table({name: pa.array(values, pa.string()) for name, values in texts.items()}))
    return (
        pa.concat_tables(parts) if parts else pa.table({column.name: pa.array([], pa.string()) for column in columns})
    )


def _named_rows(path: Path) -> Iterator[Mapping[str, object]]:
    for place, row in enumerate(read_rows(path), start=1):
        if isinstance(row, Unreadable) or not isinstance(row, dict):
            raise InvalidError(f"Row {place} of {path.name} cannot be read.")
        yield cast("Mapping[str, object]", row)


def _text(value: object) -> str | None:
    return None if value is None else str(value).strip() or None
