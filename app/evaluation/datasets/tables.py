"""Any data set as CSV files: `identity_id,product_id[,timestamp][,weight]` and two optional tables beside it."""

import csv
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from app.domain.errors import InvalidError
from app.domain.models import Product, Tag
from app.evaluation.datasets.values import Dataset, Floats, Interactions, Ints, number


def read_tables(interactions: Path, products: Path | None = None, social: Path | None = None) -> Dataset:
    """Read the tables; products without a row in ``products`` are known by their id alone.

    Columns: ``identity_id,product_id[,timestamp][,weight]`` (ISO 8601 or seconds since 1970; weight above 0),
    ``product_id,title,brand,tags`` (tags parted by ``|``) and ``identity_id,identity_id``. Raises ``InvalidError``
    naming file, line and reason.
    """
    header, rows = _read(interactions, required=("identity_id", "product_id"))
    if not rows:
        raise InvalidError(f"{interactions.name} holds no interaction.")
    identity, identities = number(row[header["identity_id"]] for row in rows)
    product, product_ids = number(row[header["product_id"]] for row in rows)
    known = {row.id: row for row in _read_products(products)} if products else {}
    return Dataset(
        name=interactions.stem,
        identities=identities,
        products=tuple(known.get(id_, Product(id_, id_)) for id_ in product_ids)
        + tuple(row for id_, row in known.items() if id_ not in set(product_ids)),
        interactions=Interactions(
            identity=identity,
            product=product,
            weight=_weights(interactions, header, rows),
            at=_times(interactions, header, rows),
        ),
        friends=_read_friends(social, {id_: n for n, id_ in enumerate(identities)}) if social else _no_friends(),
    )


def _weights(path: Path, header: dict[str, int], rows: list[list[str]]) -> Floats:
    if "weight" not in header:
        return np.ones(len(rows))
    column = header["weight"]
    weights = [_parse_weight(path, line, row[column]) for line, row in enumerate(rows, start=2)]
    return np.asarray(weights)


def _parse_weight(path: Path, line: int, text: str) -> float:
    try:
        weight = float(text)
    except ValueError as error:
        raise InvalidError(f"{path.name}, line {line}: weight {text!r} is no number.") from error
    if not 0 < weight < float("inf"):
        raise InvalidError(f"{path.name}, line {line}: weight {text!r} must be above 0.")
    return weight


def _times(path: Path, header: dict[str, int], rows: list[list[str]]) -> Ints | None:
    if "timestamp" not in header:
        return None
    column = header["timestamp"]
    return np.asarray([_parse_time(path, line, row[column]) for line, row in enumerate(rows, start=2)], dtype=np.int64)


def _parse_time(path: Path, line: int, text: str) -> int:
    try:
        if text.replace(".", "", 1).isdigit():
            return int(float(text))
        at = datetime.fromisoformat(text)
    except ValueError as error:
        reason = f"timestamp {text!r} is neither ISO 8601 nor seconds since 1970."
        raise InvalidError(f"{path.name}, line {line}: {reason}") from error
    return int((at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp())


def _read_products(path: Path) -> Iterator[Product]:
    header, rows = _read(path, required=("product_id", "title", "brand", "tags"))
    for row in rows:
        id_, title, brand, tags = (row[header[name]] for name in ("product_id", "title", "brand", "tags"))
        names = dict.fromkeys(tag.strip() for tag in tags.split("|") if tag.strip())
        yield Product(id_, title or id_, brand=brand or None, tags=tuple(Tag(name) for name in names))


def _read_friends(path: Path, people: dict[str, int]) -> Ints:
    """Pairs of known identities, each once; the two columns need no names, the first line is their header."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))[1:]
    named = {tuple(sorted((people[row[0]], people[row[1]]))) for row in rows if row[0] in people and row[1] in people}
    return np.asarray(sorted(named), dtype=np.int64).reshape(-1, 2)


def _no_friends() -> Ints:
    return np.empty((0, 2), dtype=np.int64)


def _read(path: Path, required: tuple[str, ...]) -> tuple[dict[str, int], list[list[str]]]:
    """Column positions by name, and the rows; refuses a missing column and a row of another length."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = [row for row in csv.reader(file) if row]
    except OSError as error:
        raise InvalidError(f"{path} cannot be read: {error.strerror}.") from error
    names = [name.strip() for name in rows[0]] if rows else []
    if missing := [name for name in required if name not in names]:
        raise InvalidError(f"{path.name} has no column {missing[0]!r}; it needs {', '.join(required)}.")
    for line, row in enumerate(rows[1:], start=2):
        if len(row) != len(names):
            raise InvalidError(f"{path.name}, line {line}: {len(row)} fields where the header has {len(names)}.")
    return {name: n for n, name in enumerate(names)}, rows[1:]
