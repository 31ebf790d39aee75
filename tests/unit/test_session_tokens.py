"""Session tokens: nobody makes one up, and they end."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.hashing import Hasher
from app.domain.keys import ApiKey
from app.domain.session_tokens import SessionToken, read_token, write_token
from app.services.session_tokens import LONGEST_SECONDS, SessionTokens

OLD, NEW = {1: b"a" * 32}, {1: b"a" * 32, 2: b"b" * 32}
IDLE = 1800.0
AT = 1_795_000_000.0


def page_key(id_: str = "k1", tenant: str = "demo") -> ApiKey:
    return ApiKey(
        tenant, id_, ("browser",), None, datetime(2026, 11, 30, tzinfo=UTC), origins=("https://shop.example",)
    )


class Clock:
    now = AT

    def __call__(self) -> datetime:
        return datetime.fromtimestamp(self.now, UTC)


@pytest.fixture
def clock() -> Clock:
    return Clock()


def tokens(clock: Callable[[], datetime], keys: dict[int, bytes] = OLD) -> SessionTokens:
    return SessionTokens(partial(Hasher, keys=keys), IDLE, clock)


@given(st.text(min_size=1, max_size=200), st.text(alphabet="0123456789abcdef", min_size=1))
def test_what_was_written_is_read(session_id: str, key_id: str) -> None:
    token = SessionToken(session_id, key_id, 5, 7)
    written = write_token(Hasher("demo", OLD), token)

    assert written.isascii()
    assert read_token(Hasher("demo", OLD), written) == token


@given(st.text(max_size=2_100) | st.binary(max_size=300).map(lambda raw: raw.decode("latin-1")), st.data())
def test_no_other_text_is_a_token(text: str, data: st.DataObject) -> None:
    written = write_token(Hasher("demo", OLD), SessionToken("s1", "k1", 5, 7))
    place = data.draw(st.integers(0, len(written) - 1))
    changed = written[:place] + data.draw(st.characters(codec="latin-1")) + written[place + 1 :]

    assert read_token(Hasher("demo", OLD), text) is None
    assert read_token(Hasher("demo", OLD), changed) is None or changed == written


@pytest.mark.parametrize(
    "other", [Hasher("other", OLD), Hasher("demo", {1: b"c" * 32}), Hasher("demo", {2: b"b" * 32})]
)
def test_a_token_of_another_tenant_or_key_is_none(other: Hasher) -> None:
    assert read_token(Hasher("demo", OLD), write_token(other, SessionToken("s1", "k1", 5, 7))) is None


def test_a_token_outlives_the_next_hash_key(clock: Clock) -> None:
    opened = tokens(clock).open(page_key())

    shown = tokens(clock, NEW).check(page_key(), opened.token)

    assert shown is not None
    assert shown.session_id == opened.session_id
    assert tokens(clock, {2: b"b" * 32}).check(page_key(), shown.renewed)


def test_a_token_is_good_with_the_key_that_it_was_made_for(clock: Clock) -> None:
    opened = tokens(clock).open(page_key())

    assert tokens(clock).check(page_key("k2"), opened.token) is None
    assert tokens(clock).check(page_key(tenant="other"), opened.token) is None


def test_a_token_ends_when_it_was_not_used_for_a_while(clock: Clock) -> None:
    opened = tokens(clock).open(page_key())
    assert opened.expires_at.timestamp() == AT + IDLE

    clock.now = AT + IDLE - 1
    shown = tokens(clock).check(page_key(), opened.token)
    assert shown is not None
    clock.now = AT + IDLE
    assert tokens(clock).check(page_key(), opened.token) is None
    clock.now = AT + 2 * IDLE - 2
    assert tokens(clock).check(page_key(), shown.renewed)
    clock.now = AT + 2 * IDLE
    assert tokens(clock).check(page_key(), shown.renewed) is None


def test_a_token_ends_after_a_day_however_often_it_was_used(clock: Clock) -> None:
    token, step = tokens(clock).open(page_key()).token, IDLE - 10
    renewed = list[float]()
    for _ in range(100):
        clock.now += step
        shown = tokens(clock).check(page_key(), token)
        if shown is not None:
            token = shown.renewed
            renewed.append(clock.now - AT)

    assert LONGEST_SECONDS - step <= renewed[-1] < LONGEST_SECONDS


def test_sessions_that_are_opened_cannot_be_guessed(clock: Clock) -> None:
    ids = {tokens(clock).open(page_key()).session_id for _ in range(100)}

    assert len(ids) == 100
    assert {len(id_) for id_ in ids} == {32}
