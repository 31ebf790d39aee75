"""What consent banners and events say of purposes, whatever shape it arrives in.

An empty object denies all purposes that its shape can speak of; an absent one says nothing. Where two shapes speak of
one purpose, both must allow it.

Segment: ``context.consent.categoryPreferences`` ("Consent in Segment Connections"); its category names are each shop's
own, so the tenant's table (``IdentityRules.consent_categories``) says what they mean. As at Segment, a category of the
table that an object leaves out is refused.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, TypeVar, cast

from pydantic import TypeAdapter, ValidationError

from app.domain import clock
from app.domain.consent import Signal, denials_of
from app.domain.models import Purpose, RowError
from app.intake.batches import Parsed, Refused
from app.intake.consent_mode import read_consent_mode
from app.intake.event_rules import TimeWindow
from app.intake.fields import MaybeId, Moment
from app.intake.ga4 import Micros, is_ga4
from app.intake.reasons import describe
from app.intake.segment import is_segment
from app.intake.tcf import read_tcf

Categories = Mapping[str, Sequence[Purpose]]
Given = TypeVar("Given")

_ID = TypeAdapter[str | None](MaybeId)
_MOMENT = TypeAdapter(Moment)
_MICROS = TypeAdapter(Micros)


def read_signals(
    tcf: Mapping[str, Any] | None,
    consent_mode: Mapping[str, Any] | None,
    segment: Mapping[str, Any] | None,
    categories: Categories,
) -> dict[Purpose, bool]:
    """Say what signals allow together, by purpose; ``Refused`` with the path of a field that cannot be read."""
    said: list[Mapping[Purpose, bool]] = []
    if tcf is not None:
        said.append(_below("tcf", read_tcf, tcf))
    if consent_mode is not None:
        said.append(_below("consent_mode", read_consent_mode, consent_mode))
    if segment is not None:
        preferences = segment.get("categoryPreferences", segment)
        said.append(_below("segment", lambda given: read_categories(given, categories), preferences))
    return {purpose: all(one.get(purpose, True) for one in said) for each in said for purpose in each}


def read_categories(preferences: object, categories: Categories) -> dict[Purpose, bool]:
    """Say what Segment's category preferences allow; a purpose needs each category that the table gives it."""
    if not isinstance(preferences, dict):
        raise Refused("categoryPreferences", "must be an object")
    given = cast("Mapping[str, Any]", preferences)
    if not all(isinstance(flag, bool) for flag in given.values()):
        raise Refused("categoryPreferences", "must say true or false for each category")
    allowed: dict[Purpose, bool] = {}
    for category, purposes in categories.items():
        for purpose in purposes:
            allowed[purpose] = allowed.get(purpose, True) and given.get(category) is True
    return allowed


def parse_event_signals(
    rows: Sequence[object], now: datetime, future_hours: float, categories: Categories
) -> Parsed[Signal]:
    """Find what Segment calls and GA4 bodies of a batch say of consent, by position.

    Read of every call, whether or not its event is one that Plural uses. A row without consent, or without anybody
    whose it could be, says nothing; the events' own parsers tell what else is wrong with it.
    """
    window = TimeWindow.until(now, future_hours)
    parsed: Parsed[Signal] = Parsed()
    for index, row in enumerate(rows):
        if not isinstance(row, dict):
            continue
        try:
            signal = _signal(cast("Mapping[str, Any]", row), window, categories)
        except Refused as refused:
            parsed.errors.append(RowError(index, refused.field, refused.reason))
            continue
        if signal is not None and signal.allowed:
            parsed.rows.append((index, signal))
    return parsed


def _signal(row: Mapping[str, Any], window: TimeWindow, categories: Categories) -> Signal | None:
    if is_segment(row):
        return _of_segment(row, window, categories)
    return _of_ga4(row, window) if is_ga4(row) else None


def _of_segment(row: Mapping[str, Any], window: TimeWindow, categories: Categories) -> Signal | None:
    context = row.get("context")
    consent = cast("Mapping[str, Any]", context).get("consent") if isinstance(context, dict) else None
    if not isinstance(consent, dict) or "categoryPreferences" not in consent:
        return None
    identity_id = _whose(row, "userId", "anonymousId")
    if identity_id is None:
        return None
    given = cast("Mapping[str, Any]", consent)["categoryPreferences"]
    allowed = _below("context.consent", lambda preferences: read_categories(preferences, categories), given)
    field = "timestamp" if row.get("timestamp") is not None else "originalTimestamp"
    return _timed(Signal(identity_id, allowed, window.now, "segment"), row.get(field), field, window)


def _of_ga4(row: Mapping[str, Any], window: TimeWindow) -> Signal | None:
    consent = row.get("consent")
    if consent is None:
        return None
    if not isinstance(consent, dict):
        raise Refused("consent", "must be an object")
    identity_id = _whose(row, "user_id", "client_id")
    if identity_id is None:
        return None
    allowed = _below("consent", read_consent_mode, cast("Mapping[str, Any]", consent))
    return _timed(Signal(identity_id, allowed, window.now, "ga4"), _seconds(row), "timestamp_micros", window)


def _seconds(row: Mapping[str, Any]) -> float | None:
    """When a GA4 body was sent: by its own time, else by the latest of its events."""
    events = row.get("events")
    given = [row.get("timestamp_micros")]
    if given == [None] and isinstance(events, list):
        found = [cast("Mapping[str, Any]", one) for one in cast("list[Any]", events) if isinstance(one, dict)]
        given = [event.get("timestamp_micros") for event in found]
    try:
        micros = [_MICROS.validate_python(one) for one in given if one is not None]
    except ValidationError as error:
        raise Refused("timestamp_micros", describe(error.errors(include_url=False)[0])) from error
    return max(micros) / 1_000_000 if micros else None


def _whose(row: Mapping[str, Any], known: str, anonymous: str) -> str | None:
    """The identity that an event is of, by the rule of its parser; ``None`` where that cannot be read."""
    try:
        return _ID.validate_python(row.get(known)) or _ID.validate_python(row.get(anonymous))
    except ValidationError:
        return None


def _timed(signal: Signal, said: object, field: str, window: TimeWindow) -> Signal:
    """Say when it was said: a browser's clock may be ahead, but nothing is said later than it is heard.

    Further ahead than clocks may differ nothing is allowed any more (``Refused``), but what is denied counts.
    """
    upon_arrival = replace(signal, at=clock.to_milliseconds(window.now), at_arrival=True)
    if said is None:
        return upon_arrival
    try:
        at = _MOMENT.validate_python(said)
    except ValidationError as error:
        raise Refused(field, describe(error.errors(include_url=False)[0])) from error
    try:
        placed = window.place(at, field)
    except Refused:
        denied = denials_of(upon_arrival)
        if at < window.now or not denied.allowed:
            raise
        return denied
    return upon_arrival if placed > window.now else replace(signal, at=clock.to_milliseconds(placed))


def _below(path: str, read: Callable[[Given], dict[Purpose, bool]], given: Given) -> dict[Purpose, bool]:
    """Read one shape; what is wrong in it is told with the path from above."""
    try:
        return read(given)
    except Refused as refused:
        raise Refused(f"{path}.{refused.field}", refused.reason) from refused
