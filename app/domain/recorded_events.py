"""An event as it stands in the graph. No I/O."""

from dataclasses import dataclass
from datetime import datetime

from app.domain.models import Rating


@dataclass(frozen=True, slots=True)
class RecordedLine:
    """One product of an event."""

    product_id: str
    quantity: float | None
    price_paid: float | None
    list_price: float | None
    kept: float | None
    """Of a purchase: how many count once its order's other messages are considered; ``None``: all."""
    said: str | None
    """The text that named the product, where that is not its id."""


@dataclass(frozen=True, slots=True)
class RecordedEvent:
    """One event, and whose it is."""

    id: str
    type: str
    identity_id: str
    at: datetime
    """UTC."""
    session_id: str | None
    decision_id: str | None
    order_id: str | None
    updated_at: datetime | None
    currency: str | None
    rating: Rating | None
    channel: str | None
    device: str | None
    lines: tuple[RecordedLine, ...]
