"""What is known of an identity, put for people to read. No I/O."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from app.domain.consent import Effective
from app.domain.models import Consent, IdentityKind, InteractionType, Purpose


@dataclass(frozen=True, slots=True)
class KnownLike:
    """One like as of now, and what it rests on."""

    product_id: str
    title: str | None
    """``None`` for a product that the catalogue does not hold yet."""
    weight: float
    """Evidence weight now, after its decay."""
    full_price_weight: float
    """The part of it that speaks for buying at full price."""
    count: int
    """Interactions that carried evidence."""
    purchases: int
    last_at: datetime
    events: Mapping[InteractionType, int]
    """Interactions by type, those without evidence too."""
    discount_share: float | None
    """Mean share of the list price that was not paid, 0 to 1, over the lines with both prices; else ``None``."""


@dataclass(frozen=True, slots=True)
class KnownConsent:
    """What one purpose's log comes to now, and the record that says so."""

    purpose: Purpose
    effective: Effective
    latest: Consent


@dataclass(frozen=True, slots=True)
class Estimate:
    """A share, 0 to 1, as a run estimates it, with its 95 % interval."""

    estimate: float
    low: float
    high: float
    n: int
    """Purchase lines that it rests on."""


@dataclass(frozen=True, slots=True)
class Susceptibility:
    """How much deals and trends move an identity; ``None`` where nothing is known."""

    price_sensitivity: Estimate | None = None
    """The share of deals that it would have, were it to buy what the shop sells."""
    trend_susceptibility: Estimate | None = None
    """Of what it buys at full price, how much was on the rise outside its own communities."""


@dataclass(frozen=True, slots=True)
class IdentityDescription:
    """An identity by itself; never what its siblings did."""

    id: str
    kind: IdentityKind
    likes: list[KnownLike]
    """Strongest first."""
    consents: list[KnownConsent]
    """One a purpose that was ever spoken about; every other one is denied."""
    price_sensitivity: Estimate | None = None
    trend_susceptibility: Estimate | None = None
