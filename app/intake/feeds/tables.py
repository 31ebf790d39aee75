"""Tables of text: what parts their columns, and in which line of an editor a row begins."""

import csv
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import IO

from app.domain.errors import InvalidError
from app.intake.batches import Unreadable
from app.intake.feeds.source import open_text
from app.intake.files import LineReader, read_lines

SEPARATORS = {"\t": "tabs", ";": "semicolons", ",": "commas", "|": "bars"}

Numbered = tuple[int, list[str] | Unreadable]
"""A row and the line in which it begins, the header's being 1."""


@dataclass(frozen=True, slots=True)
class TextTable:
    """Rows that share their columns' names."""

    names: tuple[str, ...]
    """As the header has them, without blanks at their ends."""
    separator: str
    records: Iterator[Numbered]


@contextmanager
def open_text_table(path: Path, encoding: str, count_known: Callable[[Sequence[str]], int]) -> Generator[TextTable]:
    """Open a table whose columns are parted by what lets its header have the most known names."""
    with open_text(path, encoding) as text:
        first, before = _header_line(text)
        separator = _separator(first, count_known)
        reader = csv.reader(chain((first,), text), delimiter=separator)
        names = tuple(name.strip() for name in next(reader, ()))
        yield TextTable(names, separator, _numbered(path, reader, len(names), before))


def _header_line(text: IO[str]) -> tuple[str, int]:
    """The first line that is not blank, and how many were."""
    for before, line in enumerate(text):
        if line.strip():
            return line.lstrip("\ufeff"), before
    return "", 0


def _separator(header: str, count_known: Callable[[Sequence[str]], int]) -> str:
    """The header alone decides: texts below it hold any of these marks."""

    def known(separator: str) -> tuple[int, int]:
        names = next(csv.reader((header,), delimiter=separator), list[str]())
        return count_known(names), len(names)

    return max(SEPARATORS, key=known)


def _numbered(path: Path, reader: LineReader, width: int, before: int) -> Iterator[Numbered]:
    begun = before + 1
    try:
        for begun, record in read_lines(reader, width, before):
            yield begun, record
    except csv.Error as error:
        if "field larger" not in str(error):
            raise
        raise InvalidError(
            f"{path.name}: a quotation mark that is opened below line {begun} is never closed."
        ) from error
