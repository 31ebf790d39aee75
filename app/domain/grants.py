"""What one identity lets another use: directed, for a purpose, until a time, revocable at once. No I/O."""

from dataclasses import dataclass
from datetime import datetime

from app.domain.models import IdentityKind, Purpose


@dataclass(frozen=True, slots=True)
class GrantRequest:
    """Who lets whom use its likes, what for and how long."""

    from_id: str
    to_id: str
    purposes: tuple[Purpose, ...]
    until: datetime


@dataclass(frozen=True, slots=True)
class Grant:
    """``to_id`` may use what ``from_id`` likes; never the other way, and never a third one through it."""

    id: str
    from_id: str
    from_kind: IdentityKind
    to_id: str
    to_kind: IdentityKind
    purposes: tuple[Purpose, ...]
    at: datetime
    until: datetime
    """It ends here by itself."""

    def covers(self, purpose: Purpose, at: datetime) -> bool:
        """Say whether the grant holds for ``purpose`` at ``at``; both consents of the giver are asked besides."""
        return purpose in self.purposes and self.at <= at < self.until
