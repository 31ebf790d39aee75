"""Events of Snowplow's tracker protocol 2 become events in our own shape.

Source: Snowplow, "Tracker Protocol" and "Snowplow Ecommerce"; and what its trackers were seen to send. Taken are
e-commerce actions with their product, transaction and refund entities, the older ``add_to_cart`` and
``remove_from_cart`` events, and the items (``ti``) of the older transactions; of an event its id, its time, the user,
the session. Page views and pings, structured events and whatever else a shop defines say nothing of products and are
left out, as is every other entity: nothing of the user entity is read, and a failed payment is no purchase though it
carries the same transaction.

JSON stands inside of it as text (``ue_pr``, ``co``) or as base64url (``ue_px``, ``cx``), padded by some trackers only.
"""

import binascii
import re
from base64 import urlsafe_b64decode
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, cast

from pydantic_core import from_json

from app.domain.models import InteractionType

_ACTION = "com.snowplowanalytics.snowplow.ecommerce/snowplow_ecommerce_action"
_PRODUCT, _TRANSACTION, _REFUND = (
    f"com.snowplowanalytics.snowplow.ecommerce/{name}" for name in ("product", "transaction", "refund")
)
_SCHEMA = re.compile(r"iglu:([\w.-]+/[\w.-]+)/jsonschema/")

ACTIONS: Mapping[str, InteractionType] = {
    "product_view": "view",
    "list_click": "view",
    "add_to_cart": "cart",
    "remove_from_cart": "uncart",
    "transaction": "purchase",
    "refund": "refund",
}
"""Interaction type by e-commerce action; other actions are not used."""

OLDER: Mapping[str, InteractionType] = {
    "com.snowplowanalytics.snowplow/add_to_cart": "cart",
    "com.snowplowanalytics.snowplow/remove_from_cart": "uncart",
}
"""Interaction type by the schema of an older self-describing event."""

Fields = Mapping[str, Any]

_NOTHING: Fields = {}


def own_rows(events: Sequence[object], *, of_page: bool) -> list[dict[str, Any]]:
    """Turn the events of a request into rows of our own shape, those that are about products, in their order.

    A server's events are their user's (``uid``), else their browser's (``duid``); a page's are its session's.
    """
    return [
        row for event in events if isinstance(event, dict) for row in _rows_of(cast("Fields", event), of_page=of_page)
    ]


def _rows_of(event: Fields, *, of_page: bool) -> Iterator[dict[str, Any]]:
    said = _item(event) if event.get("e") == "ti" else _self_described(event) if event.get("e") == "ue" else None
    if said is not None:
        yield {"event_id": event.get("eid"), "at": _moment(event), **_whose(event, of_page=of_page), **said}


def _item(event: Fields) -> dict[str, Any]:
    line = {"product_id": event.get("ti_sk"), "quantity": event.get("ti_qu"), "price_paid": event.get("ti_pr")}
    return {
        "type": "purchase",
        "order_id": event.get("ti_id"),
        "currency": event.get("ti_cu"),
        "lines": [_given(line)],
    }


def _self_described(event: Fields) -> dict[str, Any] | None:
    """What a self-describing event says; ``None`` when it is none of ours."""
    schema, data = _opened(_json(event, "ue_pr", "ue_px").get("data"))
    if schema in OLDER:
        line = {"product_id": data.get("sku"), "quantity": data.get("quantity"), "price_paid": data.get("unitPrice")}
        return {"type": OLDER[schema], "currency": data.get("currency"), "lines": [_given(line)]}
    action = data.get("type")
    type_ = ACTIONS.get(action) if schema == _ACTION and isinstance(action, str) else None
    if type_ is None:
        return None
    entities = _entities(event)
    products = [data for schema, data in entities if schema == _PRODUCT]
    order = next((data for schema, data in entities if schema in (_TRANSACTION, _REFUND)), _NOTHING)
    currency = order.get("currency") or next((one["currency"] for one in products if one.get("currency")), None)
    lines = [_line(one) for one in products]
    return _given({"type": type_, "order_id": order.get("transaction_id"), "currency": currency, "lines": lines})


def _line(product: Fields) -> dict[str, Any]:
    return _given(
        {
            "product_id": product.get("id"),
            "quantity": product.get("quantity"),
            "price_paid": product.get("price"),
            "list_price": product.get("list_price"),
        }
    )


def _entities(event: Fields) -> list[tuple[str, Fields]]:
    """Schema and data of an event's entities."""
    given = _json(event, "co", "cx").get("data")
    return [_opened(one) for one in cast("list[object]", given)] if isinstance(given, list) else []


def _whose(event: Fields, *, of_page: bool) -> dict[str, Any]:
    session_id = event.get("sid") or event.get("duid")
    if of_page:
        return {"session_id": session_id}
    whose = {"identity_id": event.get("uid") or event.get("duid"), "session_id": session_id}
    return _given(whose)


def _moment(event: Fields) -> object:
    """When it happened, in RFC 3339: the true time where one is said, else the device's, else when it was sent."""
    said = next((event[name] for name in ("ttm", "dtm", "stm") if event.get(name)), None)
    try:
        return datetime.fromtimestamp(int(str(said)) / 1000, UTC).isoformat()
    except (ValueError, OverflowError, OSError):
        return said


def _json(event: Fields, plain: str, coded: str) -> Fields:
    """Read JSON that stands in an event as text or base64url; ``{}`` where there is none that can be read."""
    try:
        if isinstance(text := event.get(plain), str):
            return _object(from_json(text))
        if isinstance(text := event.get(coded), str):
            return _object(from_json(urlsafe_b64decode(text.rstrip("=") + "=" * (-len(text.rstrip("=")) % 4))))
    except (ValueError, binascii.Error):
        pass
    return {}


def _opened(described: object) -> tuple[str, Fields]:
    """Return the schema's name without its version, and the data, of self-describing JSON."""
    found = _object(described)
    schema = found.get("schema")
    name = _SCHEMA.match(schema) if isinstance(schema, str) else None
    return (name[1] if name else "", _object(found.get("data")))


def _object(value: object) -> Fields:
    return cast("Fields", value) if isinstance(value, dict) else {}


def _given(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}
