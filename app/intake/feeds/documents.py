"""JSON: a row a line, or one document with a list of rows."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import cast

from pydantic_core import from_json

from app.domain.errors import InvalidError
from app.intake.batches import Unreadable
from app.intake.exports.gorse import is_item, item_product
from app.intake.feeds.json_ld import is_json_ld, products_of
from app.intake.feeds.notes import FeedNotes
from app.intake.feeds.source import open_text
from app.intake.lines import Located

LARGEST_DOCUMENT = 64 << 20
"""Characters of one JSON document, which is decoded as a whole; of JSON Lines there may be any number."""

_BETWEEN = re.compile(r"[ \t\r\n,]*")


def json_rows(path: Path, encoding: str, notes: FeedNotes) -> Iterator[Located]:
    """Yield the rows of our own shape or of JSON-LD; ``InvalidError`` for a document that is no JSON or too large."""
    rows = _of_lines(path, encoding) if _is_a_row_a_line(path, encoding) else _of_document(path, encoding)
    for line, value in rows:
        if is_json_ld(value):
            products = list(products_of(value, notes)) or [Unreadable("holds no schema.org Product")]
            yield from (((line,), product) for product in products)
        elif is_item(value):
            yield (line,), item_product(value, notes)
        else:
            yield (line,), value


def _is_a_row_a_line(path: Path, encoding: str) -> bool:
    """Whether the first line that is not blank is a whole JSON object, or no other line follows that begins one."""
    with open_text(path, encoding) as text:
        lines = (line for line in text if line.strip())
        first = next(lines, "").lstrip("\ufeff").strip()
        try:
            return isinstance(from_json(first), dict)
        except ValueError:
            return first.startswith("{") and len(first) > 1 and next(lines, "").lstrip().startswith("{")


def _of_lines(path: Path, encoding: str) -> Iterator[tuple[int, object]]:
    with open_text(path, encoding) as text:
        for number, line in enumerate(text, start=1):
            if line.strip():
                yield number, _json_or_reason(line.lstrip("\ufeff"), number)


def _json_or_reason(line: str, number: int) -> object:
    try:
        # NaN is let through, so that the validation of its row can name its field.
        return from_json(line)
    except ValueError:
        return Unreadable(f"line {number} is not JSON")


def _of_document(path: Path, encoding: str) -> Iterator[tuple[int, object]]:
    with open_text(path, encoding) as file:
        text = file.read(LARGEST_DOCUMENT + 1).lstrip("\ufeff")
    if len(text) > LARGEST_DOCUMENT:
        raise InvalidError(f"{path.name} is one JSON document of more than 64 MB: send JSON Lines, one product a line.")
    try:
        if text.lstrip().startswith("["):
            yield from _elements(text, text.index("["))
            return
        document: object = json.loads(text)
    except json.JSONDecodeError as error:
        raise InvalidError(f"{path.name} is no JSON: {error.msg} in line {error.lineno}.") from error
    rows = cast("dict[str, object]", document).get("products") if isinstance(document, dict) else None
    if isinstance(rows, list):
        yield from _elements(text, text.index("[", text.index('"products"')))
    else:
        yield 1, document


def _elements(text: str, start: int) -> Iterator[tuple[int, object]]:
    """The elements of a list, with the lines in which they begin."""
    decoder = json.JSONDecoder()
    at, line, counted = start + 1, 1, 0
    while True:
        between = _BETWEEN.match(text, at)
        at = between.end() if between else at
        if text.startswith("]", at):
            return
        line, counted = line + text.count("\n", counted, at), at
        value, at = decoder.raw_decode(text, at)
        yield line, value
