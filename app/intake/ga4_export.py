"""Rows of GA4's BigQuery export become GA4 events.

Source: Google, "[GA4] BigQuery Export schema". A row is one event; its parameters are a list of keys with one value of
several types each, whole numbers are text in JSON Lines, and what a field has no value for is ``(not set)``. Taken is
what ``ga4.py`` takes of an event; all else (device, geography, traffic source, user properties) is dropped unread.
"""

from collections.abc import Mapping, Sequence
from typing import Any, cast

from app.domain.models import Interaction
from app.intake.batches import Parsed
from app.intake.event_rules import TimeWindow
from app.intake.ga4 import parse_ga4

_VALUES = ("string_value", "int_value", "float_value", "double_value")
_PLACES = (
    ("params.items", "items"),
    ("params.transaction_id", "ecommerce.transaction_id"),
    ("params.", "event_params."),
    ("timestamp_micros", "event_timestamp"),
    ("client_id", "user_pseudo_id"),
    ("name", "event_name"),
)
"""Beginnings of a field's path in a GA4 event, and in the export."""


def is_ga4_export(row: Mapping[str, Any]) -> bool:
    """Whether a row is of the export."""
    return "event_name" in row and "event_timestamp" in row and "event_id" not in row


def parse_ga4_export(rows: Sequence[object], window: TimeWindow) -> Parsed[Interaction]:
    """Turn rows into interactions; errors name fields as the export does."""
    parsed = parse_ga4([_event(cast("Mapping[str, Any]", row)) for row in rows], window)
    return parsed.relocated(lambda position, field: (position, _named(field)))


def _named(field: str) -> str:
    for ours, theirs in _PLACES:
        if field.startswith(ours):
            return theirs + field.removeprefix(ours)
    return field


def _event(row: Mapping[str, Any]) -> dict[str, Any]:
    order = row.get("ecommerce")
    order_id = cast("Mapping[str, Any]", order).get("transaction_id") if isinstance(order, dict) else None
    params = {name: value for name, value in _params(row) if value is not None}
    params["items"] = _listed(row.get("items"))
    if order_id is not None:
        params["transaction_id"] = order_id
    return {
        "name": row["event_name"],
        "timestamp_micros": row["event_timestamp"],
        "client_id": row.get("user_pseudo_id"),
        "user_id": row.get("user_id"),
        "params": params,
    }


def _params(row: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """Names and values of an event's parameters, each of the type that it has."""
    given = [cast("Mapping[str, Any]", one) for one in _listed(row.get("event_params")) if isinstance(one, dict)]
    return [(one["key"], _value(one.get("value"))) for one in given if isinstance(one.get("key"), str)]


def _value(typed: object) -> Any:
    if not isinstance(typed, dict):
        return None
    values = cast("Mapping[str, Any]", typed)
    return next((values[name] for name in _VALUES if values.get(name) is not None), None)


def _listed(value: object) -> list[Any]:
    """Return a repeated field as a list; some writers of Parquet wrap it into ``{"list": [{"element": …}]}``."""
    if isinstance(value, dict):
        inner = cast("Mapping[str, Any]", value).get("list")
        wrapped = cast("list[Any]", inner) if isinstance(inner, list) else []
        return [one.get("element", one.get("item")) if isinstance(one, dict) else one for one in wrapped]  # pyright: ignore
    return cast("list[Any]", value) if isinstance(value, list) else []
