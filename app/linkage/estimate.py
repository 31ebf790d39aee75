"""How much each level of agreement says, estimated without labels (Fellegi and Sunter, by Splink)."""

import logging
from collections.abc import Sequence
from typing import Any

import duckdb
from splink import DuckDBAPI, Linker, SettingsCreator, block_on
from splink.internals.exceptions import EMTrainingException

from app.linkage.columns import Column, Kind
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
USUAL_EQUAL = 0.9
"""How often the values of one person are equal, where it cannot be learned."""
USUAL_PAIRS = 2_000
"""Random pairs that ``_BY_CHANCE`` weighs as much as; in few records there are fewer."""
FEWEST_FOR_RARITY = 300
"""Records among which it can be told how rare a value is."""

_TRAINING = ("email", "number", "phone", "birth", "postcode", "street", "full_name", "surname")
"""Kinds whose equal values make a block, those that say most first; given name and surname together come before."""

_BY_CHANCE: dict[Kind, float] = {
    "given": 0.01,
    "surname": 0.005,
    "full_name": 0.0001,
    "birth": 0.0001,
    "email": 0.00001,
    "phone": 0.00001,
    "postcode": 0.001,
    "street": 0.001,
    "house": 0.02,
    "place": 0.02,
    "region": 0.1,
    "number": 0.00001,
    "sex": 0.5,
    "category": 0.1,
    "text": 0.01,
}
"""By kind, how often values of two people are equal, at first guess; less strict levels are five times as frequent."""

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
    pairs = min(RANDOM_PAIRS, rows * (rows - 1) / 2)
    for comparison, column in zip(model["comparisons"], columns, strict=True):
        _mend(comparison["comparison_levels"], _BY_CHANCE[column.kind], pairs)
        if rows < FEWEST_FOR_RARITY:
            for level in comparison["comparison_levels"]:
                level.pop("tf_adjustment_column", None)
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


def _mend(levels: list[dict[str, Any]], equal_by_chance: float, pairs: float) -> None:
    """Give each level of a comparison both probabilities, within bounds; ``pairs``: random ones that were looked at.

    A level that was never seen says nothing, one that was seen by chance alone the usual. Where nothing was learned of
    one person, or that equal values say less than chance, the usual is taken.
    """
    said = [level for level in levels if not level.get("is_null_level")]
    first = said[0]
    is_learned = first.get("m_probability", 0.0) > first.get("u_probability", 0.0)
    share = USUAL_PAIRS / (USUAL_PAIRS + pairs)
    for place, level in enumerate(said):
        is_last = place == len(said) - 1
        guess = 0.9 if is_last else min(equal_by_chance * 5**place, 0.05)
        chance = share * guess + (1 - share) * level.get("u_probability", 0.0)
        usual = USUAL_EQUAL if place == 0 else (1 - USUAL_EQUAL) / (len(said) - 1)
        unseen = usual if "u_probability" in level else chance
        known = level.get("m_probability", unseen) if is_learned else usual
        level["m_probability"] = max(known, RAREST_ERROR)
        level["u_probability"] = max(chance, LEAST_CHANCE)
