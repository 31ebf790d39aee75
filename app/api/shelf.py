"""How a shelf is filled, as a question or the scenario that it names says it."""

from typing import Annotated, Literal, Self

from pydantic import ConfigDict, Field, model_validator

from app.api.bodies import Body
from app.domain.price_range import parse_price_range
from app.domain.recommendation import Kind, Objective, Rule, RuleAction, RuleField, Source, Variants
from app.domain.scenarios import Pin
from app.intake.fields import TEXT_PATTERN, AnyMoment, AsText, Id

ShelfName = Literal["mixed", "for_you", "buy_again"]
Ids = Annotated[tuple[Id, ...], Field(max_length=100)]
Word = Annotated[str, Field(min_length=1, max_length=100, pattern=TEXT_PATTERN), AsText]


class RuleBody(Body):
    """A business rule on the products."""

    field: RuleField
    values: Annotated[
        tuple[Word, ...],
        Field(
            min_length=1, max_length=100, description="Names; for a price ranges: `5..20`, `..20`, `5..`, `5..20 EUR`."
        ),
    ]
    action: Annotated[RuleAction, Field(description="Only these, none of these, or their scores times `boost`.")]
    boost: Annotated[
        float | None,
        Field(gt=0, le=1000, description="Factor of `boost`: below 1 shows them less; not given otherwise."),
    ] = None

    @model_validator(mode="after")
    def _check(self) -> Self:
        if (self.action == "boost") != (self.boost is not None):
            raise ValueError('boost goes with the action "boost", and with no other')
        if self.field == "price":
            for value in self.values:
                parse_price_range(value)
        return self

    def to_rule(self) -> Rule:
        """Say the same in the words of the domain."""
        return Rule(self.field, self.values, self.action, self.boost or 1.0)


class PinBody(Body):
    """A product that has its place while it is on offer and this holds; it is not put there twice."""

    model_config = ConfigDict(frozen=True)

    product_id: Id
    place: Annotated[int, Field(ge=1, le=1000, description="From 1, counted over all pages.")] = 1
    valid_from: AnyMoment | None = None
    valid_until: AnyMoment | None = None

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.valid_from and self.valid_until and self.valid_from >= self.valid_until:
            raise ValueError("valid_until must lie after valid_from")
        return self

    def to_pin(self) -> Pin:
        """Say the same in the words of the domain."""
        return Pin(self.product_id, self.place, self.valid_from, self.valid_until)


class ShelfBody(Body):
    """How a shelf is filled, by a question or the scenario that it names."""

    limit: Annotated[int, Field(ge=1, le=100)] = 12
    shelf: Annotated[
        ShelfName,
        Field(
            description="`mixed`: at most a third repeats while there is anything new; `for_you`: nothing owned;"
            " `buy_again`: only what was bought and is bought again, so it may be empty."
        ),
    ] = "mixed"
    recommend: Annotated[
        Kind,
        Field(
            description="What the places hold: `products`, or the `brands`, `categories` or `microgenres` of those that"
            " fit best, each once, with the product that stands for it. Pins and exploration are of products alone."
        ),
    ] = "products"
    variants: Annotated[
        Variants,
        Field(
            description="`fold`: one place an `item_group_id`, and one a title of one brand and category; `all`: each"
            " product for itself."
        ),
    ] = "fold"
    attributes: Annotated[
        tuple[Word, ...],
        Field(
            max_length=20,
            description="What else is wanted of each product: `description`, `availability`, `product_type`,"
            " `google_product_category`, `item_group_id`, `custom_label_0` to `_4`, or a facet of its tags.",
        ),
    ] = ()
    rules: Annotated[tuple[RuleBody, ...], Field(max_length=50)] = ()
    diversity: Annotated[float, Field(ge=0, le=1, description="0 by score alone, 1 by difference in tags alone.")] = 0.0
    sources: Annotated[
        tuple[Source, ...] | None, Field(min_length=1, max_length=10, description="Only these; null: the settings'.")
    ] = None
    fallback: Annotated[
        tuple[Source, ...] | None,
        Field(
            max_length=10,
            description="These fill what `sources` leave open; null: the settings', none where `sources` are named.",
        ),
    ] = None
    objective: Annotated[
        Objective, Field(description="`full_price` predicts what is bought at full price: deals say less of it.")
    ] = "balanced"
    pins: Annotated[
        tuple[PinBody, ...], Field(max_length=50, description="Of two for one product or place the first counts.")
    ] = ()
