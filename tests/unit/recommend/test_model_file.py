"""A run's model as a file: what comes back is what was written, or an error that says so."""

from dataclasses import fields
from pathlib import Path
from typing import Any, cast

import numpy as np
import pyarrow as pa
import pytest

from app.recommend import model_file
from app.recommend.model import Rows, RunModel
from app.recommend.model_file import ModelFileError, read_model, write_model
from tests.unit.recommend.shop import a_model, empty_model


def same(one: RunModel, other: RunModel) -> bool:
    return all(_equal(getattr(one, field.name), getattr(other, field.name)) for field in fields(RunModel))


def _equal(one: object, other: object) -> bool:
    if isinstance(one, Rows) and isinstance(other, Rows):
        return all(
            np.array_equal(getattr(one, part), getattr(other, part)) for part in ("starts", "targets", "weights")
        )
    if isinstance(one, np.ndarray):
        here, there = cast("Any", one), cast("Any", other)
        return here.dtype == there.dtype and np.array_equal(here, there)
    return one == other


@pytest.mark.parametrize(
    "model", [a_model(), empty_model(), a_model(products=("ü/", "b", "c", "d", "e", "\U0001f375"))]
)
def test_what_is_read_is_what_was_written(model: RunModel, tmp_path: Path) -> None:
    path = tmp_path / "deeper" / "r.arrow"
    write_model(model, path)

    assert same(read_model(path), model)
    assert [one.name for one in path.parent.iterdir()] == ["r.arrow"]


def test_arrays_are_the_file_itself_and_cannot_be_changed(tmp_path: Path) -> None:
    write_model(a_model(), tmp_path / "r")
    before = pa.total_allocated_bytes()

    model = read_model(tmp_path / "r")

    assert pa.total_allocated_bytes() - before < model.similar.weights.nbytes + 4096
    assert not model.similar.weights.flags.writeable
    with pytest.raises(ValueError, match="read-only"):
        model.similar.weights[0] = 1.0


def test_a_file_of_another_format_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model_file, "FORMAT", model_file.FORMAT + 1)
    write_model(a_model(), tmp_path / "r")
    monkeypatch.undo()

    with pytest.raises(ModelFileError, match="format"):
        read_model(tmp_path / "r")


@pytest.mark.parametrize("share", [0.0, 0.3, 0.9])
def test_half_a_file_is_none(share: float, tmp_path: Path) -> None:
    write_model(a_model(), tmp_path / "r")
    whole = (tmp_path / "r").read_bytes()
    (tmp_path / "r").write_bytes(whole[: int(share * len(whole))])

    with pytest.raises(ModelFileError):
        read_model(tmp_path / "r")


def test_a_place_that_cannot_be_written_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "r").mkdir()

    with pytest.raises(IsADirectoryError):
        write_model(a_model(), tmp_path / "r")
    assert [one.name for one in tmp_path.iterdir()] == ["r"]


def test_rows_give_their_entries_one_after_the_other() -> None:
    spread = a_model().similar.spread(np.asarray([5, -1, 1, 5]), np.asarray([1.0, 1.0, 0.5, 2.0]))

    assert spread.targets.tolist() == [0, 4, 3, 0, 4]
    assert spread.values == pytest.approx([0.4, 0.2, 0.4, 0.8, 0.4])
    assert spread.lengths.tolist() == [2, 0, 1, 2]
    assert spread.origins.tolist() == [0, 0, 2, 3, 3]
