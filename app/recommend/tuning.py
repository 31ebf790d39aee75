"""The numbers of the ranking that are settings."""

from dataclasses import dataclass
from typing import Self

from app.settings import Settings


@dataclass(frozen=True, slots=True)
class Tuning:
    """What a shop may change of how answers are made."""

    decay_days: float = 120.0
    """Age at which a like has fallen to 1/e."""
    history_size: int = 200
    """Strongest likes that are used."""
    session_ms: float = 30 * 60_000.0
    """What was liked no longer ago is of this session."""
    repurchase_min_share: float = 0.15
    """Smoothed share of its buyers who must have bought a product again for it to be offered again."""
    microgenre_weight: float = 0.01
    pool_size: int = 120
    """Candidates of each list that rules and diversity choose among."""

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """As the settings have it."""
        return cls(
            decay_days=settings.decay_days,
            history_size=settings.history_size,
            session_ms=settings.session_minutes * 60_000,
            repurchase_min_share=settings.rhythm_min_share,
            microgenre_weight=settings.microgenre_weight,
            pool_size=settings.pool_size,
        )
