"""A batch is validated in one call of compiled code; a bad row is named and never sinks the others."""

from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Generic, TypeVar

from pydantic import TypeAdapter, ValidationError

from app.domain.models import RowError
from app.intake.reasons import describe, dotted

PROBLEMS_A_ROW = 20
"""So many problems of one row are told; the sender mends them and sees the rest."""

Row = TypeVar("Row")
Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Parsed(Generic[Value]):
    """What a batch holds, by position in it."""

    rows: list[tuple[int, Value]] = field(default_factory=list[tuple[int, Value]])
    """Position and value of what can be used, in the order of the batch."""
    errors: list[RowError] = field(default_factory=list[RowError])
    """What cannot be used and why, in the order of the batch."""
    replaced: int = 0
    """Usable rows that a later row of the same batch made void."""

    @property
    def values(self) -> list[Value]:
        """The values without their positions."""
        return [value for _, value in self.rows]

    def relocated(self, place: Callable[[int, str], tuple[int, str]]) -> "Parsed[Value]":
        """Say where things stand in the sender's own batch: ``place`` maps position and field path."""
        rows = [(place(index, "")[0], value) for index, value in self.rows]
        errors = [RowError(*place(error.index, error.field), error.reason) for error in self.errors]
        return replace(self, rows=rows, errors=errors)


def joined(parts: Sequence[Parsed[Value]]) -> Parsed[Value]:
    """Put the parts of one batch together again, in its order."""
    return Parsed(
        rows=sorted((row for part in parts for row in part.rows), key=lambda row: row[0]),
        errors=sorted((error for part in parts for error in part.errors), key=lambda error: error.index),
        replaced=sum(part.replaced for part in parts),
    )


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Stands in a batch for a row that could not even be read, e.g. a line that is not JSON."""

    reason: str


class Refused(Exception):  # noqa: N818 (not an error of ours: it says what a row lacks)
    """A row that has the right fields but cannot be used as it is."""

    def __init__(self, field_path: str, reason: str) -> None:
        super().__init__(reason)
        self.field = field_path
        self.reason = reason


def parse_rows(
    rows: Sequence[object],
    adapter: TypeAdapter[list[Row]],
    convert: Callable[[Row], Value],
    lines_at: tuple[str, ...] = (),
) -> Parsed[Value]:
    """Validate all rows at once, then ``convert`` each; a row is refused by the validation or by ``Refused``.

    ``lines_at`` is the path of a row's lines: bad ones are told and left out, as long as a good one remains.
    """
    validated, errors = _validate(rows, adapter, lines_at)
    values: list[tuple[int, Value]] = []
    for index, row in validated:
        try:
            values.append((index, convert(row)))
        except Refused as refused:
            errors.append(RowError(index, refused.field, refused.reason))
    errors.sort(key=lambda error: error.index)
    return Parsed(values, errors)


def _validate(
    rows: Sequence[object], adapter: TypeAdapter[list[Row]], lines_at: tuple[str, ...]
) -> tuple[list[tuple[int, Row]], list[RowError]]:
    try:
        return list(enumerate(adapter.validate_python(rows))), []
    except ValidationError as error:
        problems = _row_errors(rows, error)
        mended = _without_bad_lines(rows, error, lines_at)
    bad = {problem.index for problem in problems} - mended.keys()
    good = [index for index in range(len(rows)) if index not in bad]
    usable = [mended.get(index, rows[index]) for index in good]
    return list(zip(good, adapter.validate_python(usable), strict=True)), problems


def _without_bad_lines(
    rows: Sequence[object], error: ValidationError, lines_at: tuple[str, ...]
) -> dict[int, dict[str, Any]]:
    """Rows, by position, of which nothing but some lines is bad, without those; each keeps a line at least."""
    bad_lines: dict[int, set[int | None]] = {}
    for detail in error.errors(include_url=False, include_context=False, include_input=False):
        index, *path = detail["loc"]
        within = len(path) > len(lines_at) > 0 and tuple(path[: len(lines_at)]) == lines_at
        bad_lines.setdefault(int(index), set()).add(int(path[len(lines_at)]) if within else None)
    mended: dict[int, dict[str, Any]] = {}
    for index, bad in bad_lines.items():
        if None not in bad and (row := _rebuilt(rows[index], lines_at, bad)) is not None:
            mended[index] = row
    return mended


def _rebuilt(row: Any, lines_at: Sequence[str], bad: Container[int | None]) -> dict[str, Any] | None:
    name, *below = lines_at
    if below:
        inner = _rebuilt(row[name], below, bad)
        return None if inner is None else {**row, name: inner}
    good = [line for place, line in enumerate(row[name]) if place not in bad]
    return {**row, name: good} if good else None


def _row_errors(rows: Sequence[object], error: ValidationError) -> list[RowError]:
    told: dict[int, list[RowError]] = {}
    for detail in error.errors(include_url=False):
        index = int(detail["loc"][0])
        problems = told.setdefault(index, [])
        row = rows[index]
        if isinstance(row, Unreadable):
            problems[:] = [RowError(index, "", row.reason)]
        elif len(problems) < PROBLEMS_A_ROW:
            problems.append(RowError(index, dotted(detail["loc"][1:]), describe(detail)))
    return [problem for problems in told.values() for problem in problems]
