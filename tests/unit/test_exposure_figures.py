"""The part of a sum that some people make: near what was planted, with an interval that holds chance and noise."""

import numpy as np
import pytest

from app.domain.disclosure import UNKNOWN, Disclosure
from app.domain.exposure import Shares
from app.taste.exposure import Uses, draw_shares
from app.taste.noise import Noise
from app.taste.publisher import Publisher


def drawn(sharing: int, alone: int, seed: int = 0, revenue: float = 10.0) -> Shares:
    """Pairs share a login; those alone have one each. Visits of those who share are twice as many."""
    rng = np.random.default_rng(seed)
    shared = np.repeat([1.0, 0.0], [sharing, alone])
    uses = Uses(np.where(shared > 0, 0.5, 1.0), shared / 2, np.zeros(sharing + alone))
    visits = rng.poisson(np.where(shared > 0, 20, 10)).astype(float)
    noise = Noise(f"secret {seed}".encode(), [f"id-{n}" for n in range(sharing + alone)])
    return draw_shares(Publisher(noise, Disclosure(50)), uses, visits, np.full(len(shared), revenue), "logins")


def test_a_shared_login_counts_once_however_many_use_it() -> None:
    shares = drawn(400, 800)

    assert shares.people == pytest.approx(1200, abs=10)
    assert shares.shared.value == pytest.approx(0.2, abs=0.03)
    assert shares.sessions.value == pytest.approx(0.5, abs=0.04)
    assert shares.revenue.value == pytest.approx(1 / 3, abs=0.04)


def test_the_interval_holds_what_was_drawn_from_in_most_shops() -> None:
    """Of 60 shops drawn at random from one population, at least 52 (a binomial's 1 % below 95)."""
    held = 0
    for seed in range(60):
        sharing = int(np.random.default_rng(seed + 1000).binomial(1200, 1 / 3))
        sessions = drawn(sharing, 1200 - sharing, seed).sessions
        assert sessions.low is not None
        assert sessions.high is not None
        held += sessions.low <= 0.5 <= sessions.high

    assert held >= 52


@pytest.mark.parametrize(("sharing", "alone"), [(40, 800), (30, 10), (0, 0), (0, 500)])
def test_of_too_few_nothing_is_published(sharing: int, alone: int) -> None:
    shares = drawn(sharing, alone)

    assert (shares.shared, shares.sessions, shares.revenue) == (UNKNOWN, UNKNOWN, UNKNOWN)


def test_without_revenue_there_is_none_to_share() -> None:
    assert drawn(400, 800, revenue=0.0).revenue == UNKNOWN
