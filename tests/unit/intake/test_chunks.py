"""Files parsed chunk by chunk, with errors that name the file's own rows."""

from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest

from app.domain.models import RowError
from app.intake.chunks import locate_events, locate_rows, read_chunks
from app.intake.events import parse_events
from app.intake.products import parse_products

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
HEADER = "event_id,type,identity_id,at,product_id,price_paid\n"
PARSE = partial(parse_events, now=NOW, future_hours=24)


def line(event: int, product: str = "p1", price: str = "1.50") -> str:
    return f"e{event},purchase,tom,2026-05-01T10:00:00Z,{product},{price}\n"


def test_errors_name_the_line_and_column_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "events.csv"
    path.write_text(HEADER + line(1) + line(2) + line(2, "p2", "cheap") + line(3) + "e4,purchase,tom,noon,p1,1\n")

    [chunk] = read_chunks(locate_events(path), PARSE, 1_000)

    assert [(row, interaction.id) for row, interaction in chunk.parsed.rows] == [(2, "e1"), (3, "e2"), (5, "e3")]
    assert chunk.parsed.errors == [
        RowError(4, "price_paid", "must be a number"),
        RowError(6, "at", "must be a time such as 2026-05-01T10:00:00Z"),
    ]


def test_errors_of_later_chunks_count_from_the_files_beginning(tmp_path: Path) -> None:
    path = tmp_path / "products.jsonl"
    path.write_text('{"id": "a", "title": "A"}\n' * 5 + '{"id": "a"}\n')

    chunks = list(read_chunks(locate_rows(path), parse_products, 2))

    assert [chunk.rows for chunk in chunks] == [2, 2, 2]
    assert [error for chunk in chunks for error in chunk.parsed.errors] == [RowError(6, "title", "is missing")]


@pytest.mark.parametrize("max_lines", [1, 3, 4, 1_000])
def test_an_event_is_never_cut_in_two(tmp_path: Path, max_lines: int) -> None:
    path = tmp_path / "events.csv"
    path.write_text(HEADER + "".join(line(event, f"p{part}") for event in range(10) for part in range(3)))

    chunks = list(read_chunks(locate_events(path), PARSE, max_lines))

    assert sum(chunk.rows for chunk in chunks) == 30
    assert [len(interaction.lines) for chunk in chunks for interaction in chunk.parsed.values] == [3] * 10


def test_a_chunk_of_json_events_counts_their_lines(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    row = '{"event_id": "e", "lines": [{"product_id": "p"}, {"product_id": "q"}]}\n'
    path.write_text(row * 4)

    assert [chunk.rows for chunk in read_chunks(locate_events(path), PARSE, 4)] == [2, 2]


def test_a_csv_without_a_product_column_holds_whole_events(tmp_path: Path) -> None:
    path = tmp_path / "searches.csv"
    path.write_text("event_id,type,identity_id,at\ns1,search,tom,2026-05-01T10:00:00Z\n")

    [chunk] = read_chunks(locate_events(path), PARSE, 10)

    assert [interaction.type for interaction in chunk.parsed.values] == ["search"]


def test_text_that_is_not_utf8_costs_its_row_only(tmp_path: Path) -> None:
    path = tmp_path / "products.csv"
    path.write_bytes("id,title\na,Café\n".encode("latin-1") + "b,Thé\n".encode())

    [chunk] = read_chunks(locate_rows(path), parse_products, 10)

    assert [product.title for product in chunk.parsed.values] == ["Thé"]
    assert chunk.parsed.errors == [RowError(2, "title", "must be text of whole Unicode characters")]
