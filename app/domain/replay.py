"""Replay: what another policy would have earned on the places of logged decisions that were left to chance. No I/O."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from app.domain.disclosure import UNKNOWN, Figure
from app.domain.recommendation import Rule
from app.domain.scenarios import Pin

Reward = Literal["clicked", "bought"]
"""What a place earns: a click on its product, or an order with it that is credited to the decision; 0 or 1."""
Kind = Literal["products", "creatives"]

NO_OVERLAP = "not enough overlap"
"""Stands beside every estimate that the log says too little of."""


@dataclass(frozen=True, slots=True)
class Policy:
    """Another way to fill places, as far as it can be computed again from what was logged."""

    rules: tuple[Rule, ...] = ()
    """Beside those that were in force."""
    pins: tuple[Pin, ...] = ()
    exploration: float | None = None
    """Chance that a place is drawn by lot; ``None``: as it was."""
    uniform: bool = False
    """Whether each creative that fits has the same chance."""
    first: tuple[str, ...] = ()
    """Creatives that are taken before all others wherever they fit, in this order."""
    without: tuple[str, ...] = ()
    """Creatives that are not shown."""

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """What it would have chosen otherwise."""
        products = bool(self.rules or self.pins) or self.exploration is not None
        creatives = self.uniform or bool(self.first or self.without)
        return (*(("products",) if products else ()), *(("creatives",) if creatives else ()))


@dataclass(frozen=True, slots=True)
class LoggedDecision:
    """One answer as the log has it; lists of places are as long as ``product_ids``, or empty."""

    id: str
    identity_id: str
    at: datetime
    product_ids: tuple[str, ...]
    propensities: tuple[float, ...]
    deterministic: tuple[bool, ...] = ()
    """Empty where nothing was pinned or planned."""
    candidate_ids: tuple[str, ...] = ()
    """What its places were drawn from, best first; empty where no products were drawn."""
    candidate_scores: tuple[float, ...] = ()
    exploration: float = 0.0
    first_place: int = 1
    creative_ids: tuple[str, ...] = ()
    creative_propensities: tuple[float, ...] = ()
    eligible: tuple[Mapping[str, float], ...] = ()
    """By place, the creatives that fitted with their chances."""
    clicked: frozenset[str] = frozenset()
    """Products of it that were clicked."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a policy would have earned on places of one kind, the other kind left as it was."""

    kind: Kind
    note: str | None = None
    """Why there is no estimate; ``None`` where there is one."""
    people: int | None = None
    """About so many identities had these places."""
    places: int | None = None
    """About so many."""
    covered: float | None = None
    """Which part of what the policy would show was a candidate in the log."""
    effective_places: int | None = None
    """About so many places of the policy itself would say as much (Kish)."""
    logged: Figure = UNKNOWN
    """What was earned a place, where the policy is covered; unknown where too little of it is."""
    ips: Figure = UNKNOWN
    snips: Figure = UNKNOWN
    doubly_robust: Figure = UNKNOWN
    change: Figure = UNKNOWN
    """Doubly robust, less what was earned."""


@dataclass(frozen=True, slots=True)
class Replayed:
    """The answer of a replay."""

    reward: Reward
    since: datetime
    until: datetime
    """Decisions before it; those after may still earn something."""
    is_cut: bool
    """Whether there were more decisions than are read, so that the oldest were left out."""
    estimates: tuple[Estimate, ...]
