"""Moves the year of the data to now, by whole weeks, so that weekdays and clock times stay."""

from datetime import datetime, timedelta

WEEK = timedelta(days=7)


def shift_to(anchor: datetime, last: datetime) -> timedelta:
    """Whole weeks that bring ``last`` into the 7 days up to ``anchor``; nothing comes to lie after ``anchor``."""
    return (anchor - last) // WEEK * WEEK
