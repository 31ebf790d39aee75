"""How much each level of agreement says, estimated without labels (Fellegi and Sunter, by Splink)."""

import logging
from collections.abc import Sequence
from typing import Any

import duckdb
from splink import DuckDBAPI, Linker, SettingsCreator, block_on
from splink.internals.exceptions import EMTrainingException

from app.linkage.columns import Column
from app.linkage.comparisons import compare
from app.linkage.tables import read_row

RANDOM_PAIRS = 2e6
"""Drawn to see how often values agree by chance; the most pairs of one block that estimation looks at."""
BLOCKS = 4
"""Blocks of pairs to estimate from: those that agree in one value say how often the others of one person do."""
FEWEST_PAIRS = 10
"""... in a block."""
RAREST_ERROR = 0.002
"""Floor of how often a level is seen within one person: nobody is sure of less than one error in 500."""
LEAST_CHANCE = 1e-6
"""Floor of how often a level is seen by chance."""

_TRAINING = ("email", "number", "phone", "birth", "postcode", "street", "full_name", "surname")
"""Kinds whose equal values make a block, those that say most first; given name and surname together come before."""

Model = dict[str, Any]
"""Splink's settings with the probabilities of each level."""


def estimate(con: duckdb.DuckDBPyConnection, columns: Sequence[Column], keyed: str, keys: Sequence[str]) -> Model:
    """Estimate from the table ``keyed`` what each level says; the prior is one match a record until it is known better.

    Levels that were never seen say nothing, and a column whose equal values say less than chance has usual values.
    """
    (rows,) = read_row(con, f"SELECT count(*) FROM {keyed}")  # noqa: S608 (our own names)
    linker = open_linker(con, _settings(columns, keys, rows), keyed)
    con.execute("SET threads = 1")  # a seeded sample is the same again with one thread only
    linker.training.estimate_u_using_random_sampling(max_pairs=RANDOM_PAIRS, seed=1)
    con.execute("RESET threads")
    for block in _blocks(con, columns, keyed):
        try:
            linker.training.estimate_parameters_using_expectation_maximisation(block_on(*block), max_pairs=RANDOM_PAIRS)
        except EMTrainingException:  # nothing to learn from: every value of the block's pairs is missing, say
            continue
    model: Model = linker.misc.save_model_to_json()
    for comparison in model["comparisons"]:
        _mend(comparison["comparison_levels"])
    return model


def open_linker(con: duckdb.DuckDBPyConnection, model: "Model | SettingsCreator", keyed: str) -> Linker:
    """Open Splink on a table; of what it does it says nothing."""
    logging.getLogger("splink").setLevel(logging.ERROR)
    return Linker(DuckDBAPI(con).register(keyed, dataset_display_name="people"), model, log_level=None)


def _settings(columns: Sequence[Column], keys: Sequence[str], rows: int) -> SettingsCreator:
    return SettingsCreator(
        link_type="dedupe_only",
        comparisons=[*compare(columns).values()],
        blocking_rules_to_generate_predictions=[block_on(key) for key in keys],
        probability_two_random_records_match=1 / max(rows, 2),
        retain_matching_columns=True,  # else levels are not told
        retain_intermediate_calculation_columns=True,
    )


def _blocks(con: duckdb.DuckDBPyConnection, columns: Sequence[Column], keyed: str) -> list[tuple[str, ...]]:
    """Column names whose equal values make a block with enough pairs."""
    names = {column.name for column in columns}
    tried: list[tuple[str, ...]] = [("given", "surname")] if {"given", "surname"} <= names else []
    for kind in _TRAINING:
        if kind in names and not (kind == "full_name" and tried) and not (kind == "surname" and len(tried) > 1):
            tried.append((kind,))
    return [block for block in tried if _has_pairs(con, keyed, block)][:BLOCKS]


def _has_pairs(con: duckdb.DuckDBPyConnection, keyed: str, block: Sequence[str]) -> bool:
    present = " AND ".join(f"{name} IS NOT NULL" for name in block)
    counted = f"SELECT count(*) AS n FROM {keyed} WHERE {present} GROUP BY {', '.join(block)}"  # noqa: S608
    (pairs,) = read_row(con, f"SELECT coalesce(sum(n * (n - 1) / 2), 0) FROM ({counted})")  # noqa: S608
    return pairs >= FEWEST_PAIRS


def _mend(levels: list[dict[str, Any]]) -> None:
    """Give each level of a comparison both probabilities, within bounds."""
    said = [level for level in levels if not level.get("is_null_level")]
    for level in said:
        unseen = "m_probability" not in level or "u_probability" not in level
        if unseen:
            level["m_probability"] = level["u_probability"] = RAREST_ERROR
    first = said[0]
    if first["m_probability"] <= first["u_probability"]:
        for place, level in enumerate(said):
            level["m_probability"] = 0.9 if place == 0 else 0.1 / (len(said) - 1)
    for level in said:
        level["m_probability"] = max(level["m_probability"], RAREST_ERROR)
        level["u_probability"] = max(level["u_probability"], LEAST_CHANCE)
