"""A run under way: what every step of a refresh needs."""

from dataclasses import dataclass
from datetime import datetime

from app.domain.progress import Progress
from app.graph.database import Database
from app.settings import Settings


@dataclass(frozen=True, slots=True)
class Run:
    """A run under way: what all its steps need."""

    db: Database
    settings: Settings
    tenant: str
    id: str
    now: datetime
    progress: Progress

    @property
    def moment(self) -> dict[str, object]:
        """The parameters of statements that weigh evidence as of this run."""
        return {
            "tenant": self.tenant,
            "run": self.id,
            "now_ms": round(self.now.timestamp() * 1000),
            "decay_days": self.settings.decay_days,
        }
