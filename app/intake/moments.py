"""Times as programs send them: RFC 3339 text, a date, or a number since 1970 whose unit shows in its size."""

import math
from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_UNITS = {9: 1, 10: 1, 12: 10**3, 13: 10**3, 15: 10**6, 16: 10**6}
"""Units a second by the number of digits: each holds 1973 to 2286, so no number is two of them."""

_SHORTER = range(9, 15)
"""Digits of a number that is too small for microseconds of any time that things were sold at."""

_CALENDAR = {8: "%Y%m%d", 10: "%Y%m%d%H", 12: "%Y%m%d%H%M", 14: "%Y%m%d%H%M%S"}
_YEARS = range(1970, 2101)

AMBIGUOUS = (
    "could be more than one time: send text such as 2026-05-01T10:00:00Z, a date such as 20260501, or whole seconds, "
    "milliseconds or microseconds since 1970"
)


_TOO_LARGE = 10**17
"""JSON has whole numbers that no float holds."""


def read_moment(value: object) -> object:
    """Turn a date or a number into a moment (UTC; a date is its beginning); leave other text to be parsed as RFC 3339.

    ``20261129`` is a date, 9 and 10 digits are seconds, 12 and 13 milliseconds, 15 and 16 microseconds. ``ValueError``
    for what could mean two times (``202611291000``) or none.
    """
    if isinstance(value, str):
        text = value.strip()
        return _from_number(float(text), text) if _is_number(text) else value
    if isinstance(value, int) and abs(value) >= _TOO_LARGE:
        raise ValueError(AMBIGUOUS)
    if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value):
        return _from_number(value, f"{value:.6f}" if isinstance(value, float) else str(value))
    return value


def as_micros(value: object) -> object:
    """Turn seconds or milliseconds into microseconds by their size; what is no such number stays as it is."""
    if isinstance(value, float):
        return value
    moment = read_moment(value) if len(str(value).strip()) in _SHORTER else value
    return (moment - _EPOCH) // timedelta(microseconds=1) if isinstance(moment, datetime) else value


def _is_number(text: str) -> bool:
    whole, _, part = text.partition(".")
    return text.isascii() and whole.isdecimal() and (not part or part.isdecimal()) and len(text) <= 24


def _from_number(number: float, text: str) -> datetime:
    whole, _, part = text.partition(".")
    calendar = _on_calendar(whole)
    if len(whole) == len("20261129"):
        if calendar is None or part.strip("0"):
            raise ValueError(AMBIGUOUS)
        return calendar
    unit = _UNITS.get(len(whole))
    if unit is None or calendar is not None or not whole.isdecimal():
        raise ValueError(AMBIGUOUS)
    since = int(whole)
    more = timedelta(seconds=(number - since) / unit) if part.strip("0") else timedelta()
    return _EPOCH + timedelta(seconds=since // unit, microseconds=since % unit * (10**6 // unit)) + more


def _on_calendar(digits: str) -> datetime | None:
    """Read digits as year, month, day and so on; ``None`` where they are no such time."""
    pattern = _CALENDAR.get(len(digits))
    if pattern is None or not digits.isdecimal():
        return None
    try:
        moment = datetime.strptime(digits, pattern).replace(tzinfo=UTC)
    except ValueError:
        return None
    return moment if moment.year in _YEARS else None
