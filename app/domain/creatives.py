"""Creatives: what a product, brand or category wears in a channel, its picture and words, and when. No I/O."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from app.domain.channels import Channel, Part
from app.domain.models import Tag
from app.domain.recommendation import Offer

VARIABLES: tuple[str, ...] = ("product.title", "product.price", "product.brand", "product.category", "product.link")
"""What may stand in braces in headline and text."""

_PLACE = re.compile(r"\{([^{}]*)\}|[{}]")

Unused = Literal["sold_out", "dead_picture", "names_traits", "not_yet", "over"]
"""Why a creative is used for nobody at the moment."""


class TemplateError(ValueError):
    """A text with braces around something that is no variable; the message says where."""


@dataclass(frozen=True, slots=True)
class About:
    """What a creative is for: whatever of the shop is named in any of these; anything where nothing is."""

    product_ids: tuple[str, ...] = ()
    brands: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    """Names; a category holds those below it."""
    microgenres: tuple[str, ...] = ()
    """Ids."""

    @property
    def is_anything(self) -> bool:
        """Whether nothing is named."""
        return not (self.product_ids or self.brands or self.categories or self.microgenres)


@dataclass(frozen=True, slots=True)
class Creative:
    """One creative of a tenant as it was last put."""

    id: str
    channels: tuple[Channel, ...]
    about: About = About()
    image_link: str | None = None
    headline: str | None = None
    text: str | None = None
    tags: tuple[Tag, ...] = ()
    """Mood, setting, who is in the picture …"""
    valid_from: datetime | None = None
    valid_until: datetime | None = None
    pinned: bool = False
    """Taken before all others wherever it fits; nothing is learned from such places."""

    def lacks(self, parts: Sequence[Part]) -> Part | None:
        """Return the first of some parts that it has not; ``None`` when it has all."""
        has: Mapping[Part, str | None] = {
            "image_link": self.image_link,
            "headline": self.headline,
            "text": self.text,
        }
        return next((part for part in parts if not has[part]), None)


@dataclass(frozen=True, slots=True)
class KnownCreative:
    """A creative with what is known of it now."""

    creative: Creative
    changed_at: datetime
    changed_by: str
    """Id of the key."""
    is_sold_out: bool = False
    """Whether it is for products of which none is on offer."""
    traits: tuple[str, ...] = ()
    """What its words say of people that none may be told by; mostly nothing."""
    dead_picture: str | None = None
    """Why its picture could not be fetched when it was looked at last; ``None``: it could, or nobody has looked."""

    def unused(self, now: datetime) -> tuple[Unused, str] | None:
        """Say why it is used for nobody now, and for people; ``None`` where it may be used."""
        one = self.creative
        if one.valid_from is not None and now < one.valid_from:
            return "not_yet", f"not before {one.valid_from:%Y-%m-%d %H:%M} UTC"
        if one.valid_until is not None and one.valid_until <= now:
            return "over", f"over since {one.valid_until:%Y-%m-%d %H:%M} UTC"
        if self.traits:
            return "names_traits", f"names traits of people: {', '.join(self.traits)}"
        if self.dead_picture:
            return "dead_picture", self.dead_picture
        return ("sold_out", "its products are sold out") if self.is_sold_out else None


def check_template(text: str) -> str:
    """Return a text whose braces hold variables alone; ``TemplateError`` says where another one stands."""
    for found in _PLACE.finditer(text):
        if found[1] not in VARIABLES:
            known = ", ".join(f"{{{name}}}" for name in VARIABLES)
            raise TemplateError(f"has braces at character {found.start() + 1} around what is none of {known}")
    return text


def render(text: str | None, offer: Offer) -> str | None:
    """Put a product into a text, once over, as plain text; ``None`` for no text, and where a variable has no value."""
    if text is None:
        return None
    values = values_of(offer)
    wanted = list(_variables_in(text))
    if any(values[name] is None for name in wanted):
        return None
    return _PLACE.sub(lambda found: values[found[1]] or "", text)


def values_of(offer: Offer) -> dict[str, str | None]:
    """What each variable stands for; ``None`` where the product has no such thing."""
    price = None if offer.paid is None else f"{offer.paid:.2f}" + (f" {offer.currency}" if offer.currency else "")
    return {
        "product.title": offer.title,
        "product.price": price,
        "product.brand": offer.brand,
        "product.category": offer.category and offer.category.split(" > ")[-1],
        "product.link": offer.link,
    }


def _variables_in(text: str) -> Iterator[str]:
    return (found[1] for found in _PLACE.finditer(text))
