"""What a page's tags send is its session's, whoever they name: a tag's word on identities proves nothing.

A tag numbers its visitors itself (``anonymousId``, ``client_id``); that id, or the session's where one is said, is the
session that a browser key speaks for.
"""

from collections.abc import Mapping
from typing import Any, cast

from pydantic import TypeAdapter, ValidationError

from app.domain.anonymous import anonymous_identity
from app.intake.fields import MaybeId
from app.intake.ga4 import is_ga4
from app.intake.segment import is_segment

_ID = TypeAdapter[str | None](MaybeId)


def of_its_session(row: Any) -> Any:
    """Return a tag's row as its session's anonymous visitor sends it; our own shape, and what is no row, as it is."""
    if not isinstance(row, dict):
        return row
    fields = cast("dict[str, Any]", row)
    if is_segment(fields):
        return _segment(fields)
    return _ga4(fields) if is_ga4(fields) else fields


def _segment(row: dict[str, Any]) -> dict[str, Any]:
    properties, context = _part(row, "properties"), _part(row, "context")
    said = (properties.get("session_id"), context.get("sessionId"), context.get("session_id"), row.get("anonymousId"))
    session_id = _first_id(*said)
    if session_id is None:
        return {**row, "userId": None, "anonymousId": None}
    whose = {"userId": None, "anonymousId": anonymous_identity(session_id, "")}
    return {**row, **whose, "properties": {**properties, "session_id": session_id}}


def _ga4(row: dict[str, Any]) -> dict[str, Any]:
    events: Any = row.get("events")
    if not isinstance(events, list):
        return _ga4_event(row, {})
    told = [
        _ga4_event(cast("dict[str, Any]", one), row) if isinstance(one, dict) else one
        for one in cast("list[Any]", events)
    ]
    first = next((cast("dict[str, Any]", one)["client_id"] for one in told if isinstance(one, dict)), None)
    return {**row, "user_id": None, "client_id": first, "events": told}


def _ga4_event(event: dict[str, Any], body: Mapping[str, Any]) -> dict[str, Any]:
    client_id = _first_id(event.get("client_id"), body.get("client_id"))
    params = _part(event, "params")
    session_id = _first_id(params.get("session_id"), params.get("ga_session_id"))
    if session_id is not None and session_id.isdecimal():  # by the second it began: two visitors may share it
        session_id = f"{client_id}.{session_id}" if client_id else None
    if session_id is None and client_id is not None:
        session_id = f"client:{client_id}" if client_id.isdecimal() else client_id
    if session_id is None:
        return {**event, "user_id": None, "client_id": None}
    whose = {"user_id": None, "client_id": anonymous_identity(session_id, "")}
    kept = {name: value for name, value in params.items() if name != "ga_session_id"}
    return {**event, **whose, "params": {**kept, "session_id": session_id}}


def _part(row: Mapping[str, Any], name: str) -> dict[str, Any]:
    part = row.get(name)
    return cast("dict[str, Any]", part) if isinstance(part, dict) else {}


def _first_id(*said: object) -> str | None:
    """Return the first that is an id."""
    for one in said:
        try:
            found = _ID.validate_python(one)
        except ValidationError:
            continue
        if found is not None:
            return found
    return None
