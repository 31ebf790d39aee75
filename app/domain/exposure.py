"""How exposed a shop is to logins and devices that several identities use, as a run published it. No I/O."""

from dataclasses import dataclass

from app.domain.disclosure import UNKNOWN, Figure

NOTHING = "Too few identities use one to publish anything of them."
MEASURED = (
    "Shared: used by several identities, or by one that several people stand behind. An event without a session counts "
    "as one a day; the largest values are counted as the 95th percentile. Devices: identifiers of type device."
)


@dataclass(frozen=True, slots=True)
class Shares:
    """Of logins, or of devices: which part is shared, and what hangs on it."""

    people: int | None = None
    """About so many identities use one; ``None``: too few."""
    shared: Figure = UNKNOWN
    """Share of the logins (devices) that are shared; each counts once, however many use it."""
    sessions: Figure = UNKNOWN
    """Share of all the shop's sessions that are of identities with a shared one."""
    revenue: Figure = UNKNOWN
    """Share of all its revenue, likewise, in the currency that most of it is in."""


@dataclass(frozen=True, slots=True)
class Exposure:
    """What a run published of it."""

    run: str
    currency: str | None
    """Of the revenue; ``None`` without any."""
    logins: Shares
    devices: Shares

    @property
    def reason(self) -> str:
        """What the figures are of, or why there are none, in plain English."""
        return NOTHING if self.logins.people is None and self.devices.people is None else MEASURED
