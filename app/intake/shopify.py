"""Shopify's orders and refunds, as its webhooks carry them, become events in our own shape.

Source: Shopify, "Webhooks" and the ``Order``, ``Refund`` and ``Customer`` resources of its REST Admin API. Taken of an
order are its id, times and currency, and of each line the product, quantity, price and discounts. A line's product is
its SKU, which feeds of a product export have for an id too, else the product's id. Addresses, names, notes and whatever
else stands there are dropped unread.
"""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any, cast

from pydantic import TypeAdapter, ValidationError

from app.domain.models import Purpose
from app.domain.webhooks import Wish
from app.intake.fields import Moment

Fields = Mapping[str, Any]

_NOTHING: Fields = {}

_NUMBERS = ("variant_id", "product_id")

_MOMENT = TypeAdapter(Moment)
_MARKETING: Mapping[str, Purpose] = {
    "email_marketing_consent": "email_marketing",
    "sms_marketing_consent": "sms",
}
_STATES = {"subscribed": True, "unsubscribed": False, "redacted": False}
"""Whether a customer wants it; other states (pending, not subscribed yet) say nothing."""


def order_rows(body: Fields, identity_id: str | None) -> list[dict[str, Any]]:
    """Turn an order as it stands into rows of our own shape: its purchase, its refunds, and what cancels it whole.

    Lines keep the quantity of the order as it was made or extended; what left it again is among its refunds. A test
    order is none. Without an identity the order is an anonymous one's: that of its own session.
    """
    if body.get("test") is True:
        return []
    order_id, changed = _text(body.get("id")), body.get("updated_at")
    whose = {"identity_id": identity_id} if identity_id else {"session_id": f"shopify-order:{order_id}"}
    shared = {"order_id": order_id, "currency": body.get("currency"), **whose}
    bought = {
        "event_id": "-".join(["shopify-order", str(order_id), *([str(changed)] if changed else [])]),
        "type": "purchase",
        "at": body.get("processed_at") or body.get("created_at"),
        "updated_at": changed,
        "lines": [_line(one) for one in _objects(body.get("line_items"))],
        **shared,
    }
    refunds = [row for one in _objects(body.get("refunds")) if (row := refund_row({"order_id": order_id, **one}))]
    at = body.get("cancelled_at")
    cancelled = [{"event_id": f"shopify-cancel-{order_id}", "type": "refund", "at": at, **shared}] if at else []
    return [bought, *refunds, *cancelled]


def refund_row(body: Fields) -> dict[str, Any] | None:
    """Turn a refund into a row of our own shape, which its order says whose it is; ``None`` for money alone."""
    returned = [
        {**_product(item), "quantity": one.get("quantity")}
        for one in _objects(body.get("refund_line_items"))
        if (item := _object(one.get("line_item")))
    ]
    if not returned or body.get("order_id") is None:
        return None
    return {
        "event_id": f"shopify-refund-{body.get('id')}",
        "type": "refund",
        "at": body.get("processed_at") or body.get("created_at"),
        "order_id": _text(body.get("order_id")),
        "lines": returned,
    }


def also_known(body: Fields) -> Mapping[str, tuple[str, ...]]:
    """By the product of a line of an order or refund, Shopify's own numbers of it: the variant's and the product's."""
    items = [*_objects(body.get("line_items")), *_returned(body)]
    for refund in _objects(body.get("refunds")):
        items += _returned(refund)
    return {
        str(_product(item)["product_id"]): tuple(str(item[key]) for key in _NUMBERS if item.get(key)) for item in items
    }


def _returned(refund: Fields) -> list[Fields]:
    return [_object(one.get("line_item")) for one in _objects(refund.get("refund_line_items"))]


def marketing_wishes(customer: Fields, told_at: object = None) -> list[Wish]:
    """Say what a customer wants by mail and as text messages; nothing for a state that says nothing.

    ``told_at`` is when whatever carries it was written: it was said by then.
    """
    wishes: list[Wish] = []
    for name, purpose in _MARKETING.items():
        consent = _object(customer.get(name))
        state = consent.get("state")
        wanted = _STATES.get(state) if isinstance(state, str) else None
        if wanted is not None:
            wishes.append(Wish({purpose: wanted}, _moment(consent.get("consent_updated_at")) or _moment(told_at)))
    return wishes


def _moment(value: object) -> datetime | None:
    try:
        return _MOMENT.validate_python(value)
    except ValidationError:
        return None


def _line(item: Fields) -> dict[str, Any]:
    price, quantity = _decimal(item.get("price")), _decimal(item.get("quantity"))
    line = {**_product(item), "quantity": item.get("quantity")}
    if price is None or not quantity:
        return line
    discounts = (_decimal(one.get("amount")) for one in _objects(item.get("discount_allocations")))
    taken_off = sum((one for one in discounts if one is not None), Decimal(0))
    paid = max(Decimal(0), price - taken_off / quantity)
    return {**line, "price_paid": str(round(paid, 4)), **({"list_price": str(price)} if taken_off else {})}


def _product(item: Fields) -> dict[str, Any]:
    """The product of a line; a tip or a gift card has none, and is told and left out."""
    is_thing = item.get("product_id") is not None and item.get("gift_card") is not True
    return {"product_id": (item.get("sku") or item.get("product_id")) if is_thing else None}


def _object(value: object) -> Fields:
    return cast("Fields", value) if isinstance(value, dict) else _NOTHING


def _objects(value: object) -> list[Fields]:
    given = cast("list[object]", value) if isinstance(value, list) else []
    return [cast("Fields", one) for one in given if isinstance(one, dict)]


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _decimal(value: object) -> Decimal | None:
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return None
    return number if number.is_finite() else None
