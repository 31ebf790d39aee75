"""What tags of a page send is its session's, whoever they name."""

from datetime import UTC, datetime
from typing import Any

import pytest

from app.domain.anonymous import anonymous_identity
from app.intake.consent_signals import parse_event_signals
from app.intake.events import parse_events
from app.intake.page_rows import of_its_session

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
TRACK: dict[str, Any] = {
    "type": "track",
    "event": "Product Viewed",
    "messageId": "m",
    "userId": "tom",
    "anonymousId": "a-1",
    "timestamp": "2026-05-01T11:00:00Z",
    "properties": {"product_id": "p1"},
    "context": {"consent": {"categoryPreferences": {"Advertising": False}}},
}
GA4: dict[str, Any] = {
    "client_id": "1.2",
    "user_id": "tom",
    "consent": {"ad_user_data": "DENIED"},
    "events": [{"name": "view_item", "params": {"items": [{"item_id": "p1"}]}}],
}


def in_session(session_id: object) -> dict[str, Any]:
    return {**GA4, "events": [{"name": "view_item", "params": {"session_id": session_id, "items": [{"item_id": "p"}]}}]}


@pytest.mark.parametrize(
    ("row", "session_id"),
    [
        (TRACK, "a-1"),
        ({**TRACK, "context": {"sessionId": 17}}, "17"),
        ({**TRACK, "properties": {"product_id": "p", "session_id": "s"}, "anonymousId": None}, "s"),
        (GA4, "1.2"),
        (in_session("s"), "s"),
        (in_session(1795997741), "1.2.1795997741"),
        ({**GA4, "client_id": "12"}, "client:12"),
        ({"name": "share", "client_id": "1.2", "params": {"ga_session_id": 5, "item_id": "p"}}, "1.2.5"),
    ],
)
def test_a_row_is_the_sessions_own(row: dict[str, Any], session_id: str) -> None:
    [told] = parse_events([of_its_session(row)], NOW, 24).values

    assert (told.session_id, told.identity_id) == (session_id, anonymous_identity(session_id, ""))


@pytest.mark.parametrize("row", [TRACK, GA4, {**GA4, "client_id": "12"}])
def test_so_is_what_it_says_of_consent(row: dict[str, Any]) -> None:
    row = of_its_session(row)

    [told] = parse_events([row], NOW, 24).values
    [said] = parse_event_signals([row], NOW, 24, {"Advertising": ("ads_audience",)}).values

    assert said.identity_id == told.identity_id
    assert said.allowed["ads_audience"] is False


@pytest.mark.parametrize("row", [{**TRACK, "anonymousId": None}, {**GA4, "client_id": None}])
def test_a_user_without_a_session_is_nobody(row: dict[str, Any]) -> None:
    assert parse_events([of_its_session(row)], NOW, 24).values == []


@pytest.mark.parametrize("row", [{"event_id": "1", "identity_id": "tom"}, 5, None, "text", []])
def test_our_own_shape_stays_as_it_is(row: object) -> None:
    assert of_its_session(row) == row


def test_what_is_sent_is_not_changed() -> None:
    before = repr((TRACK, GA4))
    of_its_session(TRACK)
    of_its_session(GA4)

    assert repr((TRACK, GA4)) == before
