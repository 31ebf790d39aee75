"""`plural evaluate link`: files of one's own, and the sets where they are."""

import csv
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from app.cli.evaluate import app
from tests.unit.linkage.people import make_people

SHARED = Path(__file__).parents[3].parent / "shared" / "data" / "er-splink"


def _evaluate(*arguments: str) -> dict[str, dict[str, float]]:
    result = CliRunner().invoke(app, ["link", *arguments, "--json"])
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout.splitlines()[-1])


def test_files_of_ones_own_are_linked_and_compared_with_the_column_that_says_who(tmp_path: Path) -> None:
    table, truth = make_people(200)
    path = tmp_path / "people.csv"
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([*table.column_names, "person"])
        writer.writerows([*row.values(), who] for row, who in zip(table.to_pylist(), truth, strict=True))

    report = _evaluate("files", "--data", str(path), "--truth", "person")

    assert report["clustered"]["f1"] > 0.97
    assert set(report["columns"]) == {"given", "surname", "birth", "street", "postcode", "email"}


@pytest.mark.data
def test_fake_1000_is_grouped_as_well_as_is_wanted() -> None:
    if not SHARED.exists():
        pytest.skip("the records of Splink are not beside the checkout")

    assert _evaluate("fake_1000", "--data", str(SHARED))["clustered"]["f1"] >= 0.92
