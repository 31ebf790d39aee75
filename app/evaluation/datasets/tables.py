"""Any data set as CSV files: `identity_id,product_id[,timestamp][,weight]` and two optional tables beside it."""

import csv
from array import array
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from math import isfinite
from pathlib import Path

import numpy as np

from app.domain.errors import InvalidError
from app.domain.models import Product, Tag
from app.evaluation.datasets.values import Dataset, Floats, Interactions, Ints

LAST_SECOND = 253_402_300_799
"""The end of the year 9999; what is beyond it were milliseconds."""


def read_tables(
    interactions: Path, products: Path | None = None, social: Path | None = None, test: Path | None = None
) -> Dataset:
    """Read the tables row by row; products without a row in ``products`` are known by their id alone.

    Columns: ``identity_id,product_id[,timestamp][,weight]`` (ISO 8601 or seconds since 1970; weight above 0),
    ``product_id,title,brand,tags`` (tags parted by ``|``) and two of identities, of which the first follows the second.
    ``test`` is the held-out part of a ready-made split, in the columns of ``interactions``. Weights are scaled so that
    none is below 1, as a quantity is. Raises ``InvalidError`` naming file, line and reason.
    """
    people: dict[str, int] = {}
    places: dict[str, int] = {}
    rows, ready_made = _read_interactions(interactions, people, places), None
    if test is not None:
        trained = len(rows)
        rows = _join(rows, _read_interactions(test, people, places), interactions, test)
        ready_made = np.arange(len(rows)) >= trained
    follows, notes = _read_follows(social, people) if social else (np.empty((0, 2), dtype=np.int64), ())
    known = {row.id: row for row in _read_products(products)} if products else {}
    return Dataset(
        name=interactions.stem,
        identities=tuple(people),
        products=tuple(known.get(id_, Product(id_, id_)) for id_ in places)
        + tuple(row for id_, row in known.items() if id_ not in places),
        interactions=rows,
        follows=follows,
        ready_made=ready_made,
        notes=notes,
    )


def _join(train: Interactions, test: Interactions, one: Path, other: Path) -> Interactions:
    if (train.at is None) != (test.at is None):
        raise InvalidError(f"Only one of {one.name} and {other.name} has a column 'timestamp'.")
    return Interactions(
        np.concatenate([train.identity, test.identity]),
        np.concatenate([train.product, test.product]),
        np.concatenate([train.weight, test.weight]),
        None if train.at is None or test.at is None else np.concatenate([train.at, test.at]),
    )


def _read_interactions(path: Path, people: dict[str, int], products: dict[str, int]) -> Interactions:
    """Columns of numbers; who and what is new gets the next position in ``people`` and ``products``."""
    table = _Table(path, required=("identity_id", "product_id"))
    identity, product, at, weight = array("q"), array("q"), array("q"), array("d")
    who, what, when, much = (table.place(name) for name in ("identity_id", "product_id", "timestamp", "weight"))
    for line, row in table:
        identity.append(people.setdefault(_id(path, line, row, who), len(people)))
        product.append(products.setdefault(_id(path, line, row, what), len(products)))
        if when is not None:
            at.append(_parse_time(path, line, row[when]))
        if much is not None:
            weight.append(_parse_weight(path, line, row[much]))
    if not identity:
        raise InvalidError(f"{path.name} holds no interaction.")
    return Interactions(
        identity=_ints(identity),
        product=_ints(product),
        weight=np.ones(len(identity)) if much is None else _at_least_one(np.frombuffer(weight, dtype=np.float64)),
        at=None if when is None else _ints(at),
    )


def _ints(column: "array[int]") -> Ints:
    return np.frombuffer(column, dtype=np.int64)


def _at_least_one(weight: Floats) -> Floats:
    return weight / min(1.0, float(weight.min()))


def _id(path: Path, line: int, row: Sequence[str], place: int | None) -> str:
    text = "" if place is None else row[place].strip()
    if not text:
        raise InvalidError(f"{path.name}, line {line}: an id is empty.")
    return text


def _parse_weight(path: Path, line: int, text: str) -> float:
    try:
        weight = float(text)
    except ValueError as error:
        raise InvalidError(f"{path.name}, line {line}: weight {text!r} is no number.") from error
    if not 0 < weight < float("inf"):
        raise InvalidError(f"{path.name}, line {line}: weight {text!r} must be above 0.")
    return weight


def _parse_time(path: Path, line: int, text: str) -> int:
    try:
        seconds = float(text)
    except ValueError:
        seconds = _parse_iso(path, line, text)
    if not isfinite(seconds) or not 0 <= seconds <= LAST_SECOND:
        reason = f"timestamp {text!r} lies outside of the years 1970 to 9999; milliseconds, perhaps?"
        raise InvalidError(f"{path.name}, line {line}: {reason}")
    return int(seconds)


def _parse_iso(path: Path, line: int, text: str) -> float:
    try:
        at = datetime.fromisoformat(text.strip())
    except ValueError as error:
        reason = f"timestamp {text!r} is neither ISO 8601 nor seconds since 1970."
        raise InvalidError(f"{path.name}, line {line}: {reason}") from error
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()


def _read_products(path: Path) -> Iterator[Product]:
    table = _Table(path, required=("product_id", "title", "brand", "tags"))
    columns = [table.place(name) for name in ("product_id", "title", "brand", "tags")]
    for line, row in table:
        title, brand, tags = (row[place].strip() for place in columns[1:] if place is not None)
        id_ = _id(path, line, row, columns[0])
        names = dict.fromkeys(tag.strip() for tag in tags.split("|") if tag.strip())
        yield Product(id_, title or id_, brand=brand or None, tags=tuple(Tag(name) for name in names))


def _read_follows(path: Path, people: dict[str, int]) -> tuple[Ints, tuple[str, ...]]:
    """Pairs of known identities, each once, and how many of the rows they are; the first line is a header."""
    pairs: set[tuple[int, int]] = set()
    rows = 0
    for line, row in _Table(path, required=()):
        if len(row) < 2:
            raise InvalidError(f"{path.name}, line {line}: a pair needs two ids.")
        rows += 1
        one, other = people.get(row[0].strip(), -1), people.get(row[1].strip(), -1)
        if one >= 0 and other >= 0 and one != other:
            pairs.add((one, other))
    note = f"{len(pairs):,} of {rows:,} rows of {path.name} are pairs of two identities that have interactions"
    return np.asarray(sorted(pairs), dtype=np.int64).reshape(-1, 2), (note,)


class _Table:
    """A CSV file, read again by each iteration: (line number, fields) of every row below the header."""

    def __init__(self, path: Path, required: Sequence[str]) -> None:
        self._path = path
        header = next(self._lines(), None)
        self._names = [] if header is None else [name.strip() for name in header[1]]
        if missing := [name for name in required if name not in self._names]:
            raise InvalidError(f"{path.name} has no column {missing[0]!r}; it needs {', '.join(required)}.")

    def place(self, name: str) -> int | None:
        """Where a column is; None when there is none of that name."""
        return self._names.index(name) if name in self._names else None

    def __iter__(self) -> Iterator[tuple[int, list[str]]]:
        lines = self._lines()
        next(lines, None)
        for line, row in lines:
            if len(row) != len(self._names):
                raise InvalidError(
                    f"{self._path.name}, line {line}: {len(row)} fields where the header has {len(self._names)}."
                )
            yield line, row

    def _lines(self) -> Iterator[tuple[int, list[str]]]:
        """Rows that are not empty."""
        try:
            with self._path.open(encoding="utf-8-sig", newline="") as file:
                reader = csv.reader(file)
                yield from ((reader.line_num, row) for row in reader if row)
        except OSError as error:
            raise InvalidError(f"{self._path} cannot be read: {error.strerror}.") from error
        except UnicodeDecodeError as error:
            raise InvalidError(f"{self._path.name} is not UTF-8: {error.reason}.") from error
        except csv.Error as error:
            raise InvalidError(f"{self._path.name} is no CSV file: {error}.") from error
