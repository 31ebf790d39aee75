"""How far a shop's refresh is, and what the last one found. No I/O."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

RefreshState = Literal["idle", "waiting", "running"]


@dataclass(frozen=True, slots=True)
class ActiveRun:
    """The run that a shop's readers see."""

    id: str
    started_at: datetime | None
    finished_at: datetime | None
    report: Mapping[str, float | str]
    """What it found, by name: learners, events, products, communities, seconds …; empty for one of an older version."""


@dataclass(frozen=True, slots=True)
class Underway:
    """A run that is being derived, wherever."""

    id: str
    started_at: datetime
    step: str | None
    """What it does just now; ``None`` before its first step."""
    share: float | None
    """How much of the step is done, 0 to 1; ``None`` where that is not known."""


@dataclass(frozen=True, slots=True)
class RefreshFailure:
    """Why the last refresh that was asked for here came to nothing; the run before it is active still."""

    at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class RefreshStatus:
    """What is known of a shop's refreshes."""

    state: RefreshState
    active: ActiveRun | None = None
    underway: Underway | None = None
    failure: RefreshFailure | None = None
