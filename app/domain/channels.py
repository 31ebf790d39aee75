"""Channels: the ways in which something reaches an identity, what each needs, and why one may not be used. No I/O."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta, tzinfo
from decimal import Decimal
from typing import Literal, get_args

from app.domain.consent import deciding_record, is_live
from app.domain.models import Address, Consent, Purpose

Channel = Literal["web", "app", "packaging", "newsletter", "email", "push", "paid_social", "sms", "direct_mail"]
CHANNELS: tuple[Channel, ...] = get_args(Channel)
"""The quietest first: whoever is there already, what comes with a parcel, what was subscribed to, what interrupts, what
follows somebody elsewhere, what costs most."""

PURPOSE_OF: Mapping[Channel, Purpose] = {
    "web": "personalise_content",
    "app": "personalise_content",
    "packaging": "packaging",
    "newsletter": "newsletter",
    "email": "email_marketing",
    "push": "push",
    "paid_social": "ads_audience",
    "sms": "sms",
    "direct_mail": "direct_mail",
}
"""What must be consented to."""

ADDRESS_OF: Mapping[Channel, Address] = {
    "newsletter": "email",
    "email": "email",
    "push": "push",
    "sms": "sms",
    "direct_mail": "direct_mail",
}
"""What an identity must be reachable by; the others need no address."""

VISITED: frozenset[Channel] = frozenset({"web", "app"})
"""Somebody comes to them; through the others the shop goes to somebody."""

OPEN_CHANNELS = frozenset(CHANNELS) - VISITED
OPEN_PURPOSES = frozenset(PURPOSE_OF[channel] for channel in OPEN_CHANNELS)
"""Through these, others than whom it is for may see what is shown."""

Part = Literal["image_link", "headline", "text"]
Why = Literal["no_consent", "not_reachable", "cap_reached", "quiet_hours"]


@dataclass(frozen=True, slots=True)
class Cap:
    """At most so many contacts in any so many days."""

    contacts: int
    """0 or more; with 0 the channel is not used at all."""
    days: int


@dataclass(frozen=True, slots=True)
class QuietHours:
    """From one time of the day to another, over midnight where the first is the later; in the identity's own zone."""

    start: time
    end: time

    def until(self, now: datetime, zone: tzinfo) -> datetime | None:
        """When they are over, in UTC; ``None`` outside of them."""
        local = now.astimezone(zone)
        at = local.time()
        over_midnight = self.start > self.end
        is_quiet = (at >= self.start or at < self.end) if over_midnight else self.start <= at < self.end
        if not is_quiet:
            return None
        day = local.date() + timedelta(days=at >= self.end)
        return datetime.combine(day, self.end, tzinfo=zone).astimezone(UTC)


@dataclass(frozen=True, slots=True)
class ChannelRules:
    """What a tenant says of one channel."""

    cost: Decimal = Decimal(0)
    """Of one contact, in the shop's currency."""
    cap: Cap | None = None
    quiet: QuietHours | None = None
    must_have: tuple[Part, ...] = ("headline",)
    """What a creative must have to be used in it."""


_NIGHT = QuietHours(time(20), time(8))

DEFAULT_RULES: Mapping[Channel, ChannelRules] = {
    "web": ChannelRules(),
    "app": ChannelRules(),
    "packaging": ChannelRules(Decimal("0.05")),
    "newsletter": ChannelRules(Decimal("0.001"), Cap(2, 7)),
    "email": ChannelRules(Decimal("0.001"), Cap(2, 7)),
    "push": ChannelRules(Decimal(0), Cap(2, 7), _NIGHT),
    "paid_social": ChannelRules(Decimal("0.01"), Cap(7, 7), None, ("image_link", "headline")),
    "sms": ChannelRules(Decimal("0.08"), Cap(1, 7), _NIGHT, ("text",)),
    "direct_mail": ChannelRules(Decimal("0.75"), Cap(1, 30), None, ("headline", "text")),
}


@dataclass(frozen=True, slots=True)
class ChannelBook:
    """What a tenant says of all its channels."""

    rules: Mapping[Channel, ChannelRules] = field(default_factory=lambda: dict(DEFAULT_RULES))
    time_zone: str = "UTC"
    """Of identities that have none of their own."""


@dataclass(frozen=True, slots=True)
class Contact:
    """What of an identity decides whether it may be contacted; nothing of it for whom nobody knows."""

    consents: Sequence[Consent] = ()
    reachable: Collection[Address] = frozenset()
    """What bounced since is not among them."""
    time_zone: str | None = None
    sent: Mapping[str, Sequence[datetime]] = field(default_factory=dict[str, Sequence[datetime]])
    """When something was sent to it, newest first, by channel."""
    counts: bool = True
    """Whether it counts towards k: whom a public key brought does only after some days."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a channel may not be used for an identity now."""

    channel: Channel
    why: Why
    text: str
    """For people."""
    since: datetime | None = None
    until: datetime | None = None
    is_final: bool = False
    """Whether nothing louder may be tried in its place: it was refused or taken back, is full, or it is quiet there."""


def refusal_of(channel: Channel, rules: ChannelRules, contact: Contact, now: datetime, zone: tzinfo) -> Refusal | None:
    """Say why a channel may not be used now; ``None`` where it may.

    A visit needs neither consent nor address: whoever comes sees something, and without consent what anybody sees.
    """
    if channel not in VISITED:
        refusal = without_consent(channel, contact.consents, now) or out_of_reach(channel, contact)
        if refusal:
            return refusal
    return _over_cap(channel, rules.cap, contact, now) or _in_quiet_hours(channel, rules.quiet, now, zone)


def without_consent(channel: Channel, consents: Sequence[Consent], now: datetime) -> Refusal | None:
    """Say since when there is no live consent to a channel's purpose; ``None`` where there is one."""
    record = deciding_record(consents, PURPOSE_OF[channel], now)
    if record is None:
        return Refusal(channel, "no_consent", f"no consent for {channel}")
    if is_live(record, now):
        return None
    has_expired = record.status == "granted"
    since = record.expires_at if has_expired and record.expires_at else record.at
    text = f"no consent for {channel} since {since:%Y-%m-%d}"
    return Refusal(channel, "no_consent", text, since, is_final=not has_expired)


def out_of_reach(channel: Channel, contact: Contact) -> Refusal | None:
    """Say which address a channel needs that nothing arrives at; ``None`` where something does, or none is needed."""
    address = ADDRESS_OF.get(channel)
    if address is None or address in contact.reachable:
        return None
    return Refusal(channel, "not_reachable", f"not reachable by {address}")


def _over_cap(channel: Channel, cap: Cap | None, contact: Contact, now: datetime) -> Refusal | None:
    if cap is None:
        return None
    text = f"cap of {cap.contacts} in {cap.days} days reached"
    if not cap.contacts:
        return Refusal(channel, "cap_reached", text, is_final=True)
    window = timedelta(days=cap.days)
    counted = sorted((at for at in contact.sent.get(channel, ()) if at > now - window), reverse=True)
    if len(counted) < cap.contacts:
        return None
    return Refusal(channel, "cap_reached", text, until=counted[cap.contacts - 1] + window, is_final=True)


def _in_quiet_hours(channel: Channel, quiet: QuietHours | None, now: datetime, zone: tzinfo) -> Refusal | None:
    until = quiet.until(now, zone) if quiet else None
    if until is None:
        return None
    return Refusal(
        channel, "quiet_hours", f"quiet until {until.astimezone(zone):%H:%M} {zone}", until=until, is_final=True
    )
