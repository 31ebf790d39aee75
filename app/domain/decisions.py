"""Decisions: which product, which creative, which channel, now; and why not another. No I/O."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from app.domain.channels import Channel, Why
from app.domain.recommendation import Choice, Item, Method, Outcome, RunStamp

WhyNotCode = (
    Why
    | Literal[
        "quieter_chosen",
        "louder_than_refused",
        "no_creative",
        "does_not_pay",
        "sold_out",
        "dead_picture",
        "names_traits",
        "not_yet",
        "over",
        "lacks_part",
        "fits_nothing",
        "less_likely",
    ]
)


@dataclass(frozen=True, slots=True)
class Bar:
    """What must be expected of a contact, for it to be made."""

    margin: float
    """Part of the price that the shop keeps."""
    least_gain: float = 0.0
    """In the shop's currency, beyond the channel's cost."""


@dataclass(frozen=True, slots=True)
class WhyNot:
    """Why a channel, or a creative in the channel that was looked at, was not chosen."""

    code: WhyNotCode
    text: str
    """For people."""
    channel: Channel
    creative_id: str | None = None
    """``None``: the channel itself."""
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class RenderedItem:
    """A product in a creative, filled in for it."""

    item: Item
    choice: Choice
    image_link: str | None
    headline: str | None
    text: str | None


@dataclass(frozen=True, slots=True)
class Decided:
    """The answer; of the same shape whoever asked."""

    decision_id: str
    identity_id: str | None
    method: Method
    confidence: float | None
    outcome: Outcome | Literal["not_allowed"]
    channel: Channel | None
    """``None``: nothing now."""
    items: tuple[RenderedItem, ...]
    why_not: tuple[WhyNot, ...]
    """Channels in the order in which they were looked at, then creatives; for the shop's own staff alone."""
    passed_over: tuple[Channel, ...]
    """Channels that were asked for and not chosen."""
    run: RunStamp | None
    unsubscribe_token: str | None
