"""How values of each kind agree: levels from equal to different, strictest first, as Splink takes them."""

from collections.abc import Callable, Sequence

import splink.comparison_level_library as levels
from splink.comparison_library import CustomComparison
from splink.internals.comparison_level_creator import ComparisonLevelCreator as Level

from app.linkage.columns import Column

_RAREST = 1e-5
"""Share of records below which a value that both have is not taken to be rarer."""


def compare(columns: Sequence[Column]) -> dict[str, CustomComparison]:
    """How each column is compared, by its name; the identities' ids are left out."""
    names = {column.name for column in columns}
    found: dict[str, CustomComparison] = {}
    for column in columns:
        if column.kind == "full_name" and {"given", "surname"} <= names:
            found[column.name] = _comparison(column.name, _shared_words(column.name))
        elif column.kind != "identity_id":
            found[column.name] = _comparison(column.name, _LEVELS.get(column.kind, _equal)(column.name))
    return found


def _comparison(name: str, agreeing: Sequence[Level]) -> CustomComparison:
    missing = levels.NullLevel(name).configure(label_for_charts="missing")
    different = levels.ElseLevel().configure(label_for_charts="different")
    return CustomComparison([missing, *agreeing, different], name)


def _equal(name: str) -> list[Level]:
    """Equal; the rarer the value, the more that says."""
    rare = levels.ExactMatchLevel(name)
    return [
        rare.configure(
            tf_adjustment_column=name, tf_adjustment_weight=1.0, tf_minimum_u_value=_RAREST, label_for_charts="equal"
        )
    ]


def _alike(name: str, similarity: float, label: str) -> Level:
    return levels.JaroWinklerLevel(name, similarity).configure(label_for_charts=label)


def _edits(name: str, most: int) -> Level:
    return levels.DamerauLevenshteinLevel(name, most).configure(
        label_for_charts=f"{most} typing error{'s' if most > 1 else ''}"
    )


def _sql(condition: str, label: str) -> Level:
    return levels.CustomLevel(condition, label_for_charts=label)


def _name(name: str) -> list[Level]:
    initial = _sql(f"left({name}_l, 1) = left({name}_r, 1)", "same initial")
    return [*_equal(name), _alike(name, 0.92, "very alike"), _alike(name, 0.85, "alike"), initial]


def _full_name(name: str) -> list[Level]:
    words = [f"list_sort(string_split({name}_{side}, ' '))" for side in "lr"]
    shared = f"len(list_intersect({words[0]}, {words[1]}))"
    turned = _sql(f"{words[0]} = {words[1]}", "same words")
    several = _sql(f"{shared} >= 2", "two words shared")
    one = _sql(f"{shared} >= 1", "one word shared")
    return [*_equal(name), turned, _alike(name, 0.92, "very alike"), several, _alike(name, 0.85, "alike"), one]


def _shared_words(name: str) -> list[Level]:
    shared = f"len(list_intersect({name}_l, {name}_r))"
    return [_sql(f"{shared} >= 2", "two words shared"), _sql(f"{shared} >= 1", "one word shared")]


def _words(name: str) -> list[Level]:
    return [*_equal(name), _alike(name, 0.9, "very alike"), _alike(name, 0.8, "alike")]


def _birth(name: str) -> list[Level]:
    year = _sql(f"left({name}_l, 4) = left({name}_r, 4)", "same year")
    return [*_equal(name), _edits(name, 1), _edits(name, 2), year]


def _postcode(name: str) -> list[Level]:
    ends = [f"left({name}_{side}, length({name}_{side}) - 3)" for side in "lr"]
    near = _sql(f"length({name}_l) > 4 AND {ends[0]} = {ends[1]}", "same district")
    area = _sql(f"left({name}_l, 2) = left({name}_r, 2)", "same area")
    return [*_equal(name), _edits(name, 1), near, area]


def _digits(name: str) -> list[Level]:
    return [*_equal(name), _edits(name, 1), _edits(name, 2)]


def _email(name: str) -> list[Level]:
    box = _sql(f"{name}_box_l = {name}_box_r", "same name before @")
    return [*_equal(name), box, _alike(name, 0.9, "very alike")]


_LEVELS: dict[str, Callable[[str], list[Level]]] = {
    "given": _name,
    "surname": _name,
    "full_name": _full_name,
    "birth": _birth,
    "email": _email,
    "phone": _digits,
    "postcode": _postcode,
    "street": _words,
    "place": _words,
    "number": _digits,
    "text": _words,
}
"""By kind; of others only equal values agree."""
