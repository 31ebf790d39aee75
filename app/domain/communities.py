"""Taste communities, microgenres and how they go together: as a run measured them, and as they are told."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from app.domain.disclosure import Figure, Measured

STRENGTH_BINS = (0.0, 0.2, 0.35, 0.5)
"""Lower ends of the strengths that are counted together."""

PURCHASE_BINS = (0, 1, 6, 21, 51)
"""Lower ends of the numbers of purchases that are counted together."""

WINDOW_DAYS = 28
"""What counts as now; growth compares it with as many days before."""

MemberOrder = Literal["activity", "value"]
"""By number of purchases, or by spend."""

MatchKind = Literal["microgenre", "brand"]


@dataclass(frozen=True, slots=True)
class Portrait:
    """What a run measured of one community's members; exact, so only told through ``Disclosure``."""

    size: int
    """Members."""
    strength: Measured | None = None
    """Median strength of membership."""
    strength_counts: tuple[int, ...] = ()
    """Members by ``STRENGTH_BINS``."""
    purchases: Measured | None = None
    """Purchases a member."""
    purchase_counts: tuple[int, ...] = ()
    """Members by ``PURCHASE_BINS``."""
    days_since_last: Measured | None = None
    """Median days since a member's last purchase."""
    active: int = 0
    """Members with a purchase in the last ``WINDOW_DAYS``."""
    momentum: Measured | None = None
    """Purchases of the last ``WINDOW_DAYS`` over those of as many days before."""
    spend: Measured | None = None
    """Money a member, in ``currency``, over all that is on record."""
    currency: str | None = None
    full_price_share: Measured | None = None
    """Of a member's spend, what was paid at full price."""
    deal_share: Measured | None = None
    """Of a member's purchase lines, those bought below the list price."""
    repeat_share: Measured | None = None
    """Of a member's products, those bought more than once."""
    alive_share: Measured | None = None
    """Members who are expected to be customers still; of those who ever bought."""
    top_members: int = 0
    """Members in the most active, and in the most valuable, tenth."""
    top_purchases_share: float | None = None
    """Share of all purchases that the most active tenth made."""
    top_spend_share: float | None = None
    """Share of all spend that the most valuable tenth spent."""


@dataclass(frozen=True, slots=True)
class Structure:
    """How a community's home products hang together; of products, not of people."""

    products: int
    density: float | None
    """Share of the possible similarities between its products that are there."""
    conductance: float | None
    """Share of its similarity weight that leads out of it; lower: more apart."""
    core_share: float | None
    """Share of its products with most of their similarity weight inside."""


@dataclass(frozen=True, slots=True)
class FoundMatch:
    """How much more than elsewhere a community buys in a microgenre or of a brand, as a run found it."""

    community_id: str
    kind: MatchKind
    id: str
    label: str
    lift: float
    low: float
    high: float
    support: int
    """Members of the community that the lift rests on."""
    community_label: str | None = None
    community_size: int = 0


@dataclass(frozen=True, slots=True)
class FoundNeighbour:
    """A community that shares members with another one."""

    id: str
    label: str | None
    size: int
    shared: int
    """Members of both."""


@dataclass(frozen=True, slots=True)
class FoundStep:
    """What became of a community from one run to the next, as a run found it."""

    event: str
    overlap: float | None
    before_id: str
    before_size: int
    id: str
    size: int


@dataclass(frozen=True, slots=True)
class FoundCommunity:
    """One community of a run."""

    id: str
    run: str
    label: str | None
    terms: tuple[str, ...]
    portrait: Portrait
    structure: Structure | None = None
    price_sensitivity: Measured | None = None
    trend_susceptibility: Measured | None = None
    trend_share: Measured | None = None
    """Of a member's full-price purchases, what was on the rise outside the community at that time."""
    born: bool = False
    died_in: str | None = None
    run_at: datetime | None = None
    came_from: tuple[FoundStep, ...] = ()
    neighbours: tuple[FoundNeighbour, ...] = ()


@dataclass(frozen=True, slots=True)
class Genre:
    """A microgenre of a run: a cluster of products, so it says nothing of people."""

    id: str
    label: str
    """The name that somebody gave it, else the one that was found."""
    found_label: str | None
    products: int | None


@dataclass(frozen=True, slots=True)
class Match:
    """An association as it is told; its lift is how many times as often as elsewhere."""

    community_id: str
    community_label: str | None
    kind: MatchKind
    id: str
    label: str
    lift: Figure
    """``n``: members that it rests on."""


@dataclass(frozen=True, slots=True)
class Summary:
    """One line of the list of communities."""

    id: str
    too_few: bool
    label: str | None = None
    size: int | None = None
    """At least so many members."""
    matches: tuple[Match, ...] = ()


@dataclass(frozen=True, slots=True)
class Bin:
    """How many members lie between two values."""

    from_value: float
    to_value: float | None
    """``None``: without end."""
    members: int | None
    """At least so many; ``None``: fewer than k."""


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A community that shares members with this one."""

    id: str
    label: str | None
    shared: Figure
    """Share of this community's members."""


@dataclass(frozen=True, slots=True)
class Step:
    """How a community came out of one of the run before."""

    event: str
    from_id: str
    overlap: Figure


@dataclass(frozen=True, slots=True)
class Epoch:
    """A community in one run."""

    run: str
    at: datetime | None
    too_few: bool
    label: str | None
    size: int | None
    growth: Figure
    """Change of its size since the run before, as a share."""
    born: bool
    died_in: str | None
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Top:
    """What the most active or most valuable tenth accounts for; nobody is named."""

    members: int | None
    share: Figure


@dataclass(frozen=True, slots=True)
class Told:
    """A portrait as it is told."""

    id: str
    run: str
    too_few: bool
    label: str | None = None
    terms: tuple[str, ...] = ()
    size: int | None = None
    figures: dict[str, Figure] = field(default_factory=dict[str, Figure])
    """By name; see ``app/services/portraits.py``."""
    strengths: tuple[Bin, ...] = ()
    purchases: tuple[Bin, ...] = ()
    currency: str | None = None
    most_active: Top | None = None
    most_valuable: Top | None = None
    neighbours: tuple[Neighbour, ...] = ()
    microgenres: tuple[Match, ...] = ()
    brands: tuple[Match, ...] = ()


@dataclass(frozen=True, slots=True)
class Members:
    """Members of a community by id; no figure stands beside anybody."""

    community_id: str
    run: str
    by: MemberOrder
    too_few: bool
    """Fewer than k may be listed, so nobody is."""
    identity_ids: tuple[str, ...]
    """Best first; of those who bought."""
