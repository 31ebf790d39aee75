"""Moments as statements return them (milliseconds, UTC) and as the domain keeps them."""

from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def from_ms(milliseconds: int) -> datetime:
    """Turn a statement's ``epochMillis`` into UTC."""
    return _EPOCH + timedelta(milliseconds=milliseconds)


def from_optional_ms(milliseconds: int | None) -> datetime | None:
    """Do the same where there may be none."""
    return None if milliseconds is None else from_ms(milliseconds)
