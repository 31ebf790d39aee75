"""Creative rows become creatives."""

from collections.abc import Sequence
from typing import Annotated, Self

from pydantic import AfterValidator, Field, StringConstraints, TypeAdapter, model_validator

from app.domain.channels import Channel
from app.domain.creatives import About, Creative, check_template
from app.domain.models import Tag
from app.intake.batches import Parsed, parse_rows
from app.intake.fields import OWN, TEXT_PATTERN, AnyMoment, AsText, GivenId, Nullable, Url
from app.intake.products import TagRow

Names = Annotated[list[GivenId], Field(max_length=1_000, default_factory=list)]


Headline = Annotated[
    str, StringConstraints(min_length=1, max_length=200, pattern=TEXT_PATTERN), AsText, AfterValidator(check_template)
]
Text = Annotated[
    str, StringConstraints(min_length=1, max_length=5_000, pattern=TEXT_PATTERN), AsText, AfterValidator(check_template)
]


class AboutRow(Nullable):
    """What a creative is for: whatever is named here, in any of the lists; left out, for anything."""

    model_config = OWN

    products: Names
    brands: Names
    categories: Names
    """A category holds those below it."""
    microgenres: Names
    """Ids, as in `GET /v1/microgenres`."""


class CreativeRow(Nullable):
    """One creative.

    In headline and text, `{product.title}`, `{product.price}`, `{product.brand}`, `{product.category}` and
    `{product.link}` stand for the product that it is shown with.
    """

    model_config = OWN

    id: GivenId
    channels: Annotated[list[Channel], Field(min_length=1, max_length=9)]
    about: AboutRow | None = None
    image_link: Url | None = None
    headline: Headline | None = None
    text: Text | None = None
    tags: Annotated[list[TagRow], Field(max_length=50, default_factory=list)]
    """Mood, setting, who is in the picture …"""
    valid_from: AnyMoment | None = None
    valid_until: AnyMoment | None = None
    pinned: bool = False
    """Taken before all others wherever it fits; nothing is learned from such places."""

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.image_link is None and self.headline is None and self.text is None:
            raise ValueError("give at least one of image_link, headline and text")
        if self.valid_from and self.valid_until and self.valid_from >= self.valid_until:
            raise ValueError("valid_until must lie after valid_from")
        return self


_CREATIVES = TypeAdapter(list[CreativeRow])


def parse_creatives(rows: Sequence[object]) -> Parsed[Creative]:
    """Turn a batch into creatives; a text that holds an unknown variable is refused, with its place."""
    return parse_rows(rows, _CREATIVES, _creative)


def _creative(row: CreativeRow) -> Creative:
    about = row.about
    return Creative(
        id=row.id,
        channels=tuple(dict.fromkeys(row.channels)),
        about=About()
        if about is None
        else About(tuple(about.products), tuple(about.brands), tuple(about.categories), tuple(about.microgenres)),
        image_link=row.image_link,
        headline=row.headline,
        text=row.text,
        tags=tuple(Tag(tag.name, tag.facet, tag.weight) for tag in row.tags),
        valid_from=row.valid_from,
        valid_until=row.valid_until,
        pinned=row.pinned,
    )
