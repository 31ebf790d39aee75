"""What became of the rows of `plural load`, as a table, as JSON, and refused row by row in a file."""

import json
import re
import time
from collections import Counter
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO, Any

import typer
from rich.table import Table

from app.cli.terminal import plain_console
from app.domain.errors import SetupError
from app.domain.models import IngestReport, RowError
from app.intake.batches import Parsed

SHOWN = 10
"""Refused rows that are listed."""

KINDS = 1_000
"""Kinds of mistakes that are told apart; a file can hold as many as it has field names."""


@dataclass(slots=True)
class LoadReport:
    """Counts that do not grow with the file."""

    everything: IO[str] | None = None
    """Where each error is written, one JSON object a line."""
    accepted: int = 0
    duplicates: int = 0
    erased: int = 0
    replaced: int = 0
    refused: int = 0
    withdrawn: int | None = None
    """Products that left the feed; None: it is not said to be the whole catalogue."""
    is_check: bool = False
    """Nothing is written: ``accepted`` are the rows that would be taken."""
    forms: dict[str, str] = field(default_factory=dict[str, str])
    """What each file turned out to be, by its name."""
    warnings: list[str] = field(default_factory=list[str])
    reasons: Counter[str] = field(default_factory=Counter[str])
    first: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    started: float = field(default_factory=time.monotonic)
    seconds: float = 0.0

    @classmethod
    @contextmanager
    def open(cls, errors: Path | None) -> Generator["LoadReport"]:
        """A report that writes every error to a file, if one is named."""
        if errors is None:
            yield cls()
            return
        try:
            everything = errors.open("w", encoding="utf-8")
        except OSError as error:
            raise SetupError(f"{errors} cannot be written: {error.strerror}.") from error
        with everything:
            yield cls(everything)

    def start_clock(self) -> None:
        """Count the seconds from now on: the database is open."""
        self.started = time.monotonic()

    def warn(self, path: Path, float_ids: Sequence[str]) -> None:
        """Say which of a file's columns of ids were read as whole numbers."""
        for name in float_ids:
            self.warnings.append(f"{path.name}: every {name} ends in .0, so they were read as whole numbers.")

    def note(self, path: Path, parsed: Parsed[Any], written: IngestReport) -> None:
        """Add a chunk."""
        self.accepted += written.accepted
        self.duplicates += written.duplicates
        self.erased += written.erased
        self.replaced += parsed.replaced
        errors = [*parsed.errors, *(replace(one, index=parsed.rows[one.index][0]) for one in written.errors)]
        self.refused += len({error.index for error in errors})
        for error in errors:
            self._note_error(path, error)
        self.seconds = time.monotonic() - self.started

    def _note_error(self, path: Path, error: RowError) -> None:
        # "lines.3.price_paid" and "lines.4.price_paid" are one kind of mistake.
        place = re.sub(r"\.\d+\b", ".*", error.field)
        reason = f"{place} {error.reason}".strip()
        self.reasons[reason if reason in self.reasons or len(self.reasons) < KINDS else "(others)"] += 1
        told = {"file": path.name, "line": error.index, "field": error.field, "reason": error.reason}
        if len(self.first) < SHOWN:
            self.first.append(told)
        if self.everything is not None:
            self.everything.write(json.dumps(told) + "\n")


def show_json(report: LoadReport, kind: str) -> None:
    """Print the report as one JSON object."""
    told = {
        "kind": kind,
        "checked_only": report.is_check,
        "files": report.forms,
        "accepted": report.accepted,
        "duplicates": report.duplicates,
        "erased": report.erased,
        "replaced": report.replaced,
        "refused": report.refused,
        **({} if report.withdrawn is None else {"withdrawn": report.withdrawn}),
        "warnings": report.warnings,
        "reasons": dict(report.reasons.most_common()),
        "first_errors": report.first,
        "seconds": round(report.seconds, 3),
    }
    typer.echo(json.dumps(told))


def show_table(report: LoadReport, kind: str) -> None:
    """Print the counts and, when rows were refused, why and which came first."""
    console = plain_console()
    for name, form in report.forms.items():
        console.print(f"{name}: {form}")
    title = f"{kind}: nothing was written, these would be" if report.is_check else kind
    counts = Table(
        "accepted", "duplicates", "erased", "replaced", "refused", "seconds", title=title, title_justify="left"
    )
    numbers = (report.accepted, report.duplicates, report.erased, report.replaced, report.refused)
    counts.add_row(*(f"{number:,}" for number in numbers), f"{report.seconds:.1f}")
    console.print(counts)
    if report.withdrawn is not None:
        verb = "would be" if report.is_check else "were"
        console.print(f"{report.withdrawn:,} products are not in the feed, and {verb} withdrawn.")
    for warning in report.warnings:
        console.print(warning)
    if not report.refused:
        return
    reasons = Table("times", "reason", title="Refused because", title_justify="left")
    for reason, times in report.reasons.most_common(SHOWN):
        reasons.add_row(f"{times:,}", reason)
    console.print(reasons)
    rows = Table("file", "line", "field", "reason", title="First refused rows", title_justify="left")
    for told in report.first:
        rows.add_row(told["file"], str(told["line"]), told["field"], told["reason"])
    console.print(rows)
