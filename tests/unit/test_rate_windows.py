"""Rate windows go by a clock that never jumps."""

import time

import pytest

from app.api.limits import RateLimiter


class Clock:
    """Seconds that a test sets."""

    def __init__(self) -> None:
        self.seconds = 1_000.0

    def __call__(self) -> float:
        return self.seconds


def test_a_window_lasts_a_minute_and_the_next_one_begins_anew() -> None:
    clock = Clock()
    limiter = RateLimiter(2, clock)

    assert [limiter.count("k").allowed for _ in range(3)] == [True, True, False]  # pyright: ignore[reportOptionalMemberAccess]
    clock.seconds += 60
    again = limiter.count("k")

    assert again is not None
    assert (again.allowed, again.remaining, again.reset_seconds) == (True, 1, 60)


def test_what_a_key_has_left_is_told() -> None:
    clock = Clock()
    limiter = RateLimiter(3, clock)
    limiter.count("other")
    clock.seconds += 20.5

    told = limiter.count("k")

    assert told is not None
    assert (told.quota, told.remaining, told.reset_seconds) == (3, 2, 40)


@pytest.mark.parametrize("jump", [-86_400.0, 86_400.0])
def test_a_wall_clock_that_jumps_moves_no_window(jump: float, monkeypatch: pytest.MonkeyPatch) -> None:
    limiter = RateLimiter(1)
    limiter.count("k")
    true = time.time()
    monkeypatch.setattr(time, "time", lambda: true + jump)

    refused = limiter.count("k")

    assert refused is not None
    assert not refused.allowed
    assert 1 <= refused.reset_seconds <= 60
