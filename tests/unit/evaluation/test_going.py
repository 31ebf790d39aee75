"""Who buys nothing in the days to come is foretold, and as well as is said, on Complete Journey."""

import json

import numpy as np
import pytest
from typer.testing import CliRunner

from app.cli.main import app
from app.evaluation.retention import evaluate_going, measure_auc, measure_calibration_error
from app.taste.going import describe, learn_going


def test_on_complete_journey_the_chance_to_be_gone_is_calibrated_and_no_worse_than_recency_and_frequency() -> None:
    report = evaluate_going()

    assert report.calibration_error.value <= 0.03
    assert report.auc.value >= report.baseline_auc.value
    assert report.auc_gain.low > -0.01
    assert report.gone == pytest.approx(report.expected_gone, rel=0.4)
    assert report.households > 2000


def test_the_command_prints_the_figures_with_their_intervals() -> None:
    told = CliRunner().invoke(app, ["evaluate", "retention"])
    as_json = json.loads(CliRunner().invoke(app, ["evaluate", "retention", "--json"]).stdout)

    assert told.exit_code == 0, told.output
    assert f"AUC gain {as_json['auc_gain']['value']:.3f} (" in told.stdout
    assert f"{as_json['gone']} of them gone" in told.stdout


def test_what_comes_after_the_cut_is_not_looked_at() -> None:
    before, after = np.array([3, 40, 77]), np.array([3, 40, 77, 101, 130])

    assert np.array_equal(describe([before], 100), describe([after], 100))


def test_planted_chances_are_learned() -> None:
    rng = np.random.default_rng(1)
    features = rng.normal(3.0, 2.0, (20_000, 2))
    truth = 1 / (1 + np.exp(-(features[:, 0] - 3.0) + 0.5 * (features[:, 1] - 3.0)))
    gone = (rng.random(20_000) < truth).astype(np.float64)
    chances = learn_going(features, gone).chances(features)

    assert np.abs(chances - truth).max() < 0.05
    assert measure_calibration_error(chances, gone) < 0.02


def test_a_feature_that_everybody_shares_says_nothing() -> None:
    features = np.column_stack([np.arange(100.0), np.ones(100)])
    chances = learn_going(features, (np.arange(100) > 50).astype(np.float64)).chances(features)

    assert np.isfinite(chances).all()
    assert chances[0] < 0.2 < 0.8 < chances[-1]


def test_auc_and_calibration_error_are_those_of_small_cases() -> None:
    gone = np.array([0.0, 0.0, 1.0, 1.0])

    assert measure_auc(np.array([0.1, 0.2, 0.3, 0.4]), gone) == 1
    assert measure_auc(np.array([0.1, 0.3, 0.2, 0.4]), gone) == 0.75
    assert measure_auc(np.full(4, 0.5), gone) == 0.5
    assert measure_calibration_error(np.full(20, 0.5), np.tile([0.0, 1.0], 10)) == 0
    assert measure_calibration_error(np.full(20, 0.9), np.tile([0.0, 1.0], 10)) == pytest.approx(0.4)
