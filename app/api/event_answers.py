"""An event as it is shown, wherever it is."""

from typing import Annotated

from pydantic import AwareDatetime, Field

from app.api.bodies import Answer


class EventLineAnswer(Answer):
    """One product of an event."""

    product_id: str
    quantity: float | None
    price_paid: float | None
    list_price: float | None
    kept: Annotated[
        float | None,
        Field(description="Of a purchase: how many count once its order's other messages are considered; null: all."),
    ]
    said: Annotated[str | None, Field(description="What the event called it; null: by its id.")]


class RatingAnswer(Answer):
    """So many of so many points."""

    value: float
    max: float


class EventAnswer(Answer):
    """One event as it stands."""

    id: str
    type: str
    at: AwareDatetime
    session_id: str | None
    decision_id: str | None
    order_id: str | None
    updated_at: Annotated[AwareDatetime | None, Field(description="As of when it said what its order holds.")]
    currency: str | None
    rating: RatingAnswer | None
    channel: str | None
    device: str | None
    lines: list[EventLineAnswer]
