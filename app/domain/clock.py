"""The present by the clock that all machines share, the database's: what expires is judged by it. No I/O.

A process speaks to one server, so there is one such clock in it. Before the server was asked, this machine's own clock
stands in; from then on time passes evenly, wherever this machine's clock is set.
"""

import time
from datetime import UTC, datetime, timedelta

_agreed: tuple[datetime, float] | None = None
"""What the server's clock said, and this machine's monotonic clock at that moment, seconds."""


def now() -> datetime:
    """Return the present, in UTC."""
    if _agreed is None:
        return datetime.now(UTC)
    said, at = _agreed
    return said + timedelta(seconds=time.monotonic() - at)


def agree(said: datetime | None, asked_at: float | None = None) -> None:
    """Go by what the server's clock has said; ``None`` goes back to this machine's own.

    ``asked_at`` is this machine's monotonic clock when the server was asked, seconds (default: now). The server looked
    later than that, so that ours is never behind: what was said to have happened just now has happened.
    """
    global _agreed
    _agreed = None if said is None else (said, time.monotonic() if asked_at is None else asked_at)


def to_milliseconds(moment: datetime) -> datetime:
    """Return a moment in UTC as the graph gives it back: to the millisecond, the rest is cut off."""
    if moment.tzinfo is UTC and not moment.microsecond % 1000:
        return moment
    utc = moment.astimezone(UTC)
    return utc.replace(microsecond=utc.microsecond // 1000 * 1000)
