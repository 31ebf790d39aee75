"""Links: what a source says of two things that belong together, or do not. Evidence, never a merge. No I/O."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal, get_args

from app.domain import clock
from app.domain.models import Identifier, Identity

LinkType = Literal[
    "person_identity",
    "identity_account",
    "account_household",
    "person_household",
    "identity_identifier",
    "follows",
    "not_same_as",
]
EndKind = Literal["person", "identity", "account", "household", "identifier"]
LinkStatus = Literal["live", "upcoming", "expired", "ended"]

LINK_TYPES: tuple[LinkType, ...] = get_args(LinkType)

ENDS: Mapping[LinkType, tuple[EndKind, EndKind]] = {
    "person_identity": ("person", "identity"),
    "identity_account": ("identity", "account"),
    "account_household": ("account", "household"),
    "person_household": ("person", "household"),
    "identity_identifier": ("identity", "identifier"),
    "follows": ("identity", "identity"),
    "not_same_as": ("identity", "identity"),
}
"""What stands at the start and at the end of a link, by its type."""


@dataclass(frozen=True, slots=True)
class Link:
    """What one source says of two things; all that it said comes together in one link."""

    type: LinkType
    start: str
    end: str
    """Id; of an identifier its digest."""
    source: str
    confidence: float
    """0 to 1; as last said."""
    first_seen: datetime
    last_seen: datetime
    valid_until: datetime | None = None
    """As last said; ``None``: until further notice."""
    identifier: Identifier | None = None
    """What stands at the end of ``identity_identifier``."""
    id: str | None = None
    """Random hex; ``None`` for a link that is not stored."""

    @property
    def key(self) -> tuple[LinkType, str, str, str]:
        """Equal for all that one source says of two things."""
        return (self.type, self.start, self.end, self.source)

    @property
    def ends(self) -> tuple[tuple[EndKind, str], tuple[EndKind, str]]:
        """Kind and id of both ends."""
        kinds = ENDS[self.type]
        return (kinds[0], self.start), (kinds[1], self.end)

    def status(self, at: datetime) -> LinkStatus:
        """Say whether it holds at a moment."""
        if self.id is None:
            return "ended"
        if self.first_seen > at:
            return "upcoming"
        return "live" if self.is_live(at) else "expired"

    def is_live(self, at: datetime) -> bool:
        """Say whether it was seen by ``at`` and is valid then."""
        return self.first_seen <= at and (self.valid_until is None or self.valid_until > at)


@dataclass(frozen=True, slots=True)
class WrittenLinks:
    """What became of links that were asserted."""

    stored: Sequence[Link] = ()
    """As they were asserted."""
    ids: Sequence[str] = ()
    """Of those that are stored, in the same order."""
    unknown: Sequence[Link] = ()
    """Those that lack an identity, or name somebody who was erased; nothing of them is written."""
    ended: Sequence[Link] = ()
    """Those that were ended after they had been seen; they change nothing."""


def seen_link(
    type_: LinkType,
    start: str,
    end: str | Identifier,
    source: str,
    seen_at: datetime,
    *,
    confidence: float = 1.0,
    valid_until: datetime | None = None,
) -> Link:
    """Make the link of one assertion; times are cut to milliseconds, and NOT_SAME_AS reads the same both ways."""
    identifier = end if isinstance(end, Identifier) else None
    last = end.digest if isinstance(end, Identifier) else end
    if type_ == "not_same_as" and last < start:
        start, last = last, start
    at = clock.to_milliseconds(seen_at)
    until = None if valid_until is None else clock.to_milliseconds(valid_until)
    return Link(type_, start, last, source, confidence, at, at, until, identifier)


def joined_assertions(links: Iterable[Link]) -> list[Link]:
    """Bring what each source said of each pair into one link; neither order nor repetition matters.

    Sorted by type and ends, the lock order of all writers.
    """
    by_key: dict[tuple[LinkType, str, str, str], Link] = {}
    for link in links:
        key = link.key
        known = by_key.get(key)
        by_key[key] = link if known is None else _joined(known, link)
    return [by_key[key] for key in sorted(by_key)]


def links_of(identity: Identity, seen_at: datetime) -> list[Link]:
    """Links that are asserted together with an identity."""
    who, source, person, account, home = (
        identity.id,
        identity.source,
        identity.person_id,
        identity.account_id,
        identity.household_id,
    )
    found = [seen_link("identity_identifier", who, known, source, seen_at) for known in identity.identifiers]
    if person is not None:
        found.append(seen_link("person_identity", person, who, source, seen_at))
        if home is not None:
            found.append(seen_link("person_household", person, home, source, seen_at))
    if account is not None:
        found.append(seen_link("identity_account", who, account, source, seen_at))
        if home is not None:
            found.append(seen_link("account_household", account, home, source, seen_at))
    return found


def _joined(one: Link, other: Link) -> Link:
    """Take confidence and validity from what was seen last; of equal times the doubtful and the shorter one."""
    latest = max(one, other, key=lambda link: link.last_seen)
    if one.last_seen == other.last_seen:
        untils = [link.valid_until for link in (one, other) if link.valid_until is not None]
        doubt = min(one.confidence, other.confidence)
        latest = replace(latest, confidence=doubt, valid_until=min(untils, default=None))
    first = min(one.first_seen, other.first_seen)
    return replace(latest, first_seen=first, id=one.id or other.id)
