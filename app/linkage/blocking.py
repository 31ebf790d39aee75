"""Which pairs of records are looked at: those that share one of many keys, of which no value is shared by too many."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import duckdb

from app.linkage.columns import Column, Kind
from app.linkage.tables import read_row

LARGEST_BLOCKS = (60, 40, 25, 15, 10)
"""Records that may share a key's value; of these the first under which no more than ``PAIRS_A_RECORD`` come of it."""
PAIRS_A_RECORD = 150
"""Keeps the work in proportion to the number of records."""

_ALONE: frozenset[Kind] = frozenset({"surname", "full_name", "birth", "email", "phone", "postcode", "street", "number"})
"""Kinds that are a key by themselves; any two columns of ``_PARTS`` are one together."""

_PARTS: dict[Kind, tuple[tuple[str, str], ...]] = {
    "given": (("left({0}, 3)", "{0}"),),
    "surname": (("left({0}, 4)", "{0}"),),
    "full_name": (("{0}", "{0}"),),
    "birth": (("left({0}, 4)", "{0}"), ("right({0}, 4)", "{0}")),
    "email": (("{0}_box", "{0}"),),
    "phone": (("{0}", "{0}"),),
    "postcode": (("{0}", "{0}"),),
    "street": (("left({0}, 5)", "{0}"),),
    "place": (("{0}", "{0}"),),
    "number": (("{0}", "{0}"),),
    "category": (("{0}", "{0}"),),
    "text": (("{0}", "{0}"),),
}
"""By kind, what of a value two records must share: loosely, and strictly where that is shared by too many."""

_MOST_PAIRED = 8
"""Columns that are paired with each other; those by which records differ most."""


@dataclass(frozen=True, slots=True)
class Key:
    """A rule: records are compared that agree in it."""

    loose: str
    """SQL; NULL where a record has no such key."""
    strict: str


@dataclass(frozen=True, slots=True)
class Blocks:
    """What the keys bring together."""

    keys: tuple[str, ...]
    """Names of the columns."""
    pairs: int
    """Of all keys together; a pair that several bring together counts several times."""


def block(con: duckdb.DuckDBPyConnection, columns: Sequence[Column], records: str, keyed: str) -> Blocks:
    """Make the table ``keyed`` of ``records`` with one more column a key (a hash, or NULL).

    A key that brings no two records together is left out.
    """
    keys = _keys(con, columns, records)
    (rows,) = read_row(con, f"SELECT count(*) FROM {records}")  # noqa: S608 (our own names)
    names = [f"key_{place}" for place in range(len(keys))]
    pairs: list[int] = []
    for largest in LARGEST_BLOCKS:
        made = ", ".join(f"{_bounded(key, largest)} AS {name}" for key, name in zip(keys, names, strict=True))
        con.execute(f"CREATE OR REPLACE TABLE {keyed} AS SELECT *{', ' if made else ''}{made} FROM {records}")  # noqa: S608
        pairs = [_pairs(con, keyed, name) for name in names]
        if sum(pairs) <= PAIRS_A_RECORD * rows:
            break
    return Blocks(tuple(name for name, count in zip(names, pairs, strict=True) if count), sum(pairs))


def _keys(con: duckdb.DuckDBPyConnection, columns: Sequence[Column], records: str) -> list[Key]:
    usable = [column for column in columns if column.kind in _PARTS and not _is_list(column, columns)]
    keys = [Key(column.name, column.name) for column in usable if column.kind in _ALONE]
    keys += [Key(f"{column.name}_box", column.name) for column in usable if column.kind == "email"]
    telling = sorted(usable, key=lambda column: -_distinct(con, records, column.name))[:_MOST_PAIRED]
    for one, other in combinations(sorted(telling, key=usable.index), 2):
        for (loose, strict), (loose_2, strict_2) in ((a, b) for a in _PARTS[one.kind] for b in _PARTS[other.kind]):
            keys.append(
                Key(
                    _both(loose.format(one.name), loose_2.format(other.name)),
                    _both(strict.format(one.name), strict_2.format(other.name)),
                )
            )
    return keys


def _is_list(column: Column, columns: Sequence[Column]) -> bool:
    """Whether only other names are left of a full name (``cleaning``)."""
    return column.kind == "full_name" and {"given", "surname"} <= {one.name for one in columns}


def _both(one: str, other: str) -> str:
    return f"{one} || chr(31) || {other}"


def _bounded(key: Key, largest: int) -> str:
    """The key's hash; NULL for a value that only one record or more than ``largest`` have."""
    loose, strict = (f"count(*) OVER (PARTITION BY {one})" for one in (key.loose, key.strict))
    return (
        f"CASE WHEN ({key.loose}) IS NULL THEN NULL WHEN {loose} BETWEEN 2 AND {largest} THEN hash({key.loose}) "
        f"WHEN ({key.strict}) IS NOT NULL AND {strict} BETWEEN 2 AND {largest} THEN hash({key.strict}) END"
    )


def _pairs(con: duckdb.DuckDBPyConnection, keyed: str, name: str) -> int:
    counted = f"SELECT count(*) AS n FROM {keyed} WHERE {name} IS NOT NULL GROUP BY {name}"  # noqa: S608
    (pairs,) = read_row(con, f"SELECT coalesce(sum(n * (n - 1) // 2), 0) FROM ({counted})")  # noqa: S608
    return int(pairs)


def _distinct(con: duckdb.DuckDBPyConnection, records: str, name: str) -> int:
    (count,) = read_row(con, f"SELECT approx_count_distinct({name}) FROM {records}")  # noqa: S608
    return int(count)
