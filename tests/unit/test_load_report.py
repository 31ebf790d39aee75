"""What `plural load` counts and tells."""

import json
from pathlib import Path

import pytest

from app.cli.load_report import KINDS, SHOWN, LoadReport
from app.domain.errors import SetupError
from app.domain.models import IngestReport, RowError
from app.intake.batches import Parsed

FILE = Path("events.jsonl")


def noted(*errors: RowError, replaced: int = 0) -> LoadReport:
    report = LoadReport()
    report.note(FILE, Parsed(errors=list(errors), replaced=replaced), IngestReport(accepted=3, duplicates=1))
    return report


def test_rows_are_counted_once_however_many_problems_they_have() -> None:
    report = noted(RowError(0, "at", "is missing"), RowError(0, "type", "is missing"), RowError(4, "at", "is missing"))

    assert (report.accepted, report.duplicates, report.refused) == (3, 1, 2)


def test_mistakes_of_one_kind_are_counted_together_whichever_line_they_are_in() -> None:
    report = noted(*(RowError(row, f"lines.{row}.price_paid", "must be a number") for row in range(25)))

    assert report.reasons == {"lines.*.price_paid must be a number": 25}
    assert [told["line"] for told in report.first] == list(range(SHOWN))


def test_what_is_kept_does_not_grow_with_the_file() -> None:
    report = noted(*(RowError(row, f"field{row}", "is not a field that Plural takes") for row in range(KINDS + 50)))

    assert len(report.reasons) == KINDS + 1
    assert report.reasons["(others)"] == 50


def test_every_error_is_written_to_the_file_that_was_named(tmp_path: Path) -> None:
    with LoadReport.open(tmp_path / "errors.jsonl") as report:
        report.note(FILE, Parsed(errors=[RowError(row, "at", "is missing") for row in range(30)]), IngestReport())

    lines = (tmp_path / "errors.jsonl").read_text().splitlines()
    assert len(lines) == 30
    assert json.loads(lines[-1]) == {"file": "events.jsonl", "line": 29, "field": "at", "reason": "is missing"}


def test_a_file_that_cannot_be_written_is_told_in_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match=r"cannot be written: No such file or directory\."):
        LoadReport.open(tmp_path / "nowhere" / "errors.jsonl").__enter__()
