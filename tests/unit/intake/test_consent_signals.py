"""Consent Mode and Segment's categories, and where they stand in events."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.domain.consent import Signal
from app.domain.models import Purpose, RowError
from app.intake.batches import Refused
from app.intake.consent_mode import read_consent_mode
from app.intake.consent_signals import parse_event_signals, read_categories, read_signals

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
TABLE: dict[str, tuple[Purpose, ...]] = {
    "Ads": ("ads_audience",),
    "Fun": ("personalise_content", "ads_audience"),
}


@pytest.mark.parametrize(
    ("given", "allowed"),
    [
        ({"ad_user_data": "granted", "ad_personalization": "granted"}, {"ads_audience": True}),
        ({"ad_user_data": "GRANTED", "ad_personalization": "DENIED"}, {"ads_audience": False}),
        ({"ad_personalization": "granted"}, {"ads_audience": False}),
        ({"analytics_storage": "granted"}, {"measurement": True}),
        ({"personalization_storage": "denied"}, {"personalise_content": False}),
        ({"ad_storage": "granted", "security_storage": "granted"}, {}),
        ({}, {"ads_audience": False, "measurement": False, "personalise_content": False}),
    ],
)
def test_consent_mode_speaks_of_three_purposes(given: dict[str, Any], allowed: dict[str, bool]) -> None:
    assert read_consent_mode(given) == allowed


@pytest.mark.parametrize("value", ["Granted", "yes", True, None, 1])
def test_a_value_that_is_neither_granted_nor_denied_is_refused(value: object) -> None:
    with pytest.raises(Refused, match="must be granted or denied"):
        read_consent_mode({"ad_user_data": "denied", "ad_personalization": value})


@pytest.mark.parametrize(
    ("given", "allowed"),
    [
        ({"Ads": True, "Fun": True, "Other": False}, {"ads_audience": True, "personalise_content": True}),
        ({"Ads": True, "Fun": False}, {"ads_audience": False, "personalise_content": False}),
        ({"Fun": True}, {"ads_audience": False, "personalise_content": True}),
        ({}, {"ads_audience": False, "personalise_content": False}),
    ],
)
def test_a_purpose_needs_all_its_categories(given: dict[str, bool], allowed: dict[str, bool]) -> None:
    assert read_categories(given, TABLE) == allowed


def test_without_a_table_segment_says_nothing() -> None:
    assert read_categories({"Ads": False}, {}) == {}


def test_of_two_signals_the_stricter_wins() -> None:
    allowed = read_signals(
        {"purpose": {"consents": {"3": True, "4": True, "9": True}}},
        {"ad_user_data": "denied"},
        {"categoryPreferences": {"Ads": True, "Fun": True}},
        TABLE,
    )

    assert allowed == {
        "ads_audience": False,
        "personalise_content": False,
        "measurement": False,
        "model_training": True,
    }


def call(**changes: Any) -> dict[str, Any]:
    row = {
        "type": "identify",
        "userId": "tom",
        "anonymousId": "a-1",
        "timestamp": "2026-05-01T10:00:00.1239Z",
        "context": {"consent": {"categoryPreferences": {"Ads": True, "Fun": True}}},
        **changes,
    }
    return {name: value for name, value in row.items() if value is not ...}


def heard(*rows: object) -> list[Signal]:
    return parse_event_signals(rows, NOW, 24, TABLE).values


def test_every_kind_of_segment_call_may_carry_consent() -> None:
    [signal] = heard(call())

    assert signal.allowed == {"ads_audience": True, "personalise_content": True}
    assert (signal.identity_id, signal.source) == ("tom", "segment")
    assert signal.at == datetime(2026, 5, 1, 10, 0, 0, 123_000, tzinfo=UTC)


def test_nothing_is_said_later_than_it_is_heard() -> None:
    [ahead], [untimed] = heard(call(timestamp=NOW + timedelta(hours=3))), heard(call(timestamp=...))

    assert ahead.at == untimed.at == NOW


def test_the_browsers_id_stands_in_where_nobody_is_known() -> None:
    assert [signal.identity_id for signal in heard(call(userId=...))] == ["a-1"]
    assert heard(call(userId=..., anonymousId=...)) == []


@pytest.mark.parametrize("context", [..., None, {}, {"consent": {}}, {"consent": None}, {"consent": [True]}, "x"])
def test_a_call_without_preferences_says_nothing(context: object) -> None:
    parsed = parse_event_signals([call(context=context)], NOW, 24, TABLE)

    assert (parsed.rows, parsed.errors) == ([], [])


def test_a_ga4_body_speaks_for_its_user_at_its_time() -> None:
    body: dict[str, Any] = {
        "client_id": "web.1",
        "user_id": "tom",
        "timestamp_micros": 1_777_000_000_123_456,
        "events": [],
    }

    [signal] = heard({**body, "consent": {"analytics_storage": "granted"}})

    assert (signal.identity_id, signal.source, signal.allowed) == ("tom", "ga4", {"measurement": True})
    assert signal.at == datetime.fromtimestamp(1_777_000_000.123, UTC)
    assert heard(body) == []


def test_a_body_without_a_time_is_of_its_latest_event() -> None:
    events = [
        {"name": "view_item", "timestamp_micros": str(1_777_000_000_000_000 + hour)} for hour in (0, 2_000_000, 1)
    ]

    [signal] = heard({"client_id": 4711, "consent": {}, "events": events})

    assert (signal.identity_id, signal.at) == ("4711", datetime.fromtimestamp(1_777_000_002, UTC))


def test_our_own_events_carry_no_consent() -> None:
    assert heard({"event_id": "e", "consent": {}}, "text", None) == []


@pytest.mark.parametrize(
    ("row", "field", "reason"),
    [
        (
            call(context={"consent": {"categoryPreferences": True}}),
            "context.consent.categoryPreferences",
            "must be an object",
        ),
        (
            call(context={"consent": {"categoryPreferences": {"Ads": "yes"}}}),
            "context.consent.categoryPreferences",
            "must say true or false for each category",
        ),
        (call(timestamp="1969-12-31T00:00:00Z"), "timestamp", "must not be before 1970"),
        (call(timestamp="yesterday"), "timestamp", "must be a time such as 2026-05-01T10:00:00Z"),
        ({"client_id": "c", "timestamp_micros": -1, "consent": {}}, "timestamp_micros", "must be at least 0"),
        ({"client_id": "c", "consent": "all"}, "consent", "must be an object"),
        ({"client_id": "c", "consent": {"ad_user_data": 1}}, "consent.ad_user_data", "must be granted or denied"),
    ],
)
def test_consent_that_cannot_be_read_is_told(row: dict[str, Any], field: str, reason: str) -> None:
    parsed = parse_event_signals([{}, row], NOW, 24, TABLE)

    assert (parsed.rows, parsed.errors) == ([], [RowError(1, field, reason)])
