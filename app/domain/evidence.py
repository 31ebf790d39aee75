"""How much an interaction says about taste: event type x quantity x age; and about what is paid in full, x deal."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise

from app.domain import clock
from app.domain.models import Interaction, InteractionType, Line

BASE_WEIGHTS: Mapping[InteractionType, float] = {
    "purchase": 1.0,
    "dislike": 1.0,
    "rating": 0.5,
    "wish": 0.4,
    "cart": 0.3,
    "share": 0.3,
    "view": 0.05,
    "search": 0.02,
    "uncart": 0.0,
    "unwish": 0.0,
    "refund": 0.0,
    "return": 0.0,
    "click": 0.0,
    "sent": 0.0,
    "bounced": 0.0,
    "unsubscribed": 0.0,
}
"""Base weight by interaction type. A dislike counts against its products, a rating by how far it is above half.

A refund or a return is no evidence itself, it cancels its purchase, as ``unwish`` does a wish.
A click on a creative says what its picture and words are worth; what it leads to is viewed then.
"""

SECONDS_A_DAY = 86_400.0

MOST_DAYS = 12
"""Days of purchases that are kept of a like, the latest."""
HABIT_DAYS = 4
"""Days of purchases that a regular interval shows on at least."""
STEADY = 0.4
"""Coefficient of variation of the days between purchases up to which they are steady; by chance alone it is about 1."""


@dataclass(frozen=True, slots=True)
class EvidenceRules:
    """The numbers of the weight; all of them settings."""

    base_weights: Mapping[InteractionType, float] = field(default_factory=lambda: dict(BASE_WEIGHTS))
    discount_penalty: float = 0.0
    """Share of the weight that a full discount takes away, 0 to 1; 0: a deal says of taste what full price says."""
    deal_factor: float = 0.6
    """What a deal, however deep, leaves of the weight when it is asked what is bought at full price, 0 to 1."""
    decay_days: float = 120.0
    """Age in days at which a weight has fallen to 1/e."""
    low_rating_weight: float = 2.0
    """What the lowest rating counts against its products, 0 or more; in parts, by how far a rating is below half."""
    quantity_growth: float = 0.0
    """How much a larger quantity adds, in units of its natural logarithm; 0: ten pieces say what one says."""

    def __post_init__(self) -> None:
        if not (0 <= self.discount_penalty <= 1 and 0 <= self.deal_factor <= 1):
            raise ValueError("discount_penalty and deal_factor lie between 0 and 1")
        if self.decay_days <= 0:
            raise ValueError("decay_days is above 0")
        if min(self.quantity_growth, self.low_rating_weight, *self.base_weights.values()) < 0:
            raise ValueError("no weight is below 0")

    def line_weight(self, interaction_type: InteractionType, line: Line) -> float:
        """Size of one line's weight on the day itself, 0 or more; never rises with the line's discount share."""
        growth = 1.0 + self.quantity_growth * math.log(max(1.0, line.quantity))
        return self.base_weights[interaction_type] * growth * (1.0 - self.discount_penalty * line.discount_share)

    def full_price_weight(self, interaction_type: InteractionType, line: Line) -> float:
        """What ``line_weight`` says about buying at full price, no more than that; no deeper deal raises it."""
        weight = self.line_weight(interaction_type, line)
        return weight * self.deal_factor if line.discount_share > 0 else weight

    def leaning(self, interaction: Interaction) -> float:
        """What a line's weight is multiplied by: 1, but for a dislike -1, and for a rating below half less than 0."""
        if interaction.type == "dislike":
            return -1.0
        if interaction.type != "rating":
            return 1.0
        leaning = interaction.rating.leaning if interaction.rating else 0.0
        base = self.base_weights["rating"]
        return leaning if leaning >= 0 or base <= 0 else leaning * self.low_rating_weight / base

    def decay(self, age_days: float) -> float:
        """What is left of a weight after ``age_days``: 1 at 0 and below, towards 0 with age."""
        return math.exp(-max(0.0, age_days) / self.decay_days)


@dataclass(frozen=True, slots=True)
class Like:
    """What a set of interactions says about one (identity, product) pair."""

    identity_id: str
    product_id: str
    weight: float
    """Evidence weight as of ``last_at``, below 0 where it is not liked; it decays from there."""
    full_price_weight: float
    """The part of it that speaks for buying at full price; it decays alike."""
    count: int
    """Interactions that carried evidence."""
    purchases: int
    last_at: datetime
    first_bought_at: datetime | None = None
    last_bought_at: datetime | None = None
    bought_days: tuple[int, ...] = ()
    """Days since 1970 (UTC) on which it was bought, ascending, each once; the latest ``MOST_DAYS``."""


def sum_likes(interactions: Iterable[Interaction], rules: EvidenceRules) -> list[Like]:
    """Sum interactions into one ``Like`` a pair, sorted by product and identity (the lock order of all writers).

    What was taken back must be out already (see ``opinions.py``); what weighs nothing leaves no like. The sum does not
    depend on the order of the interactions beyond floating-point rounding.
    """
    likes: dict[tuple[str, str], Like] = {}
    for interaction in interactions:
        leaning = rules.leaning(interaction)
        for line in interaction.lines:
            if leaning * rules.line_weight(interaction.type, line) == 0:
                continue
            key = (line.product_id, interaction.identity_id)
            one = _one_like(interaction, line, rules, leaning)
            known = likes.get(key)
            likes[key] = one if known is None else combine(known, one, rules)
    return [likes[key] for key in sorted(likes)]


def combine(a: Like, b: Like, rules: EvidenceRules) -> Like:
    """Join two likes of the same pair: weights are brought to the later ``last_at`` and added."""
    older, newer = (a, b) if a.last_at <= b.last_at else (b, a)
    left = rules.decay((newer.last_at - older.last_at).total_seconds() / SECONDS_A_DAY)
    bought_first = [at for at in (a.first_bought_at, b.first_bought_at) if at is not None]
    bought_last = [at for at in (a.last_bought_at, b.last_bought_at) if at is not None]
    return Like(
        identity_id=a.identity_id,
        product_id=a.product_id,
        weight=newer.weight + older.weight * left,
        full_price_weight=newer.full_price_weight + older.full_price_weight * left,
        count=a.count + b.count,
        purchases=a.purchases + b.purchases,
        last_at=newer.last_at,
        first_bought_at=min(bought_first, default=None),
        last_bought_at=max(bought_last, default=None),
        bought_days=tuple(sorted({*a.bought_days, *b.bought_days})[-MOST_DAYS:]),
    )


def regular_interval(days: Sequence[int]) -> float:
    """Mean days between purchases where they come at steady intervals; 0 for others and for fewer than ``HABIT_DAYS``.

    ``days`` are those of ``Like.bought_days``.
    """
    if len(days) < HABIT_DAYS:
        return 0.0
    mean = (days[-1] - days[0]) / (len(days) - 1)
    spread = math.sqrt(sum((later - earlier - mean) ** 2 for earlier, later in pairwise(days)) / (len(days) - 1))
    return mean if spread <= STEADY * mean else 0.0


def _one_like(interaction: Interaction, line: Line, rules: EvidenceRules, leaning: float) -> Like:
    # To the millisecond, as the graph keeps moments: what is recounted from it must be what was added.
    at = clock.to_milliseconds(interaction.at)
    bought_at = at if interaction.type == "purchase" else None
    return Like(
        identity_id=interaction.identity_id,
        product_id=line.product_id,
        weight=leaning * rules.line_weight(interaction.type, line),
        full_price_weight=leaning * rules.full_price_weight(interaction.type, line),
        count=1,
        purchases=1 if bought_at else 0,
        last_at=at,
        first_bought_at=bought_at,
        last_bought_at=bought_at,
        bought_days=(int(bought_at.timestamp() // SECONDS_A_DAY),) if bought_at else (),
    )
