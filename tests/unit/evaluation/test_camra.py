"""Which member it was: who is compared with whom, and figures that can be worked out by hand."""

import gzip
from pathlib import Path

import numpy as np
import pytest

from app.domain.errors import SetupError
from app.evaluation.attribution import calibration_error, evaluate_attribution
from app.evaluation.datasets import read_camra
from app.evaluation.raters import CLUES, learn_raters

CAMRA = Path(__file__).parents[4] / "shared" / "data" / "camra2011"


def write_households(folder: Path) -> Path:
    """Eight households of two: one rates films 0 to 39 high, the other films 40 to 79 low; files plain and packed."""
    rng = np.random.default_rng(0)
    train: list[str] = []
    test: list[str] = []
    for member in range(16):
        films = rng.permutation(40) + 40 * (member % 2)
        values = rng.integers(70, 100, 40) - 60 * (member % 2)
        rows = [f"{member} {film} {value}" for film, value in zip(films.tolist(), values.tolist(), strict=True)]
        train += rows[:30]
        test += rows[30:35]
    (folder / "userRatingTrain.txt").write_text("\n".join(train))
    (folder / "userRatingTest.txt.gz").write_bytes(gzip.compress("\n".join(test).encode()))
    (folder / "groupMember.txt").write_text("\n".join(f"{100 + n} {2 * n},{2 * n + 1}" for n in range(8)))
    return folder


def test_members_of_opposite_tastes_are_told_apart(tmp_path: Path) -> None:
    camra = read_camra(write_households(tmp_path))
    steps: list[int] = []

    report = evaluate_attribution(camra, "test", 0, steps.append)

    assert (report.rows, report.members, report.majority) == (80, 16, 0.5)
    assert report.accuracy == report.accuracy_of_two == report.accuracy_of_surest == 1.0
    assert report.calibration_error < 0.1
    assert sum(steps) == 9
    assert evaluate_attribution(camra, "validation", 0).rows == 80


def test_only_what_one_member_has_rated_is_attributed(tmp_path: Path) -> None:
    write_households(tmp_path)
    with (tmp_path / "userRatingTrain.txt").open("a") as rows:
        rows.write("\n0 99 50\n1 99 50\n2 99 50")
    camra = read_camra(tmp_path)

    shared = camra.train[camra.train.film == 99]

    assert camra.with_one_rater(shared, camra.train).tolist() == [False, False, True]


def test_every_clue_has_a_name_and_a_finite_value_even_of_who_has_rated_nothing(tmp_path: Path) -> None:
    camra = read_camra(write_households(tmp_path))

    raters = learn_raters(camra, camra.train[camra.train.member != 3])
    clues = raters.clues(np.array([3, 4]), np.array([0, 79]), np.array([0, 100]))

    assert clues.shape == (2, len(CLUES))
    assert np.isfinite(clues).all()


def test_the_calibration_error_of_who_is_as_sure_as_right_is_none() -> None:
    probability = np.array([0.55, 0.55, 0.95, 0.95])

    assert calibration_error(probability, np.array([1.0, 0.1, 0.9, 1.0])) == pytest.approx(0)
    assert calibration_error(probability, np.array([1.0, 1.0, 1.0, 1.0])) == pytest.approx(0.25)
    assert calibration_error(np.array([1.0]), np.array([0.0])) == 1.0


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="userRatingTrain"):
        read_camra(tmp_path)


@pytest.mark.data
def test_camra_is_the_published_data_set() -> None:
    if not CAMRA.exists():
        pytest.skip(f"the CAMRa2011 data is not at {CAMRA}")
    camra = read_camra(CAMRA)

    assert (camra.members, len(camra.households), camra.films) == (602, 290, 7_710)
    assert (len(camra.train), len(camra.test)) == (113_334, 3_010)
