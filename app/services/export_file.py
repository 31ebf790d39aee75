"""Writes what leaves of an audience or a plan, and its receipt, into files that only their owner may read."""

# The stubs of pyarrow leave types open.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

import csv
import hashlib
import io
import json
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from app.domain.audience_export import ExportRow
from app.domain.errors import InvalidError
from app.domain.receivers import COLUMNS as FORMS
from app.domain.receivers import Cells, Receiver

COLUMNS = ("action", "identity_id", "member")
"""Of an audience."""
Lines = Sequence[Sequence[str | None]]
"""Cells in the order of the columns."""
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


class ExportFile:
    """A file that is there under its name only once ``keep`` was called; its ending says its format."""

    def __init__(self, path: Path) -> None:
        """``InvalidError`` for a file or receipt that exists, or an ending that is none of ours."""
        pack = _PACKED.get(path.suffix.lower())
        if pack is None:
            raise InvalidError(f"{path.name} must end in {', '.join(_PACKED)}.")
        self._pack = pack
        self.path = path
        self.receipt = receipt_path(path)
        for file in (self.path, self.receipt):
            if file.exists():
                raise InvalidError(f"{file} exists already: name another file.")
        self._draft = path.with_name(f".{path.name}.draft")

    def write(self, rows: Sequence[ExportRow]) -> str:
        """Write the lines beside the file, in place of what was written before; their SHA-256, hex."""
        return self.write_lines(COLUMNS, [(row.action, row.identity_id, row.member) for row in rows])

    def writer_for(self, receiver: Receiver, cells: Mapping[str, Cells]) -> Callable[[Sequence[ExportRow]], str]:
        """Return what writes the lines in a receiver's form: by the cells of each identity, and never by its id.

        Who is to be removed and is not in ``cells`` has the member key alone, as who was erased.
        """
        none = tuple(None for _ in FORMS[receiver])

        def write(rows: Sequence[ExportRow]) -> str:
            return self.write_lines(
                ("action", "member", *FORMS[receiver]),
                [(row.action, row.member, *cells.get(row.identity_id or "", none)) for row in rows],
            )

        return write

    def write_lines(self, columns: Sequence[str], lines: Lines) -> str:
        """The same of lines with any columns."""
        content = self._pack(columns, lines)
        _write(self._draft, content)
        return hashlib.sha256(content).hexdigest()

    def keep(self, receipt: Mapping[str, object]) -> None:
        """Give the lines their name, and write the receipt beside them."""
        _write(self.receipt, (json.dumps(dict(receipt), indent=2) + "\n").encode())
        self._draft.replace(self.path)

    def drop(self) -> None:
        """Forget what was written and not kept."""
        self._draft.unlink(missing_ok=True)


def receipt_path(path: Path) -> Path:
    """Return where the receipt of a file lies."""
    return path.with_name(f"{path.name}.receipt.json")


def _write(path: Path, content: bytes) -> None:
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _csv(columns: Sequence[str], lines: Lines) -> bytes:
    """Cells that a spreadsheet would compute begin with an apostrophe."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(columns)
    for line in lines:
        writer.writerow([f"'{cell}" if cell and cell.startswith(_FORMULA) else cell or "" for cell in line])
    return text.getvalue().encode()


def _json_lines(columns: Sequence[str], lines: Lines) -> bytes:
    return b"".join(
        json.dumps(dict(zip(columns, line, strict=True)), ensure_ascii=False).encode() + b"\n" for line in lines
    )


def _parquet(columns: Sequence[str], lines: Lines) -> bytes:
    sink = pa.BufferOutputStream()
    cells = [pa.array([line[at] for line in lines], pa.string()) for at in range(len(columns))]
    pq.write_table(pa.table(dict(zip(columns, cells, strict=True))), sink)
    return sink.getvalue().to_pybytes()


_PACKED: Mapping[str, Callable[[Sequence[str], Lines], bytes]] = {
    ".csv": _csv,
    ".jsonl": _json_lines,
    ".parquet": _parquet,
}
