"""What identities are known by: learned by a refresh from what they did, kept as a record of the run, and read back.

A ratio says how much likelier a value is of one identity than of anybody, as a logarithm. ``ANYBODY`` events of the
crowd are added to each identity's own, so that little is said of whom little is known.
"""

import json
import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from app.recommend.attribution import Clue, Feature, Habits

MS_A_DAY = 86_400_000
HOURS_A_WEEK = 168
ANYBODY: Mapping[Feature, float] = {"product": 50.0, "tag": 20.0, "genre": 20.0, "price": 10.0}
"""Events of the crowd beside an identity's own, by feature; ``FEW`` for the others."""
FEW = 5.0
NEARBY = ((0, 1.0), (1, 0.6), (2, 0.3))
"""How much an event says of the hours around its own,"""
EVERY_DAY = 0.05
"""... and of the same hour on other days."""
KEPT = 300
"""Values of one feature that are kept of an identity, the most frequent ones."""
LEAST_PURCHASES = 3
"""Of a product, before it has a rhythm."""

Counts = Mapping[Feature, Mapping[str, float]]


@dataclass(frozen=True, slots=True)
class Piece:
    """A product of an event, and what is known of it."""

    product_id: str
    tags: tuple[str, ...] = ()
    genres: tuple[str, ...] = ()
    price: float | None = None


@dataclass(frozen=True, slots=True)
class Deed:
    """One event, as far as it says who did it."""

    at_ms: int
    pieces: tuple[Piece, ...] = ()
    channel: str | None = None
    device: str | None = None
    bought: bool = False


@dataclass(frozen=True, slots=True)
class Portrait:
    """All that a run keeps of one identity for this."""

    habits: Habits = field(default_factory=Habits)
    visits: float = 0.0
    """Events, less for older ones."""
    due: Mapping[str, tuple[int, float]] | None = None
    """When a product was bought last (ms), and the days between two purchases of it."""

    def at(self, at_ms: int) -> Habits:
        """The habits at a moment: what is about due is likelier, what was bought just now is not."""
        rhythm = {id_: _due(at_ms - last_ms, days) for id_, (last_ms, days) in (self.due or {}).items()}
        return replace(self.habits, ratios={**self.habits.ratios, "rhythm": rhythm})

    def to_json(self) -> str:
        """Write it as one text, the same for the same portrait."""
        kept = {"ratios": self.habits.ratios, "unseen": self.habits.unseen, "visits": self.visits, "due": self.due}
        return json.dumps(kept, sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> "Portrait":
        """Read what ``to_json`` wrote."""
        kept = json.loads(text)
        due: dict[str, tuple[int, float]] = kept["due"] or {}
        return cls(Habits(kept["ratios"], kept["unseen"]), kept["visits"], due)


def clues_of(deed: Deed) -> set[Clue]:
    """What one event says of who did it."""
    clues: set[Clue] = {("hour", str(hour_of_week(deed.at_ms)))}
    if deed.channel is not None:
        clues.add(("channel", deed.channel))
    if deed.device is not None:
        clues.add(("device", deed.device))
    for piece in deed.pieces:
        clues |= {("product", piece.product_id), ("rhythm", piece.product_id)}
        clues.update(("tag", tag) for tag in piece.tags)
        clues.update(("genre", genre) for genre in piece.genres)
        if piece.price:
            clues.add(("price", price_band(piece.price)))
    return clues


def hour_of_week(at_ms: int) -> int:
    """From 0 (Monday, midnight, UTC) to 167."""
    at = datetime.fromtimestamp(at_ms / 1000, UTC)
    return at.weekday() * 24 + at.hour


def price_band(price: float) -> str:
    """Half an octave of prices above 0: each begins at 1.41 times the price of the one before."""
    return str(math.floor(2 * math.log2(price)))


def count_clues(deeds: Iterable[Deed], now_ms: int, decay_days: float) -> dict[Feature, dict[str, float]]:
    """How often each value was seen, an event of ``decay_days`` ago as 1/e; each event's products share its weight."""
    counts: dict[Feature, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for deed in deeds:
        weight = math.exp(-max(0, now_ms - deed.at_ms) / MS_A_DAY / decay_days)
        for feature, value in clues_of(deed):
            if feature == "hour":
                _spread(counts["hour"], int(value), weight)
            elif feature != "rhythm":
                counts[feature][value] += weight
    return {feature: dict(values) for feature, values in counts.items()}


def learn_portrait(deeds: Sequence[Deed], crowd: Counts, now_ms: int, decay_days: float) -> Portrait:
    """What an identity is known by, beside the crowd's counts; nothing where it did nothing."""
    counts = count_clues(deeds, now_ms, decay_days)
    ratios: dict[Feature, Mapping[str, float]] = {}
    unseen: dict[Feature, float] = {}
    for feature, mine in counts.items():
        ratios[feature], unseen[feature] = _compare(feature, mine, crowd.get(feature, {}))
    visits = math.fsum(counts.get("hour", {}).values())
    return Portrait(Habits(ratios, unseen), visits, _rhythms(deeds))


def _compare(feature: Feature, mine: Mapping[str, float], crowd: Mapping[str, float]) -> tuple[dict[str, float], float]:
    """Ratios of the values that are seen most, and that of all others."""
    beside = ANYBODY.get(feature, FEW)
    total = math.fsum(mine.values())
    # An hour that nobody was seen in is still an hour.
    values = HOURS_A_WEEK if feature == "hour" else len({*crowd, *mine})
    everybody = math.fsum(crowd.values()) + total + values
    kept = sorted(mine, key=lambda value: (-mine[value], value))[:KEPT]
    ratios: dict[str, float] = {}
    for value in kept:
        usual = (crowd.get(value, 0.0) + mine[value] + 1.0) / everybody
        ratios[value] = math.log((mine[value] / usual + beside) / (total + beside))
    return ratios, math.log(beside / (total + beside))


def _spread(hours: dict[str, float], hour: int, weight: float) -> None:
    """Count an event for the hours around its own, and a little for the same hour of other days; ``weight`` in all."""
    shares: dict[int, float] = defaultdict(float)
    for distance, share in NEARBY:
        for near in {hour + distance, hour - distance}:
            shares[near % HOURS_A_WEEK] += share
    for day in range(7):
        shares[(hour + 24 * day) % HOURS_A_WEEK] += EVERY_DAY
    total = math.fsum(shares.values())
    for near, share in shares.items():
        hours[str(near)] += weight * share / total


def _rhythms(deeds: Sequence[Deed]) -> dict[str, tuple[int, float]]:
    """When each product that is bought again and again was bought last, and how many days lie between."""
    bought: dict[str, set[int]] = defaultdict(set)
    for deed in deeds:
        if deed.bought:
            for piece in deed.pieces:
                bought[piece.product_id].add(deed.at_ms)
    return {
        id_: (max(times), (max(times) - min(times)) / (len(times) - 1) / MS_A_DAY)
        for id_, times in sorted(bought.items())
        if len(times) >= LEAST_PURCHASES
    }


def _due(since_ms: int, days: float) -> float:
    """From -.5 just after a purchase to 1 when the usual time has passed; about 0 where that was long ago."""
    passed = max(since_ms / MS_A_DAY, 0.01) / max(days, 0.01)
    return 1.5 * math.exp(-(math.log(passed) ** 2) / 0.25) - (0.5 if passed < 1 else 0.0)
