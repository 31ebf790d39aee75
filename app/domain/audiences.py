"""Audiences: who is meant by a filter and a channel, judged by each identity's own data only. No I/O."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Literal

from app.domain.channels import Channel

Condition = Literal[
    "communities", "microgenres", "brands", "niches", "price_sensitivity", "days_since_purchase", "purchases"
]
Reason = Literal["kind", "consent", "reachable", Condition]

UNKNOWN = "there is none of this id"
ALL_SENSITIVE = "no product of it may be gone by: it has none, or all of them are of something sensitive"


@dataclass(frozen=True, slots=True)
class Span:
    """From one number to another, both included; ``None``: open at that end."""

    min: float | None = None
    max: float | None = None

    def holds(self, value: float | None) -> bool:
        """Say whether a value lies within; what is not known never does."""
        return value is not None and (self.min is None or self.min <= value) and (self.max is None or value <= self.max)


@dataclass(frozen=True, slots=True)
class Niche:
    """Members of a community who buy nothing of a brand yet."""

    brand: str
    community: str


@dataclass(frozen=True, slots=True)
class AudienceFilter:
    """Who is meant: all conditions that are given must hold, of a list one entry must; without any, whoever may be."""

    channel: Channel
    communities: tuple[str, ...] = ()
    microgenres: tuple[str, ...] = ()
    """Who bought something in one of them; of what is sensitive nothing counts, here and for brands."""
    brands: tuple[str, ...] = ()
    niches: tuple[Niche, ...] = ()
    price_sensitivity: Span | None = None
    days_since_purchase: Span | None = None
    purchases: Span | None = None
    """Products bought and kept, each day once."""

    def canonical(self) -> str:
        """The same text for filters that say the same: JSON, entries sorted, each once."""
        return json.dumps(filter_fields(self), sort_keys=True)


def filter_fields(filter_: AudienceFilter) -> dict[str, Any]:
    """What a filter says as JSON has it; conditions that are not given are left out."""
    said = asdict(filter_)
    lists = {name: sorted(set(said[name])) for name in ("communities", "microgenres", "brands")}
    niches = sorted({(one.brand, one.community) for one in filter_.niches})
    whole = {**said, **lists, "niches": [{"brand": brand, "community": community} for brand, community in niches]}
    return {name: value for name, value in whole.items() if value}


def read_filter(fields: Mapping[str, Any]) -> AudienceFilter:
    """Read what ``filter_fields`` made."""
    spans = {
        name: Span(**fields[name])
        for name in ("price_sensitivity", "days_since_purchase", "purchases")
        if name in fields
    }
    return AudienceFilter(
        channel=fields["channel"],
        communities=tuple(fields.get("communities", ())),
        microgenres=tuple(fields.get("microgenres", ())),
        brands=tuple(fields.get("brands", ())),
        niches=tuple(Niche(**one) for one in fields.get("niches", ())),
        **spans,
    )


@dataclass(frozen=True, slots=True)
class Audience:
    """A filter that somebody keeps under a name."""

    name: str
    filter: AudienceFilter
    changed_at: datetime
    changed_by: str
    """Id of the key."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """What the names in a filter stand for now."""

    run: str | None
    """The active run; ``None`` before the first."""
    communities: frozenset[str]
    """Those named that there are."""
    microgenres: Mapping[str, frozenset[str]]
    """Products by microgenre named, without what is sensitive; those that there are."""
    brands: Mapping[str, frozenset[str]]
    """The same by brand named, those of niches included."""

    def unknown(self, filter_: AudienceFilter) -> tuple[tuple[str, str], ...]:
        """Paths of the filter's entries that cannot be used, each with the reason."""
        paths: list[tuple[str, str | None]] = [
            *((f"communities.{at}", self._community(one)) for at, one in enumerate(filter_.communities)),
            *((f"microgenres.{at}", _of(self.microgenres, one)) for at, one in enumerate(filter_.microgenres)),
            *((f"brands.{at}", _of(self.brands, one)) for at, one in enumerate(filter_.brands)),
            *((f"niches.{at}.community", self._community(one.community)) for at, one in enumerate(filter_.niches)),
            *((f"niches.{at}.brand", _of(self.brands, one.brand)) for at, one in enumerate(filter_.niches)),
        ]
        return tuple((path, reason) for path, reason in paths if reason)

    def _community(self, id_: str) -> str | None:
        return None if id_ in self.communities else UNKNOWN


def _of(known: Mapping[str, frozenset[str]], id_: str) -> str | None:
    if id_ not in known:
        return UNKNOWN
    return None if known[id_] else ALL_SENSITIVE


@dataclass(frozen=True, slots=True)
class Size:
    """About how many an audience has, as figures of people are published."""

    people: int | None
    """Noisy; ``None`` where they may be too few to look at, or where no more sizes are counted these days."""
    note: str | None = None
    """Why there is no number."""
    may_be_exported: bool | None = None
    """Whether they are surely enough for an export; ``None``: not counted."""
    counted_at: datetime | None = None
    """A filter is counted once in the days for which figures stand."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What conditions look at in one identity that consents to the channel and is reachable by it."""

    id: str
    counts: bool
    """Whether it counts towards k: whom a public key brought does only after some days."""
    in_communities: bool
    in_microgenres: bool
    in_brands: bool
    in_niches: bool
    price_sensitivity: float | None
    last_bought_at: datetime | None
    purchases: int


@dataclass(frozen=True, slots=True)
class Check:
    """One condition of a filter and whether an identity meets it."""

    condition: Reason
    met: bool
    text: str
    """For people."""


@dataclass(frozen=True, slots=True)
class Explained:
    """Why an identity is in an audience, or is not."""

    is_member: bool
    checks: tuple[Check, ...]
    """Consent and reach first; behind one that is not met nothing of what it does and likes is looked at."""


def check_conditions(filter_: AudienceFilter, facts: Facts, now: datetime) -> list[Check]:
    """Judge the conditions that a filter has, in the order of its fields."""
    days = (now - facts.last_bought_at).total_seconds() / 86_400 if facts.last_bought_at else None
    checks: list[Check] = []
    listed: Sequence[tuple[Condition, Sequence[object], bool, str, str]] = (
        ("communities", filter_.communities, facts.in_communities, "belongs to one", "belongs to none"),
        ("microgenres", filter_.microgenres, facts.in_microgenres, "bought in one", "bought in none"),
        ("brands", filter_.brands, facts.in_brands, "bought of one", "bought of none"),
        ("niches", filter_.niches, facts.in_niches, "belongs to one", "belongs to none, or buys the brand"),
    )
    for name, wanted, met, yes, no in listed:
        if wanted:
            checks.append(Check(name, met, f"{yes} of the {name}" if met else f"{no} of the {name}"))
    measured: Sequence[tuple[Condition, Span | None, float | None, str]] = (
        ("price_sensitivity", filter_.price_sensitivity, facts.price_sensitivity, "price sensitivity"),
        ("days_since_purchase", filter_.days_since_purchase, days, "days since the last purchase"),
        ("purchases", filter_.purchases, facts.purchases, "purchases"),
    )
    for name, span, value, label in measured:
        if span is not None:
            met = span.holds(value)
            is_known = "not known" if value is None else "within" if met else "outside of"
            checks.append(Check(name, met, f"{label}: {is_known}{'' if value is None else ' what is asked'}"))
    return checks


def is_meant(filter_: AudienceFilter, facts: Facts, now: datetime) -> bool:
    """Say whether all conditions hold."""
    return all(check.met for check in check_conditions(filter_, facts, now))
