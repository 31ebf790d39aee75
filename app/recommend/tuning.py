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
    repurchase_share_once: float = 0.5
    """... and for what the reader bought on one day alone."""
    new_below_likers: int = 5
    """Products that fewer like are new."""
    introduced_every: int = 10
    """One place in so many is a new product's; 0: none."""
    repeats_every: int = 3
    """One place in so many is a repeat's at most, on a mixed shelf, while there is anything new."""
    shelf_accuracy: float = 0.9
    """How much of a ranking's NDCG a shelf keeps at least where it prefers what fewer like; used by a refresh."""
    calibration: float = 0.5
    """How much a microgenre's share of the history is its due on a shelf; the rest is its share of the scores."""
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
            repurchase_share_once=settings.repurchase_share_once,
            new_below_likers=settings.new_below_likers,
            introduced_every=settings.introduced_every,
            repeats_every=settings.repeats_every,
            shelf_accuracy=settings.shelf_accuracy,
            calibration=settings.calibration,
            pool_size=settings.pool_size,
        )
