"""One product on its way into an answer."""

from dataclasses import dataclass

from app.domain.recommendation import Offer, Reason, Source


@dataclass(slots=True, eq=False)
class Candidate:
    """One product on its way into an answer; its score changes on the way."""

    offer: Offer
    score: float
    source: Source
    reasons: list[Reason]
