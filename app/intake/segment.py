"""Segment ``track`` calls of the e-commerce spec v2 become interactions.

Source: Twilio Segment, "Spec: V2 Ecommerce Events" (segment.com/docs/connections/spec/ecommerce/v2) and "Spec: Common
Fields". What is taken: ``messageId``, ``userId`` or else ``anonymousId``, ``timestamp`` (the corrected one) or else
``originalTimestamp``, the session id, the order id, the currency, and of each product its id, price and quantity.
Everything else (traits, IP address, user agent, e-mail, names, search queries) is dropped unread and never stored.

Prices: the spec's ``price`` of a product is what a unit costs before the order's ``discount`` ("total discount
associated with the transaction"; in its example products of 25.00 and a discount of 2.50 make a subtotal of 22.50).
So the discount is spread over the lines in proportion to their amounts: ``list_price`` is ``price``, ``price_paid`` is
what remains. Without a discount, ``price_paid`` is ``price`` and the list price is unknown.

Events that repeat what others said (Cart Viewed, Checkout Started) or show no interest in one product (Product List
Viewed) are not used, and the answer says so.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Literal, Self

from pydantic import AliasChoices, Field, StrictStr, TypeAdapter, model_validator

from app.domain.anonymous import derived_id
from app.domain.models import Interaction, InteractionType, Line, RowError
from app.domain.orders import NAMED, SERVER
from app.intake.batches import Parsed, Refused, joined, parse_rows
from app.intake.event_rules import (
    NOT_USED,
    TimeWindow,
    require_identity,
    require_items,
    require_products,
    returned_order,
    spell_out,
)
from app.intake.fields import FOREIGN, MAX_LINES, Currency, MaybeId, Moment, Nullable, Price, Quantity, rounded
from app.intake.reasons import MISSING

TYPES: Mapping[str, InteractionType] = {
    "product viewed": "view",
    "product clicked": "view",
    "product added": "cart",
    "wishlist product added to cart": "cart",
    "product removed": "uncart",
    "product added to wishlist": "wish",
    "product removed from wishlist": "unwish",
    "product shared": "share",
    "cart shared": "share",
    "products searched": "search",
    "order completed": "purchase",
    "order refunded": "refund",
    "order cancelled": "refund",
    "order updated": "purchase",
    # Names of the first version of the spec, which the second keeps as aliases.
    "viewed product": "view",
    "clicked product": "view",
    "added product": "cart",
    "removed product": "uncart",
    "completed order": "purchase",
    "refunded order": "refund",
}
"""Interaction type by event name in lower case; other names are not used."""

IDENTITY_CALLS = ("identify", "alias")
"""Calls that say who is who."""

_CALLS = frozenset({"track", "page", "screen", "group", *IDENTITY_CALLS})


class SegmentProduct(Nullable):
    """One product of a call; fields as in the spec."""

    model_config = FOREIGN

    product_id: MaybeId = None
    sku: MaybeId = None
    price: Price | None = None
    quantity: Quantity = 1.0


class SegmentLine(SegmentProduct):
    """One of several products of a call: a tip or a gift wrap has no id and is none."""

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.product_id is None and self.sku is None:
            raise ValueError("must name its product by product_id or sku")
        return self


class SegmentProperties(SegmentProduct):
    """What a call says: one product, or several in ``products``."""

    products: Annotated[list[SegmentLine], Field(max_length=MAX_LINES)] | None = None
    order_id: MaybeId = None
    currency: Currency | None = None
    discount: Price | None = None
    total: Any = None
    session_id: MaybeId = None
    decision_id: MaybeId = None


class SegmentContext(Nullable):
    """Of the whole context only the session's id is read."""

    model_config = FOREIGN

    session_id: Annotated[MaybeId, Field(validation_alias=AliasChoices("sessionId", "session_id"))] = None


class SegmentTrack(Nullable):
    """One ``track`` call."""

    model_config = FOREIGN

    type: Literal["track"] = "track"
    event: StrictStr
    message_id: Annotated[MaybeId, Field(alias="messageId")] = None
    user_id: Annotated[MaybeId, Field(alias="userId")] = None
    anonymous_id: Annotated[MaybeId, Field(alias="anonymousId")] = None
    timestamp: Moment | None = None
    original_timestamp: Annotated[Moment | None, Field(alias="originalTimestamp")] = None
    properties: SegmentProperties | None = None
    context: SegmentContext | None = None


_TRACKS = TypeAdapter(list[SegmentTrack])


def is_segment(row: Mapping[str, Any]) -> bool:
    """Whether a row is a call of Segment's libraries."""
    if "event_id" in row:
        return False
    return row.get("type") in _CALLS if isinstance(row.get("type"), str) else "event" in row


def parse_segment(rows: Sequence[object], window: TimeWindow) -> Parsed[Interaction]:
    """Turn ``track`` calls into interactions; other calls and unused event names are told as errors.

    ``identify`` and ``alias`` are nothing that somebody did: ``segment_links.py`` reads them.
    """
    unused = {index: field for index, row in enumerate(rows) if (field := _unused(row))}
    used = [index for index, row in enumerate(rows) if index not in unused and _is_track(row)]
    calls = [rows[index] for index in used]
    lines_at = ("properties", "products")
    parsed = parse_rows(calls, _TRACKS, lambda call: _interaction(call, window), lines_at)
    refused: Parsed[Interaction] = Parsed(errors=[RowError(index, field, NOT_USED) for index, field in unused.items()])
    return joined([parsed.relocated(lambda position, field: (used[position], field)), refused])


def _unused(row: Any) -> str | None:
    """The field that shows that a call is not for us; ``None`` when it may be."""
    if not _is_track(row):
        return None if row["type"] in IDENTITY_CALLS else "type"
    name = row.get("event")
    return "event" if isinstance(name, str) and _name(name) not in TYPES else None


def _is_track(row: Any) -> bool:
    return row.get("type") in (None, "track")


def _name(event: str) -> str:
    return event.strip().lower()


def _interaction(call: SegmentTrack, window: TimeWindow) -> Interaction:
    said = call.properties or SegmentProperties()
    type_ = TYPES[_name(call.event)]
    whole = returned_order(type_, said.order_id)
    identity_id = require_identity(call.user_id, call.anonymous_id, "userId", whole)
    name = _name(call.event)
    # A cancelled order is cancelled whole, whichever products it lists.
    lines = () if name == "order cancelled" and whole else _lines(said)
    if name != "order cancelled":
        require_items(type_, lines, said.total, "properties.products")
    require_products(type_, lines, said.order_id, "properties.products")
    at = _moment(call, window)
    return Interaction(
        id=call.message_id or derived_id("segment", identity_id, call.event, at, said.order_id, spell_out(lines)),
        type=type_,
        identity_id=identity_id,
        at=at,
        lines=lines,
        session_id=said.session_id or (call.context.session_id if call.context else None) or _own_session(call),
        decision_id=said.decision_id,
        order_id=said.order_id,
        updated_at=at if name == "order updated" else None,
        trust=SERVER if call.user_id is None else NAMED,
        currency=said.currency,
    )


def _own_session(call: SegmentTrack) -> str | None:
    """The browser's id, as what may be claimed, where nobody else is named."""
    return call.anonymous_id if call.user_id is None else None


def _moment(call: SegmentTrack, window: TimeWindow) -> datetime:
    if call.timestamp is not None:
        return window.place(call.timestamp, "timestamp")
    if call.original_timestamp is not None:
        return window.place(call.original_timestamp, "originalTimestamp")
    raise Refused("timestamp", MISSING)


def _lines(said: SegmentProperties) -> tuple[Line, ...]:
    products: Sequence[SegmentProduct] = said.products or ([said] if said.product_id or said.sku else [])
    kept = Decimal(1) - _discount_share(products, said.discount)
    return tuple([_line(product, kept) for product in products])


def _discount_share(products: Sequence[SegmentProduct], discount: Decimal | None) -> Decimal:
    """Share of the products' amounts that the order's discount takes away, 0 to 1."""
    amount = sum((p.price * Decimal(str(p.quantity)) for p in products if p.price is not None), Decimal(0))
    return min(Decimal(1), discount / amount) if discount and amount else Decimal(0)


def _line(product: SegmentProduct, kept: Decimal) -> Line:
    product_id = str(product.product_id or product.sku)
    also = (product.sku,) if product.sku and product.sku != product_id else ()
    if product.price is None or kept == 1:
        return Line(product_id, product.quantity, product.price, also=also)
    return Line(product_id, product.quantity, rounded(product.price * kept), product.price, also)
