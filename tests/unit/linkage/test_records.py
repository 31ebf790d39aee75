"""Records of one person are found by what they say, without labels."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from app.domain.errors import InvalidError
from app.linkage.cleaning import clean_expressions
from app.linkage.clusters import cluster
from app.linkage.columns import Column, name_columns
from app.linkage.records import Pairs, score_pairs
from app.linkage.tables import open_tables
from tests.unit.linkage.people import make_people

COLUMNS = name_columns([(kind, kind) for kind in ("given", "surname", "birth", "street", "postcode", "email")])


def _truth(pairs: Pairs, truth: list[int]) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    who = np.array(truth)
    return who[pairs.left] == who[pairs.right]


def test_records_with_typing_errors_are_found_and_strangers_are_not() -> None:
    table, truth = make_people(300)

    pairs = score_pairs(table, COLUMNS)
    groups = cluster(len(table), pairs.left, pairs.right, pairs.weight)

    found = {(person, group) for person, group in zip(truth, groups.tolist(), strict=True)}
    assert len(found) <= 303
    assert len(set(groups.tolist())) >= 298


def test_the_same_records_give_the_same_pairs() -> None:
    table, _ = make_people(120)

    first, second = score_pairs(table, COLUMNS), score_pairs(table, COLUMNS)

    assert first.left.tolist() == second.left.tolist()
    assert first.weight == pytest.approx(second.weight)


def test_each_field_says_how_it_agrees_and_how_much_that_weighs() -> None:
    table, truth = make_people(300)

    pairs = score_pairs(table, COLUMNS)
    right = pairs[_truth(pairs, truth)]

    assert [field.name for field in pairs.fields] == [column.name for column in COLUMNS]
    email = [field.name for field in pairs.fields].index("email")
    equal = right.levels[:, email] == len(pairs.fields[email].labels) - 1
    assert pairs.fields[email].labels[-1] == "equal"
    assert right.weights[equal, email].min() > 0
    missing = right.levels[:, email] == -1
    assert set(right.weights[missing, email].tolist()) <= {0.0}


def test_nothing_is_found_where_everybody_is_somebody_else() -> None:
    table, _ = make_people(200, copies=1)

    pairs = score_pairs(table, COLUMNS)

    assert int((pairs.probability > 0.9).sum()) <= 2


def test_two_empty_values_do_not_agree() -> None:
    table, _ = make_people(100)
    blank = table.set_column(5, "email", pa.array([" " for _ in range(len(table))]))

    pairs = score_pairs(blank, COLUMNS)

    assert "email" not in [field.name for field in pairs.fields]


def test_one_column_alone_proves_nothing() -> None:
    with pytest.raises(InvalidError):
        score_pairs(pa.table({"given": ["a", "a"]}), name_columns([("given", "given")]))


def test_of_eight_records_the_two_of_one_person_stand_out() -> None:
    rows = [
        ("Anna", "Schmidt", "1980-02-01", "anna.schmidt@example.org"),
        ("Anna", "Schmitt", "1980-02-01", "anna.schmidt@example.org"),
        ("Bert", "Meier", "1970-01-05", "bert@example.com"),
        ("Carla", "Vogel", "1991-04-05", None),
        ("Dora", "Klein", "1985-12-12", "d.klein@example.net"),
        ("Emil", "Klein", "1985-11-30", "emil@example.net"),
        ("Fritz", "Lang", "1960-05-05", "lang@example.com"),
        ("Gerd", "Schmidt", "1980-07-09", "gs@example.com"),
    ]
    columns = name_columns([(kind, kind) for kind in ("given", "surname", "birth", "email")])
    table = pa.table({one.name: pa.array([row[place] for row in rows]) for place, one in enumerate(columns)})

    pairs = score_pairs(table, columns)

    likely = {
        (int(one), int(other)): p for one, other, p in zip(pairs.left, pairs.right, pairs.probability, strict=True)
    }
    assert likely.pop((0, 1)) > 0.99
    assert max(likely.values(), default=0) < 0.2


def test_what_needs_more_memory_than_is_allowed_is_an_error_that_says_so() -> None:
    table, _ = make_people(12_000)

    with pytest.raises(InvalidError, match="needs more than 30 MB"):
        score_pairs(table, COLUMNS, memory_mb=30)


def test_two_records_are_enough_to_ask() -> None:
    table, _ = make_people(1, copies=2)

    assert len(score_pairs(table, COLUMNS)) <= 1


@pytest.mark.parametrize(
    ("kind", "text", "clean"),
    [
        ("surname", " Ó'Néill-Smith ", "o neill smith"),
        ("surname", "N/A", None),
        ("surname", "Лев Толстой", "лев толстои"),
        ("birth", "1971-06-24", "19710624"),
        ("birth", "24.6.1971", "19710624"),
        ("birth", "6/24/1971", "19710624"),
        ("birth", "6/4/1971", "19710406"),
        ("birth", "19710624", "19710624"),
        ("birth", "1971-06-24T00:00:00", "19710624"),
        ("phone", "+44 (0)20 7946 0958", "079460958"),
        ("phone", "12", None),
        ("postcode", "TQ13 8DF", "tq138df"),
        ("email", "A.B@Example.ORG ", "a.b@example.org"),
        ("email", "none", None),
    ],
)
def test_spellings_of_one_value_become_one(kind: str, text: str, clean: str | None) -> None:
    column = Column(kind, kind, kind)  # pyright: ignore[reportArgumentType]
    sql = clean_expressions([column])[kind]

    with open_tables(200, 1) as con:
        con.register("rows", pa.table({kind: [text]}))
        assert con.execute(f"SELECT {sql} FROM rows").fetchall() == [(clean,)]  # noqa: S608


def test_what_does_not_fit_into_memory_is_never_written_to_disk(tmp_path: Path) -> None:
    with open_tables(200, 1) as con:
        assert con.execute("SELECT current_setting('temp_directory')").fetchall() == [("",)]
    assert not list(tmp_path.iterdir())
