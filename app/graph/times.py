"""Moments as statements take and return them (milliseconds, UTC) and as the domain keeps them.

In bulk they also go in as milliseconds: the driver needs 60 µs to pack one ``datetime``.
"""

from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


def to_ms(at: datetime) -> int:
    """Turn a moment into ``epochMillis``; what is finer is left off."""
    return (at - _EPOCH) // _MILLISECOND


def to_optional_ms(at: datetime | None) -> int | None:
    """Do the same where there may be none."""
    return None if at is None else to_ms(at)


def from_ms(milliseconds: int) -> datetime:
    """Turn a statement's ``epochMillis`` into UTC."""
    return _EPOCH + timedelta(milliseconds=milliseconds)


def from_optional_ms(milliseconds: int | None) -> datetime | None:
    """Do the same where there may be none."""
    return None if milliseconds is None else from_ms(milliseconds)
