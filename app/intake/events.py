"""Events in our own shape, or as they come from a storefront: one batch may mix the shapes."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, cast

from pydantic import Field, TypeAdapter

from app.domain.anonymous import anonymous_identity
from app.domain.models import Interaction, InteractionType, Line, Rating
from app.domain.orders import NAMED, SERVER, waiting_place
from app.intake.batches import Parsed, Refused, joined, parse_rows
from app.intake.event_rules import TimeWindow, require_channel, require_products, returned_order
from app.intake.fields import MAX_LINES, OWN, Currency, GivenId, MaybeId, Moment, Nullable, Price, Quantity
from app.intake.ga4 import is_ga4, parse_ga4
from app.intake.ga4_export import is_ga4_export, parse_ga4_export
from app.intake.identifiers import Identifiers
from app.intake.reasons import MISSING
from app.intake.segment import is_segment, parse_segment


class LineRow(Nullable):
    """One product of an event; prices are per unit, in the event's currency."""

    model_config = OWN

    product_id: GivenId
    quantity: Quantity = 1.0
    price_paid: Price | None = None
    """What a unit cost in the end, or was offered for."""
    list_price: Price | None = None
    """What a unit costs without any discount."""


class EventRow(Nullable):
    """One event in our own shape; unknown fields are refused."""

    model_config = OWN

    event_id: GivenId
    """Sending the same id again changes nothing."""
    type: InteractionType
    identity_id: MaybeId = None
    """Or give ``identifiers``, or only a ``session_id``; where those name nobody the event is an anonymous one's.

    A refund or return may do with its ``order_id``: it is whose the order is."""
    identifiers: Annotated[Identifiers, Field(default_factory=list)]
    at: Moment
    session_id: MaybeId = None
    account_id: MaybeId = None
    """The login of the session: where several use it, whose the session is shows in what is done in it."""
    channel: MaybeId = None
    """Way in, e.g. `web`, `app`, `email`; of `sent`, `bounced` and `unsubscribed` the channel that they are about."""
    device: MaybeId = None
    """Class of device, e.g. `desktop`, `mobile`, `tablet`."""
    decision_id: MaybeId = None
    """The recommendation that led to this event."""
    order_id: MaybeId = None
    """Joins all messages of one order, whoever sends them: each order and product is one purchase."""
    updated_at: Moment | None = None
    """When the order was last changed, from a sender who knows the whole order: of such messages the newest counts, and
    what it does not name any more the order does not hold; a purchase that names nothing says that nothing is left."""
    currency: Currency | None = None
    value: Annotated[float, Field(ge=0)] | None = None
    """Of a rating: so many points,"""
    max: Annotated[float, Field(gt=0)] | None = None
    """... of so many. Below half it counts against the products; of several of one product the newest counts."""
    lines: Annotated[list[LineRow], Field(max_length=MAX_LINES, default_factory=list)]


_EVENTS = TypeAdapter(list[EventRow])

_LINES_AT = ((None, "lines"), ("properties", "products"), ("params", "items"), (None, "items"))
"""Where a row of ours, of Segment's, of GA4's and of its export names its products."""

Parser = Callable[[Sequence[object], TimeWindow], Parsed[Interaction]]


def parse_events(rows: Sequence[object], now: datetime, future_hours: float) -> Parsed[Interaction]:
    """Turn a batch of events into interactions, in its order; each row's shape is recognised by itself.

    Our own shape (``EventRow``), Segment ``track`` calls (``segment.py``), GA4 bodies or events (``ga4.py``; a body
    with several events gives several interactions of one position) and rows of its export (``ga4_export.py``). Errors
    name fields as the sender does. Nothing is refused for its id: one that is on disk already, or twice in the batch,
    is for the writer to count.
    """
    window = TimeWindow.until(now, future_hours)
    by_parser: dict[Parser, list[int]] = {}
    for index, row in enumerate(rows):
        by_parser.setdefault(_parser_of(row), []).append(index)
    if len(by_parser) == 1:
        return next(iter(by_parser))(rows, window)
    return joined([_parse_part(parser, rows, indexes, window) for parser, indexes in by_parser.items()])


def lines_of(row: object) -> int:
    """How many products a row names, counted before it is parsed, whatever its shape; 1 where it names none."""
    if not isinstance(row, dict):
        return 1
    fields = cast("Mapping[str, Any]", row)
    events: Any = fields.get("events")
    if isinstance(events, list):  # a GA4 body
        return max(1, sum(map(lines_of, cast("list[Any]", events))))
    return max(1, *(_length(_part(fields, holder).get(name)) for holder, name in _LINES_AT))


def _part(fields: Mapping[str, Any], holder: str | None) -> Mapping[str, Any]:
    part: Any = fields if holder is None else fields.get(holder)
    return cast("Mapping[str, Any]", part) if isinstance(part, dict) else {}


def _length(value: Any) -> int:
    return len(cast("list[Any]", value)) if isinstance(value, list) else 0


def parse_own(rows: Sequence[object], window: TimeWindow) -> Parsed[Interaction]:
    """Turn rows of our own shape into interactions."""
    return parse_rows(rows, _EVENTS, lambda row: _interaction(row, window), lines_at=("lines",))


def _parser_of(row: object) -> Parser:
    if not isinstance(row, dict):
        return parse_own
    fields = cast("Mapping[str, Any]", row)
    if is_ga4_export(fields):
        return parse_ga4_export
    if is_segment(fields):
        return parse_segment
    return parse_ga4 if is_ga4(fields) else parse_own


def _parse_part(
    parser: Parser, rows: Sequence[object], indexes: Sequence[int], window: TimeWindow
) -> Parsed[Interaction]:
    parsed = parser([rows[index] for index in indexes], window)
    return parsed.relocated(lambda position, field: (indexes[position], field))


def _interaction(row: EventRow, window: TimeWindow) -> Interaction:
    lines = tuple([Line(ln.product_id, ln.quantity, ln.price_paid, ln.list_price) for ln in row.lines])
    require_channel(row.type, row.channel, lines)
    require_products(row.type, lines, row.order_id, "lines", is_whole=row.updated_at is not None)
    return Interaction(
        trust=SERVER if row.identity_id is None else NAMED,
        updated_at=row.updated_at and window.place(row.updated_at, "updated_at"),
        id=row.event_id,
        type=row.type,
        identity_id=_identity_of(row),
        at=window.place(row.at, "at"),
        lines=lines,
        session_id=row.session_id,
        decision_id=row.decision_id,
        order_id=row.order_id,
        currency=row.currency,
        account_id=row.account_id,
        channel=row.channel,
        device=row.device,
        identifiers=tuple(known.given for known in row.identifiers),
        rating=_rating_of(row),
    )


def _rating_of(row: EventRow) -> Rating | None:
    """Read the points of a rating; no other event has any."""
    if row.type != "rating":
        if row.value is not None or row.max is not None:
            raise Refused("value" if row.value is not None else "max", "is of ratings only")
        return None
    if row.value is None or row.max is None:
        raise Refused("value" if row.value is None else "max", MISSING)
    if row.value > row.max:
        raise Refused("value", "must not be above max")
    return Rating(row.value, row.max)


def _identity_of(row: EventRow) -> str:
    """Whose event it is unless its identifiers name somebody."""
    if row.account_id is not None and (row.session_id is None or row.identity_id is not None):
        raise Refused("account_id", "must stand beside session_id, and without identity_id")
    if row.identity_id is None:
        order_id = returned_order(row.type, row.order_id)
        if order_id is not None and row.session_id is None and not row.identifiers:
            return waiting_place(order_id)
        if row.session_id is None and not row.identifiers:
            raise Refused("identity_id", MISSING)
        return anonymous_identity(row.session_id, row.event_id)
    if row.identifiers:
        raise Refused("identifiers", "must not stand beside identity_id")
    return row.identity_id
