"""Which records are of one person: a table in, scored pairs out; all in memory, within bounds, and then gone."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from splink import Linker

from app.domain.errors import InvalidError
from app.linkage.blocking import block
from app.linkage.cleaning import clean_expressions
from app.linkage.clusters import Floats, Ints
from app.linkage.columns import Column
from app.linkage.estimate import Model, estimate, open_linker
from app.linkage.tables import open_tables, read_row

FLOOR = -8.0
"""Bits below which a pair is not kept: with every field missing it says less than none at all."""
PAIRS_AT_ONCE = 2_000_000
"""Pairs that are scored before the next ones are looked for."""
MEMORY_MB = 3_000
THREADS = 2


@dataclass(frozen=True, slots=True)
class Field:
    """One column as it is compared."""

    name: str
    """As in ``Column.name``."""
    labels: tuple[str, ...]
    """What each level is called, by its number: the last is equal, 0 different. A missing value is level -1."""
    is_rarity_weighed: bool = False
    """Whether rarer values say more."""


@dataclass(frozen=True, slots=True)
class Pairs:
    """Pairs of records, each once; arrays of equal length."""

    left: Ints
    """Position of a record in the table."""
    right: Ints
    weight: Floats
    """Bits for their being one person, the prior included."""
    levels: NDArray[np.int8]
    """Shape (pairs, fields)."""
    weights: NDArray[np.float32]
    """Bits that each field gives, shape (pairs, fields)."""
    fields: tuple[Field, ...] = ()

    def __len__(self) -> int:
        return len(self.weight)

    def __getitem__(self, chosen: Any) -> "Pairs":
        """The chosen pairs, in the order of ``chosen``."""
        return Pairs(
            self.left[chosen],
            self.right[chosen],
            self.weight[chosen],
            self.levels[chosen],
            self.weights[chosen],
            self.fields,
        )

    @property
    def probability(self) -> Floats:
        """That the two are one person."""
        return probability_of(self.weight)


def probability_of(bits: Floats) -> Floats:
    """Probability by the logarithm of the odds to base 2."""
    return 1 / (1 + np.exp2(-bits))


def score_pairs(
    table: pa.Table,
    columns: Sequence[Column],
    *,
    memory_mb: int = MEMORY_MB,
    threads: int = THREADS,
    advance: Callable[[float], None] = lambda _: None,
) -> Pairs:
    """Score all pairs that some key brings together; those above ``FLOOR``, in the order of their positions.

    ``table`` has a text column by the name of each column. ``advance`` is told of shares of the work. Without a pair
    the arrays are empty. ``InvalidError`` when nothing can be compared.
    """
    compared = [column for column in columns if column.kind != "identity_id"]
    if len(compared) < 2:
        raise InvalidError("Name at least two columns that tell people apart.")
    try:
        with open_tables(memory_mb, threads) as con:
            return _compare(con, table, compared, advance)
    except duckdb.OutOfMemoryException:
        raise InvalidError(f"Comparing {len(table):,} records needs more than {memory_mb:,} MB: allow more.") from None


def _compare(
    con: duckdb.DuckDBPyConnection, table: pa.Table, columns: Sequence[Column], advance: Callable[[float], None]
) -> Pairs:
    present = _clean(con, table, columns)
    blocks = block(con, present, "cleaned", "keyed")
    advance(0.1)
    if not blocks.keys:
        return _no_pairs()
    model = estimate(con, present, "keyed", blocks.keys)
    advance(0.3)
    pairs = _score(con, model, math.ceil(blocks.pairs / PAIRS_AT_ONCE), advance)
    return _with_prior(pairs, len(table))


def _clean(con: duckdb.DuckDBPyConnection, table: pa.Table, columns: Sequence[Column]) -> list[Column]:
    """Make the table ``cleaned``; the columns that say something of more than one record."""
    con.register("given_rows", table)
    expressions = clean_expressions(columns)
    made = ", ".join(f"{sql} AS {name}" for name, sql in expressions.items())
    numbered = "SELECT *, row_number() OVER () - 1 AS unique_id FROM given_rows"
    con.execute(f"CREATE TABLE cleaned AS SELECT unique_id, {made} FROM ({numbered})")  # noqa: S608 (our own SQL)
    con.unregister("given_rows")
    counts = read_row(con, f"SELECT {', '.join(f'count({column.name})' for column in columns)} FROM cleaned")  # noqa: S608
    return [column for column, count in zip(columns, counts, strict=True) if count > 1]


def _score(con: duckdb.DuckDBPyConnection, model: Model, chunks: int, advance: Callable[[float], None]) -> Pairs:
    linker = open_linker(con, model, "keyed")
    fields = tuple(_field(comparison) for comparison in model["comparisons"])
    parts: list[Pairs] = []
    for place in range(chunks):
        parts.append(_score_chunk(con, linker, fields, (place + 1, chunks)))
        advance(0.6 / chunks)
    pairs = Pairs(*(np.concatenate([getattr(part, name) for part in parts]) for name in _ARRAYS), fields=fields)
    return pairs[np.lexsort((pairs.right, pairs.left))]


_ARRAYS = ("left", "right", "weight", "levels", "weights")


def _score_chunk(
    con: duckdb.DuckDBPyConnection, linker: Linker, fields: Sequence[Field], chunk: tuple[int, int]
) -> Pairs:
    """Score the pairs of one share of the records; what Splink made of them is dropped again."""
    scored = linker.inference.predict_chunk(left_chunk=chunk, threshold_match_weight=FLOOR, warning_mode="never")
    names = ["unique_id_l AS a", "unique_id_r AS b", "match_weight AS bits"]
    for place, field in enumerate(fields):
        bits = f"mw_{field.name} + mw_tf_adj_{field.name}" if field.is_rarity_weighed else f"mw_{field.name}"
        names += [f"gamma_{field.name}::TINYINT AS level_{place}", f"({bits})::FLOAT AS bits_{place}"]
    found = con.execute(f"SELECT {', '.join(names)} FROM {scored.physical_name}").fetchnumpy()  # noqa: S608
    scored.drop_table_from_database_and_remove_from_cache()
    turned = found["a"] > found["b"]
    levels, weights = (
        np.stack([found[f"{name}_{place}"] for place in range(len(fields))], axis=1) for name in ("level", "bits")
    )
    return Pairs(
        np.where(turned, found["b"], found["a"]).astype(np.int64),
        np.where(turned, found["a"], found["b"]).astype(np.int64),
        found["bits"].astype(np.float64),
        levels.astype(np.int8),
        weights.astype(np.float32),
        tuple(fields),
    )


def _field(comparison: dict[str, Any]) -> Field:
    said = [level["label_for_charts"] for level in comparison["comparison_levels"] if not level.get("is_null_level")]
    rarity = any(level.get("tf_adjustment_column") for level in comparison["comparison_levels"])
    return Field(comparison["output_column_name"], tuple(reversed(said)), rarity)


def _no_pairs() -> Pairs:
    none = np.zeros(0, dtype=np.int64)
    return Pairs(none, none, none.astype(np.float64), np.zeros((0, 0), np.int8), np.zeros((0, 0), np.float32))


def _with_prior(pairs: Pairs, rows: int) -> Pairs:
    """Put the share of pairs that are one person, as their probabilities add up to, in the place of the first guess.

    It is one pair at least: whoever links records expects that some are of one person.
    """
    every = rows * (rows - 1) / 2
    guessed = math.log2(1 / rows) - math.log2(1 - 1 / rows)
    shift = 0.0
    for _ in range(100):
        expected = float(probability_of(pairs.weight + shift).sum())
        share = min(max(expected, 1.0), 0.5 * every) / every
        better = math.log2(share / (1 - share)) - guessed
        if abs(better - shift) < 1e-3:
            break
        shift = better
    return Pairs(pairs.left, pairs.right, pairs.weight + shift, pairs.levels, pairs.weights, pairs.fields)
