"""For whom a key may speak."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.errors import InvalidError
from app.domain.keys import ApiKey, KeyRequest, Scope, check_key, parse_scopes

NOW = datetime(2026, 11, 22, tzinfo=UTC)
SHOP = ("https://shop.example",)


def key(*scopes: Scope, identity_id: str | None = None, session_id: str | None = None) -> ApiKey:
    return ApiKey("demo", "k1", scopes, None, NOW, identity_id=identity_id, session_id=session_id, origins=SHOP)


subjects = st.sampled_from((None, "tom", "eve"))
sessions = st.sampled_from((None, "s1", "s2"))


@given(subjects, sessions)
def test_a_servers_key_speaks_for_everybody(identity_id: str | None, session_id: str | None) -> None:
    assert key("ingest").speaks_for(identity_id, session_id)


@given(subjects, sessions)
def test_a_browser_key_never_speaks_for_a_named_identity(identity_id: str | None, session_id: str | None) -> None:
    assert key("browser").speaks_for(identity_id, session_id) == (identity_id is None)


@given(subjects, sessions)
def test_a_key_of_one_session_speaks_for_it_alone(identity_id: str | None, session_id: str | None) -> None:
    allowed = identity_id is None and session_id == "s1"

    assert key("browser", session_id="s1").speaks_for(identity_id, session_id) == allowed


@given(subjects, sessions)
def test_a_key_of_one_identity_speaks_for_it_alone(identity_id: str | None, session_id: str | None) -> None:
    """Its own events may name a session; a session alone could be anybody's."""
    allowed = identity_id == "tom"

    assert key("browser", identity_id="tom").speaks_for(identity_id, session_id) == allowed


@given(subjects, sessions)
def test_a_key_of_an_identity_in_a_session_speaks_for_both_and_no_other(
    identity_id: str | None, session_id: str | None
) -> None:
    allowed = (identity_id, session_id) in {("tom", None), ("tom", "s1"), (None, "s1")}

    assert key("ingest", identity_id="tom", session_id="s1").speaks_for(identity_id, session_id) == allowed


@given(subjects, sessions)
def test_only_a_key_of_both_joins_an_identity_and_a_session(identity_id: str | None, session_id: str | None) -> None:
    asked = session_id or "s1"
    assert key("ingest").owns(identity_id, asked)
    assert not key("ingest", identity_id="tom").owns(identity_id, asked)
    assert not key("ingest", session_id="s1").owns(identity_id, asked)
    both = key("ingest", identity_id="tom", session_id="s1")
    assert both.owns(identity_id, asked) == (identity_id == "tom" and asked == "s1")


def test_an_admins_key_is_no_browser_key_and_the_other_way_round() -> None:
    assert key("admin").allows("ingest")
    assert not key("admin").allows("browser")
    assert key("browser").allows("ingest", "browser")
    assert not key("browser").allows("ingest")
    assert not key("browser").allows("admin")


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        (KeyRequest(("browser", "ingest"), origins=SHOP), "stands alone"),
        (KeyRequest(("browser",)), "at least one origin"),
        (KeyRequest(("ingest",), origins=SHOP), "Origins are for browser keys"),
        (KeyRequest(("admin",), identity_id="tom"), "cannot be an admin's"),
        (KeyRequest(("insight:members",), session_id="s-1"), "cannot list others"),
        (KeyRequest(("browser",), origins=("https://shop.example/path",)), "is no origin"),
        (KeyRequest(("browser",), origins=("*",)), "is no origin"),
        (KeyRequest(("ingest",), expires_at=NOW - timedelta(days=1)), "lies in the past"),
    ],
)
def test_a_worthless_or_dangerous_key_is_refused(asked: KeyRequest, why: str) -> None:
    with pytest.raises(InvalidError, match=why):
        check_key(asked, NOW)


def test_browser_is_a_scope() -> None:
    assert parse_scopes("browser") == ("browser",)


def test_to_look_at_a_community_is_no_right_to_name_its_members() -> None:
    assert not key("insight").allows("insight:members")
    assert not key("insight:members").allows("insight")
    assert key("admin").allows("insight:members")
    assert parse_scopes("insight:members,insight") == ("insight", "insight:members")
