"""What every source is: it scores candidates for a question, and says which seed each score comes from."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from app.domain.recommendation import Seed, SeedKind, Source
from app.recommend.history import History
from app.recommend.membership import Belonging
from app.recommend.model import Places, RunModel, Spread
from app.recommend.query import Query
from app.recommend.tuning import Tuning
from app.taste.values import Floats, Ints


@dataclass(frozen=True, slots=True)
class Ask:
    """A question with all that sources may look at."""

    query: Query
    history: History
    belonging: Belonging
    model: RunModel
    tuning: Tuning


@dataclass(frozen=True, slots=True)
class Scores:
    """Scores of candidates, one entry a candidate and seed; a candidate may come several times. 0 for all others."""

    products: Places
    """Places in the run's model."""
    values: Floats
    """0 or more; in one unit with all scores of this source."""
    lengths: Ints
    """How many entries are of each seed; they come seed by seed."""
    seeds: tuple[Seed, ...]
    """History and context items, communities or microgenres; () unless an explanation is wanted."""

    def __len__(self) -> int:
        return len(self.products)


NO_SCORES = Scores(np.zeros(0, np.int32), np.zeros(0), np.zeros(0, np.int64), ())


class ScoringSource(Protocol):
    """One way to find candidates."""

    @property
    def source(self) -> Source:
        """What a request calls it, and an item whose score is mostly its."""
        ...

    @property
    def kinds(self) -> tuple[SeedKind, ...]:
        """Kinds of its seeds."""
        ...

    def score(self, ask: Ask) -> Scores:
        """Score candidates; ``NO_SCORES`` when it has nothing to go by. Never looks at what is owned or offered."""
        ...


def scores_of(spread: Spread, seeds: tuple[Seed, ...]) -> Scores:
    """Turn entries of the model's rows into scores."""
    return Scores(spread.targets, spread.values, spread.lengths, seeds)
