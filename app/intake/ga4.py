"""Google Analytics 4 e-commerce events become interactions.

Source: Google, "Measurement Protocol (GA4) reference", "Recommended events", "Apply a discount to an ecommerce event"
(developers.google.com/analytics/devguides/collection/ga4). Taken are a Measurement Protocol body (``client_id``,
``user_id``, ``timestamp_micros``, ``events``) or a single event (``name`` and ``params`` in place of ``events``); of an
event the time, the session, the transaction, the currency, and of each item its id, price, discount and quantity.
Everything else (user properties, IP address, device, names) is dropped unread and never stored.

Prices: ``price`` is the unit price after the discount and ``discount`` what was taken off a unit, so ``price_paid`` is
``price`` and ``list_price`` is their sum.

Identity: ``user_id``, else ``client_id``. GA4 numbers sessions by the second they began, which two visitors can share;
so a session id of digits only becomes ``client_id.session_id``. Any other is the shop's own and is kept.

A refund without ``items`` is one of the whole transaction, whatever its ``value``: as the reference says, items are
what a partial refund has.

Event id: GA4 has none, so one is derived from what the event says. A purchase is its transaction, whose it is and what.
Another event without ``timestamp_micros`` is stamped with the moment it is received, and counts once a minute when it
says the same again.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, cast

from pydantic import AliasChoices, BeforeValidator, Field, StrictStr, TypeAdapter

from app.domain.anonymous import derived_id
from app.domain.models import Interaction, InteractionType, Line, RowError
from app.domain.orders import NAMED, SERVER
from app.intake.batches import Parsed, Refused, joined, parse_rows
from app.intake.event_rules import (
    NOT_USED,
    TimeWindow,
    require_identity,
    require_products,
    returned_order,
    spell_out,
)
from app.intake.fields import (
    EARLIEST,
    EXACT,
    FOREIGN,
    MAX_ID,
    MAX_LINES,
    Currency,
    GivenId,
    MaybeId,
    Nullable,
    Price,
    Quantity,
)
from app.intake.moments import as_micros

TYPES: Mapping[str, InteractionType] = {
    "view_item": "view",
    "select_item": "view",
    "add_to_cart": "cart",
    "remove_from_cart": "uncart",
    "add_to_wishlist": "wish",
    "share": "share",
    "search": "search",
    "purchase": "purchase",
    "refund": "refund",
}
"""Interaction type by event name; other names are not used."""

MAX_EVENTS = 25
"""Events that one body may hold, as at Google."""

Micros = Annotated[int, Field(ge=0, le=253_402_300_799_000_000), BeforeValidator(as_micros)]
"""Microseconds since 1970, up to the last second of the year 9999; seconds and milliseconds are known by their size."""

_SHARED = ("client_id", "user_id", "timestamp_micros")


class Ga4Item(Nullable):
    """One item; fields as in the reference."""

    model_config = FOREIGN

    item_id: GivenId
    price: Price | None = None
    discount: Price | None = None
    quantity: Quantity = 1.0


class Ga4Params(Nullable):
    """What an event says; ``share`` names its product by ``item_id``."""

    model_config = FOREIGN

    items: Annotated[list[Ga4Item], Field(max_length=MAX_LINES)] = Field(default_factory=list[Ga4Item])
    item_id: MaybeId = None
    currency: Currency | None = None
    transaction_id: MaybeId = None
    session_id: Annotated[MaybeId, Field(validation_alias=AliasChoices("session_id", "ga_session_id"))] = None
    decision_id: MaybeId = None


class Ga4Event(Nullable):
    """One event with what its body says of all of them."""

    model_config = FOREIGN

    client_id: MaybeId = None
    user_id: MaybeId = None
    timestamp_micros: Micros | None = None
    name: StrictStr
    params: Ga4Params | None = None


_EVENTS = TypeAdapter(list[Ga4Event])


@dataclass(frozen=True, slots=True)
class _Sent:
    """One event, completed by what its body says of all, and where it stands in the batch."""

    index: int
    event: Mapping[str, Any]
    prefix: str = ""
    has_own_time: bool = True

    def place(self, field: str) -> tuple[int, str]:
        """Position and path of a field as its sender wrote it."""
        of_the_body = field in ("client_id", "user_id") or (field == "timestamp_micros" and not self.has_own_time)
        return self.index, field if of_the_body else self.prefix + field


def is_ga4(row: Mapping[str, Any]) -> bool:
    """Whether a row is a Measurement Protocol body or one GA4 event."""
    return "event_id" not in row and ("events" in row or "params" in row or "client_id" in row)


def parse_ga4(rows: Sequence[object], window: TimeWindow) -> Parsed[Interaction]:
    """Turn bodies and events into interactions; a body's events share its position and are judged one by one."""
    found = [item for index, row in enumerate(rows) for item in _unpack(index, cast("Mapping[str, Any]", row))]
    used = [item for item in found if isinstance(item, _Sent)]
    sent_events = [sent.event for sent in used]
    parsed = parse_rows(sent_events, _EVENTS, lambda event: _interaction(event, window), lines_at=("params", "items"))
    parsed = parsed.relocated(lambda position, field: used[position].place(field))
    everything = joined([parsed, Parsed(errors=[item for item in found if isinstance(item, RowError)])])
    # What is wrong with a body is wrong with each of its events: it is told once.
    return Parsed(everything.rows, list(dict.fromkeys(everything.errors)))


def _unpack(index: int, row: Mapping[str, Any]) -> Iterator[_Sent | RowError]:
    if "events" not in row:
        yield _checked(_Sent(index, row))
        return
    events = row["events"]
    if not isinstance(events, list) or not 0 < len(cast("list[Any]", events)) <= MAX_EVENTS:
        yield RowError(index, "events", f"must be a list of 1 to {MAX_EVENTS} events")
        return
    shared = {name: row[name] for name in _SHARED if name in row}
    for number, event in enumerate(cast("list[Any]", events)):
        prefix = f"events.{number}."
        if not isinstance(event, dict):
            yield RowError(index, prefix.rstrip("."), "must be an object")
            continue
        own = cast("dict[str, Any]", event)
        yield _checked(_Sent(index, {**shared, **own}, prefix, "timestamp_micros" in own))


def _checked(sent: _Sent) -> _Sent | RowError:
    name = sent.event.get("name")
    return RowError(*sent.place("name"), NOT_USED) if isinstance(name, str) and name not in TYPES else sent


def _interaction(event: Ga4Event, window: TimeWindow) -> Interaction:
    said = event.params or Ga4Params()
    type_ = TYPES[event.name]
    whole = returned_order(type_, said.transaction_id)
    identity_id = require_identity(event.user_id, event.client_id, "client_id", whole)
    lines = _lines(said)
    require_products(type_, lines, said.transaction_id, "params.items")
    at = _moment(event, window)
    return Interaction(
        id=_event_id(event, said, identity_id, at, lines),
        type=type_,
        identity_id=identity_id,
        at=at,
        lines=lines,
        session_id=_session_id(said.session_id, event.client_id or identity_id),
        decision_id=said.decision_id,
        order_id=said.transaction_id,
        trust=SERVER if event.user_id is None else NAMED,
        currency=said.currency,
    )


def _lines(said: Ga4Params) -> tuple[Line, ...]:
    if not said.items and said.item_id:
        return (Line(said.item_id),)
    return tuple([_line(item) for item in said.items])


def _line(item: Ga4Item) -> Line:
    if item.price is None or not item.discount:
        return Line(item.item_id, item.quantity, item.price)
    return Line(item.item_id, item.quantity, item.price, EXACT.add(item.price, item.discount))


def _moment(event: Ga4Event, window: TimeWindow) -> datetime:
    if event.timestamp_micros is None:
        return window.now.astimezone(UTC)
    return window.place(EARLIEST + timedelta(microseconds=event.timestamp_micros), "timestamp_micros")


def _session_id(session_id: str | None, client_id: str) -> str | None:
    if session_id is None or not session_id.isdecimal():
        return session_id
    joint = f"{client_id}.{session_id}"
    if len(joint) > MAX_ID:
        raise Refused("params.session_id", f"must have at most {MAX_ID} characters together with the client_id")
    return joint


def _event_id(event: Ga4Event, said: Ga4Params, identity_id: str, at: datetime, lines: Sequence[Line]) -> str:
    transaction = said.transaction_id
    if event.name == "purchase" and transaction:
        # A page that is loaded again says the same; what says something else of the order is a message of its own.
        return derived_id("ga4", event.name, transaction, identity_id, spell_out(lines))
    stamp = at if event.timestamp_micros is not None else at.replace(second=0, microsecond=0)
    if event.timestamp_micros is None and transaction:
        stamp = None
    return derived_id("ga4", event.name, identity_id, stamp, transaction, said.session_id, spell_out(lines))
