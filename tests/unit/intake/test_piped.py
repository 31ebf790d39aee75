"""What is piped in becomes a file of rows, whatever it is."""

import gzip
import io
import stat
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from app.domain.errors import InvalidError, SetupError
from app.intake.files import read_rows
from app.intake.piped import piped

LINES = b'{"id": "p1", "title": "Pan"}\n{"id": "p2", "title": "Pot"}\n'
TABLE = b"id,title\np1,Pan\np2,Pot\n"
ROWS = [{"id": "p1", "title": "Pan"}, {"id": "p2", "title": "Pot"}]


def parquet() -> bytes:
    output = io.BytesIO()
    pq.write_table(pa.table({"id": ["p1", "p2"], "title": ["Pan", "Pot"]}), output)  # pyright: ignore[reportUnknownMemberType]
    return output.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        LINES,
        b"\xef\xbb\xbf" + LINES,
        b"\n" + LINES,
        TABLE,
        b"\xef\xbb\xbf" + TABLE,
        gzip.compress(LINES),
        gzip.compress(TABLE),
        parquet(),
    ],
    ids=["lines", "bom", "blank line", "table", "bom and table", "packed lines", "packed table", "parquet"],
)
def test_what_it_is_is_seen_by_how_it_begins(content: bytes, tmp_path: Path) -> None:
    with piped(io.BytesIO(content), tmp_path / "home") as path:
        assert list(read_rows(path)) == ROWS
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700

    assert list((tmp_path / "home").iterdir()) == []


def test_all_of_it_is_kept_however_long(tmp_path: Path) -> None:
    with piped(io.BytesIO(gzip.compress(LINES * 50_000)), tmp_path) as path:
        assert sum(1 for _ in read_rows(path)) == 100_000


@pytest.mark.parametrize("content", [b"", b" \n"])
def test_nothing_is_no_file(content: bytes, tmp_path: Path) -> None:
    with pytest.raises(InvalidError, match="Nothing was piped in"), piped(io.BytesIO(content), tmp_path):
        pass


def test_what_only_looks_packed_is_told(tmp_path: Path) -> None:
    with pytest.raises(InvalidError, match="begins like gzip"), piped(io.BytesIO(b"\x1f\x8bnot so"), tmp_path):
        pass


def test_a_place_without_room_is_told(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("no folder")
    with pytest.raises(SetupError, match="cannot be kept"), piped(io.BytesIO(LINES), tmp_path / "home"):
        pass
