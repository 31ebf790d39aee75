"""Times as feeds write them: ISO 8601, a date alone is the whole day, and without a zone it is UTC."""

import re
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, NamedTuple

from pydantic import Field, PlainValidator

from app.intake.fields import EARLIEST, LATEST

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]{8}")
_MOMENT = "must be a time such as 2026-05-01T10:00+0200, or a date"
_PERIOD = "must be two times parted by /, the earlier one first: 2026-05-01T00:00Z/2026-05-31T23:59Z"


class Period(NamedTuple):
    """From and until when something is so, in UTC; ``None``: ever before, ever after."""

    start: datetime | None
    end: datetime | None


def read_start(value: object) -> datetime:
    """Read when something begins: a date alone means the beginning of that day. ``ValueError`` says what is wrong."""
    return _read(value)[0]


def read_end(value: object) -> datetime:
    """Read when something ends: a date alone means the end of that day. ``ValueError`` says what is wrong."""
    return _read(value)[1]


def read_period(value: object) -> Period:
    """Read ``start/end``, either of them may be left out; ``ValueError`` says what is wrong."""
    start, slash, end = value.partition("/") if isinstance(value, str) else ("", "", "")
    try:
        period = Period(read_start(start) if start.strip() else None, read_end(end) if end.strip() else None)
    except ValueError as error:
        raise ValueError(_PERIOD) from error
    if not slash or period == (None, None) or (period.start and period.end and period.start > period.end):
        raise ValueError(_PERIOD)
    return period


def _read(value: object) -> tuple[datetime, datetime]:
    """The first moment that is meant, and the one after the last."""
    try:
        if isinstance(value, str) and len(text := value.strip()) > 10:
            start = end = _in_utc(datetime.fromisoformat(text.removesuffix(" UTC")))
        elif isinstance(value, datetime):
            start = end = _in_utc(value)
        else:
            day = _day(value)
            start = datetime(day.year, day.month, day.day, tzinfo=UTC)
            end = start + timedelta(days=1)
    except (ValueError, OverflowError) as error:
        raise ValueError(_MOMENT) from error
    if not EARLIEST <= start <= end <= LATEST:
        raise ValueError("must lie between 1970 and 9999")
    return start, end


def _day(value: object) -> date:
    written = _DATE.fullmatch(str(value).strip())
    return date.fromisoformat(written[0] if written else "")


def _in_utc(moment: datetime) -> datetime:
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)


_TIME = Annotated[str, Field(examples=["2026-05-01T10:00+0200"])]

FeedStart = Annotated[datetime, PlainValidator(read_start, json_schema_input_type=_TIME)]
"""A time, or a date: the beginning of that day."""

FeedEnd = Annotated[datetime, PlainValidator(read_end, json_schema_input_type=_TIME)]
"""A time, or a date: the end of that day."""

FeedPeriod = Annotated[
    Period,
    PlainValidator(
        read_period,
        json_schema_input_type=Annotated[str, Field(examples=["2026-05-01T00:00+0200/2026-05-31T23:59+0200"])],
    ),
]
"""Two times or dates parted by a slash."""
