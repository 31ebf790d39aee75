"""Bodies that hold events: our own, what Segment's libraries send, what a GA4 stream does, and which of them it is."""

from typing import Annotated, Any, TypeVar

from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ValidationError

from app.api.bodies import Body, Rows, ShapedLike
from app.intake.events import EventRow
from app.intake.ga4 import Ga4Event, is_ga4
from app.intake.segment import SegmentTrack, is_segment

Batch = TypeVar("Batch", bound=BaseModel)


class OwnBatch(Body):
    """Rows of our own shape; Segment `track` calls and GA4 events are taken beside them."""

    events: Rows[Annotated[Any, ShapedLike(EventRow)]]


class SegmentBatch(BaseModel):
    """What Segment's libraries send, with things around it that are not read."""

    batch: Rows[Annotated[Any, ShapedLike(SegmentTrack)]]


class Ga4Batch(BaseModel):
    """What a GA4 stream's Measurement Protocol sends, with things around it that are not read."""

    client_id: str | None = None
    user_id: str | None = None
    timestamp_micros: int | None = None
    events: Rows[Annotated[Any, ShapedLike(Ga4Event)]]


EventsBody = Annotated[dict[str, Any], ShapedLike(OwnBatch, SegmentBatch, Ga4Batch)]
"""Which of them it is shows in the body itself, so it is read by hand."""

EXAMPLES: dict[str, Any] = {
    "own": {
        "summary": "Our own shape",
        "value": {
            "events": [
                {
                    "event_id": "order-1001",
                    "type": "purchase",
                    "identity_id": "tom-personal",
                    "at": "2026-05-01T10:00:00Z",
                    "order_id": "1001",
                    "currency": "EUR",
                    "lines": [{"product_id": "p3", "quantity": 2, "price_paid": "8.00", "list_price": "10.00"}],
                }
            ]
        },
    },
    "segment": {
        "summary": "Segment",
        "value": {
            "batch": [
                {
                    "type": "track",
                    "event": "Product Added",
                    "messageId": "m-1",
                    "userId": "tom-personal",
                    "timestamp": "2026-05-01T10:00:00Z",
                    "properties": {"product_id": "p3", "price": 10.0},
                }
            ]
        },
    },
    "ga4": {
        "summary": "Google Analytics 4, Measurement Protocol",
        "value": {
            "client_id": "web.1",
            "events": [{"name": "view_item", "params": {"currency": "EUR", "items": [{"item_id": "p3"}]}}],
        },
    },
}


def rows_of(body: dict[str, Any]) -> list[Any]:
    """Find the rows in any of the envelopes; a GA4 body or a single Segment call is a row itself."""
    if "events" in body and not ("client_id" in body or "user_id" in body):
        return validated(OwnBatch, body).events
    if "batch" in body:
        return validated(SegmentBatch, body).batch
    if is_ga4(body) or is_segment(body):
        return [body]
    return validated(OwnBatch, body).events


def validated(shape: type[Batch], body: dict[str, Any]) -> Batch:
    """Read a body by hand; what is wrong with it is told as FastAPI tells it."""
    try:
        return shape.model_validate(body)
    except ValidationError as error:
        raise RequestValidationError([{**one, "loc": ("body", *one["loc"])} for one in error.errors()]) from error
