"""A run's model as one file: an Arrow record batch of one row, a list a column, mapped into memory when it is read."""

# The package's types are partial.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from collections.abc import Callable, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np
import pyarrow as pa

from app.domain.errors import PluralError
from app.recommend.model import Rows, RunModel

FORMAT = 6
"""Raised whenever a field comes, goes or changes its meaning; a file of another format is not read."""

_FACTS: Mapping[str, Callable[[str], Any]] = {
    "run": str, "version": str, "most_likers": int, "fading": float
}  # fmt: skip
"""Fields that are one value, and how each is read."""
_PARTS = ("starts", "targets", "weights")


class ModelFileError(PluralError):
    """A file that is no model, or one of another format."""


def write_model(model: RunModel, path: Path) -> None:
    """Write the file beside its place, then put it there, so that nobody reads half of it. Raises ``OSError``."""
    columns = {name: _as_list(value) for name, value in _columns_of(model).items()}
    facts = {"format": str(FORMAT), **{name: str(getattr(model, name)) for name in _FACTS}}
    batch = pa.record_batch(list(columns.values()), names=list(columns)).replace_schema_metadata(facts)
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{uuid4().hex}")
    try:
        with pa.OSFile(str(beside), "wb") as file, pa.ipc.new_file(file, batch.schema) as writer:
            writer.write_batch(batch)
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def read_model(path: Path) -> RunModel:
    """Map a file; several processes share its pages. Raises ``OSError`` or ``ModelFileError``."""
    try:
        batch = pa.ipc.open_file(pa.memory_map(str(path))).get_batch(0)
        facts = {key.decode(): value.decode() for key, value in (batch.schema.metadata or {}).items()}
        if facts.get("format") != str(FORMAT):
            raise ModelFileError(f"{path.name} is no model of format {FORMAT}.")
        return _model_of({name: batch.column(name) for name in batch.schema.names}, facts)
    except (pa.ArrowException, KeyError, ValueError) as error:
        raise ModelFileError(f"{path.name} is no model.") from error


def _columns_of(model: RunModel) -> dict[str, Any]:
    """Arrays and lists of texts by name; the three arrays of a matrix are columns of their own."""
    columns: dict[str, Any] = {}
    for field in fields(model):
        value = getattr(model, field.name)
        if isinstance(value, Rows):
            columns |= {f"{field.name}.{part}": getattr(value, part) for part in _PARTS}
        elif isinstance(value, (tuple, np.ndarray)):
            columns[field.name] = value
    return columns


def _as_list(value: Any) -> Any:
    """One row that holds it all."""
    inner = pa.array(value, type=pa.large_string()) if isinstance(value, tuple) else pa.array(value)
    return pa.LargeListArray.from_arrays(pa.array([0, len(inner)], type=pa.int64()), inner)


def _model_of(columns: Mapping[str, Any], facts: Mapping[str, str]) -> RunModel:
    given: dict[str, Any] = {name: read(facts[name]) for name, read in _FACTS.items()}
    for field in fields(RunModel):
        if field.name in columns:
            given[field.name] = _value_of(columns[field.name])
        elif field.name not in given:
            given[field.name] = Rows(*(_value_of(columns[f"{field.name}.{part}"]) for part in _PARTS))
    return RunModel(**given)


def _value_of(column: Any) -> Any:
    """What one row holds: a view of the file for numbers, texts as they are."""
    inner = column.values
    if pa.types.is_large_string(inner.type):
        return tuple(inner.to_pylist())
    return inner.to_numpy(zero_copy_only=True)
