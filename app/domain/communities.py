"""Taste communities, microgenres and how they go together, as a run published them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from app.domain.disclosure import UNKNOWN, Figure

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
    """What a run published of one community's members."""

    size: int | None = None
    """About so many members; ``None``: they may be fewer than k, and nothing else is known."""
    figures: Mapping[str, Figure] = field(default_factory=dict[str, Figure])
    """By name; see ``app/taste/portraits.py``."""
    strength_counts: tuple[int | None, ...] = ()
    """Members by ``STRENGTH_BINS``; ``None``: they may be fewer than k."""
    purchase_counts: tuple[int | None, ...] = ()
    """Members by ``PURCHASE_BINS``; ``None``: they may be fewer than k."""
    currency: str | None = None
    most_active: Figure = UNKNOWN
    """Share of all purchases that the most active tenth made."""
    most_valuable: Figure = UNKNOWN
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
class Neighbour:
    """A community that shares members with this one."""

    id: str
    label: str | None
    shared: Figure
    """Share of this community's members."""


@dataclass(frozen=True, slots=True)
class FoundStep:
    """What became of a community from one run to the next, by the products that are at home in both."""

    event: str
    overlap: float | None
    """Share of their products that are at home in both."""
    products: int | None
    before_id: str


@dataclass(frozen=True, slots=True)
class FoundCommunity:
    """One community as a run published it."""

    id: str
    run: str
    label: str | None
    terms: tuple[str, ...]
    portrait: Portrait
    structure: Structure | None = None
    before: int | None = None
    """Its size as it was published the time before."""
    born: bool = False
    died_in: str | None = None
    run_at: datetime | None = None
    came_from: tuple[FoundStep, ...] = ()
    neighbours: tuple[Neighbour, ...] = ()


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
    """About so many members."""
    matches: tuple[Match, ...] = ()


@dataclass(frozen=True, slots=True)
class Bin:
    """How many members lie between two values."""

    from_value: float
    to_value: float | None
    """``None``: without end."""
    members: int | None
    """About so many; ``None``: they may be fewer than k."""


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
