"""Files of rows: JSON Lines, CSV, Parquet, packed or not."""

import gzip
import random
import tracemalloc
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from app.domain.errors import InvalidError
from app.domain.models import RowError
from app.intake.batches import Unreadable
from app.intake.files import count_hint, float_id_columns, open_table, read_rows
from app.intake.lines import fold_lines
from app.intake.products import parse_products

AT = datetime(2026, 5, 1, 10, tzinfo=UTC)


def written(path: Path, content: str | bytes) -> Path:
    data = content.encode() if isinstance(content, str) else content
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)
    return path


def parquet(path: Path, columns: dict[str, Any]) -> Path:
    pq.write_table(pa.table(columns), path)  # pyright: ignore[reportUnknownMemberType]
    return path


@pytest.mark.parametrize("name", ["rows.jsonl", "rows.jsonl.gz", "ROWS.JSONL"])
def test_json_lines_are_read_one_object_a_line(tmp_path: Path, name: str) -> None:
    path = written(tmp_path / name.replace("JSONL", "jsonl"), '\ufeff{"id": "a"}\n\n{"id": "b", "n": 1.5}\n')

    assert list(read_rows(path)) == [{"id": "a"}, {"id": "b", "n": 1.5}]


def test_a_line_that_is_not_json_is_named_and_the_next_ones_follow(tmp_path: Path) -> None:
    path = written(tmp_path / "rows.jsonl", '{"id": "a"}\n{"id": NaN}\n{"id"\n{"id": "d"}')

    first, not_a_number, *others = read_rows(path)

    assert (first, others) == ({"id": "a"}, [Unreadable("line 3 is not JSON"), {"id": "d"}])
    # Its row's validation names the field.
    assert parse_products([not_a_number]).errors[0] == RowError(0, "id", "must not be NaN or Infinity")


@pytest.mark.parametrize("name", ["rows.csv", "rows.csv.gz"])
def test_a_csv_has_its_names_in_the_first_line_and_leaves_out_what_is_not_given(tmp_path: Path, name: str) -> None:
    path = written(tmp_path / name, '\ufeffid,title,description\r\n007,"Pan, black",\r\n\r\n8,"two\nlines",x\r\n')

    assert list(read_rows(path)) == [
        {"id": "007", "title": "Pan, black"},
        {"id": "8", "title": "two\nlines", "description": "x"},
    ]


def test_a_csv_row_with_other_columns_than_the_header_is_named(tmp_path: Path) -> None:
    path = written(tmp_path / "rows.csv", "id,title\n1,a,b\n2,c\n")

    assert list(read_rows(path)) == [Unreadable("has 3 columns where the header has 2"), {"id": "2", "title": "c"}]


def test_parquet_gives_its_rows_without_what_is_not_given(tmp_path: Path) -> None:
    path = parquet(tmp_path / "rows.parquet", {"id": [1, 2], "title": ["a", None], "tags": [["x"], []]})

    assert list(read_rows(path)) == [{"id": 1, "title": "a", "tags": ["x"]}, {"id": 2, "tags": []}]


def test_times_of_parquet_keep_their_zone(tmp_path: Path) -> None:
    column = pa.array([AT], pa.timestamp("ns", "UTC"))
    [row] = read_rows(parquet(tmp_path / "rows.parquet", {"at": column}))

    assert row == {"at": AT}


def test_ids_that_became_floats_are_the_whole_numbers_that_they_were(tmp_path: Path) -> None:
    rows = {"id": [1095275.0, 2.0], "title": ["a", "b"], "item_group_id": [7.0, None]}
    parsed = parse_products(list(read_rows(parquet(tmp_path / "rows.parquet", rows))))

    assert [(one.id, one.item_group_id) for one in parsed.values] == [("1095275", "7"), ("2", None)]


def test_a_price_of_32_bits_is_read_as_it_was_meant(tmp_path: Path) -> None:
    columns = {"id": ["1"], "title": ["a"], "price": pa.array([9.99], pa.float32())}
    [one] = parse_products(list(read_rows(parquet(tmp_path / "rows.parquet", columns)))).values

    assert one.price == Decimal("9.99")


def test_columns_whose_ids_all_end_in_a_point_and_zeros_are_whole(tmp_path: Path) -> None:
    path = written(tmp_path / "rows.csv", "id,sku_id,title,item_group_id\n1095275.0,10.0,1.0,\n2.00,A-1,2.0,\n")

    assert float_id_columns(path) == ("id",)
    assert list(read_rows(path)) == [
        {"id": "1095275", "sku_id": "10.0", "title": "1.0"},
        {"id": "2", "sku_id": "A-1", "title": "2.0"},
    ]


def test_both_ends_of_the_links_of_a_csv_are_whole(tmp_path: Path) -> None:
    path = written(tmp_path / "rows.csv", "type,from,to\nperson_identity,7.0,8.0\nperson_identity,9.0,\n")

    assert float_id_columns(path) == ("from", "to")
    assert list(read_rows(path)) == [
        {"type": "person_identity", "from": "7", "to": "8"},
        {"type": "person_identity", "from": "9"},
    ]


@pytest.mark.parametrize("name", ["rows.jsonl", "rows.parquet"])
def test_files_that_say_what_a_number_is_have_no_such_columns(tmp_path: Path, name: str) -> None:
    assert float_id_columns(tmp_path / name) == ()


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("rows.txt", "", "must end in .jsonl, .csv or .parquet"),
        ("rows.parquet.gz", "", "must end in .jsonl, .csv or .parquet"),
        ("rows.parquet", "no parquet", "rows.parquet is damaged or not what its ending says"),
        ("rows.csv", 'id\n"' + "x" * 200_000, "rows.csv is damaged or not what its ending says"),
    ],
)
def test_a_file_that_cannot_be_used_gets_one_sentence(tmp_path: Path, name: str, content: str, sentence: str) -> None:
    path = tmp_path / name
    path.write_text(content)

    with pytest.raises(InvalidError, match=sentence):
        list(read_rows(path))


@pytest.mark.parametrize("name", ["rows.jsonl", "rows.csv", "rows.parquet"])
def test_a_missing_file_gets_one_sentence(tmp_path: Path, name: str) -> None:
    with pytest.raises(InvalidError, match=r"is not there\."):
        list(read_rows(tmp_path / name))
    with pytest.raises(InvalidError, match=r"is not there\."):
        count_hint(tmp_path / name)


def test_a_packed_file_that_breaks_off_says_so_after_its_whole_rows(tmp_path: Path) -> None:
    path = written(tmp_path / "rows.jsonl.gz", '{"id": "a"}\n' * 50_000)
    path.write_bytes(path.read_bytes()[:-20])
    rows = read_rows(path)

    assert next(rows) == {"id": "a"}
    with pytest.raises(InvalidError, match=r"rows\.jsonl\.gz is damaged"):
        list(rows)


def test_the_number_of_rows_is_known_or_guessed(tmp_path: Path) -> None:
    exact = parquet(tmp_path / "rows.parquet", {"id": list(range(1234))})
    digits = random.Random(1)
    content = "".join(f'{{"id": "{digits.random()}", "title": "a pan of cast iron"}}\n' for _ in range(60_000))
    plain = written(tmp_path / "rows.jsonl", content)
    packed = written(tmp_path / "rows.jsonl.gz", content)

    assert count_hint(exact) == 1234
    assert count_hint(plain) == pytest.approx(60_000, rel=0.01)
    assert count_hint(packed) == pytest.approx(60_000, rel=0.05)
    assert count_hint(written(tmp_path / "empty.csv", "")) is None


def lines_of(path: Path) -> list[tuple[list[int], object]]:
    with open_table(path) as table:
        return [(list(numbers), row) for numbers, row in fold_lines(table)]


HEADER = "event_id,type,identity_id,at,product_id,quantity,price_paid,order_id\n"


def test_consecutive_rows_of_one_event_are_its_lines(tmp_path: Path) -> None:
    rows = "e1,purchase,tom,T1,p1,2,9.50,o1\ne1,purchase,tom,T1,p2,,,o1\ne2,refund,tom,T2,,,,o1\n"

    assert lines_of(written(tmp_path / "events.csv", HEADER + rows)) == [
        (
            [2, 3],
            {
                "event_id": "e1",
                "type": "purchase",
                "identity_id": "tom",
                "at": "T1",
                "order_id": "o1",
                "lines": [{"product_id": "p1", "quantity": "2", "price_paid": "9.50"}, {"product_id": "p2"}],
            },
        ),
        (
            [4],
            {"event_id": "e2", "type": "refund", "identity_id": "tom", "at": "T2", "order_id": "o1", "lines": []},
        ),
    ]


def test_rows_of_one_event_that_contradict_one_another_are_refused_as_a_whole(tmp_path: Path) -> None:
    rows = "e1,purchase,tom,T1,p1,,,\ne1,purchase,debbie,T1,p2,,,\ne2,view,tom,T2,p1,,,\n"

    [refused, (numbers, _)] = lines_of(written(tmp_path / "events.csv", HEADER + rows))

    assert refused == ([3], Unreadable("differs from its event's first row in identity_id"))
    assert numbers == [4]


@pytest.mark.parametrize(
    ("header", "sentence"),
    [
        ("event_id,type,at,product_id", "needs one of the columns identity_id"),
        ("event_id,type,identity_id,at,product_id,age", "cannot have the column 'age'"),
    ],
)
def test_a_table_of_lines_has_known_columns_only(tmp_path: Path, header: str, sentence: str) -> None:
    with pytest.raises(InvalidError, match=sentence):
        lines_of(written(tmp_path / "events.csv", header + "\n"))


def peak_bytes(rows: Iterator[object]) -> int:
    tracemalloc.start()
    try:
        for _ in rows:
            pass
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("ending", [".jsonl", ".csv", ".jsonl.gz"])
def test_memory_does_not_grow_with_the_file(tmp_path: Path, ending: str) -> None:
    def file_of(rows: int) -> Path:
        line = "1,2\n" if ending == ".csv" else '{"a": 1, "b": 2}\n'
        return written(tmp_path / f"{rows}{ending}", ("a,b\n" if ending == ".csv" else "") + line * rows)

    small, large = (peak_bytes(read_rows(file_of(rows))) for rows in (5_000, 40_000))

    assert large < 1.2 * small + 50_000
