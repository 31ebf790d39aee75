"""Who leads whom: influence that was planted is found, like taste, trends and common causes are not taken for it."""

import numpy as np
import pytest

from app.taste import leads as module
from app.taste.discoveries import discoveries
from app.taste.leads import Compared, Leads, find_leads
from app.taste.uptake import Uptake
from app.taste.values import Floats, Ints

PEOPLE, PRODUCTS, DAYS, OWN = 240, 600, 720, 60
PAIRS = 60
LEADER = np.arange(PAIRS, dtype=np.int64)
FOLLOWER = LEADER + PAIRS
HOME = np.arange(PEOPLE, dtype=np.int64) % 4


def draw_own(rng: np.random.Generator, *, spread: float) -> Floats:
    """Days of all by all products, NaN where not taken up: of one's community's, around days of it if ``spread`` is."""
    days = np.full((PEOPLE, PRODUCTS), np.nan)
    hot = rng.uniform(0, DAYS, (4, PRODUCTS))
    for who in range(PEOPLE):
        what = rng.choice(PRODUCTS // 4, OWN, replace=False) + HOME[who] * PRODUCTS // 4
        around = hot[HOME[who], what] + rng.normal(0, spread, OWN)
        days[who, what] = np.clip(around, 0, DAYS - 1) if spread else rng.uniform(0, DAYS, OWN)
    return days


def follow(days: Floats, leader: Ints, follower: Ints, rng: np.random.Generator, share: float) -> None:
    """Let followers take up a share of what they see, within two weeks."""
    seen = np.isnan(days[follower]) | (days[follower] > days[leader])
    takes = seen & ~np.isnan(days[leader]) & (rng.random(seen.shape) < share)
    days[follower] = np.where(takes, days[leader] + rng.integers(1, 15, seen.shape), days[follower])


def find(days: Floats, leader: Ints = LEADER, follower: Ints = FOLLOWER, home: Ints = HOME) -> Leads:
    who, what = np.nonzero(~np.isnan(days))
    return find_leads(Uptake(PEOPLE, PRODUCTS, who, what, days[who, what].astype(np.int64)), leader, follower, home)


def test_planted_influence_is_found_with_its_direction_its_lag_and_about_its_size() -> None:
    rng = np.random.default_rng(1)
    days = draw_own(rng, spread=0)
    led = LEADER < 20
    follow(days, LEADER[led], FOLLOWER[led], rng, 0.4)
    found = find(days, np.concatenate([LEADER, FOLLOWER]), np.concatenate([FOLLOWER, LEADER]))
    assert set(found.leader.tolist()) <= set(LEADER[led].tolist())
    assert len(found) >= 18
    assert np.array_equal(found.follower, found.leader + PAIRS)
    assert np.median(found.excess) == pytest.approx(0.4, abs=0.08)
    assert ((found.low > 0) & (found.low < found.excess) & (found.excess < found.high)).all()
    assert ((found.low < 0.4) & (found.high > 0.4)).mean() >= 0.9
    assert 5 <= np.median(found.lag_days) <= 10
    assert (found.n > 30).all()
    assert (found.n < OWN).all()


@pytest.mark.parametrize("spread", [0, 20], ids=["any day", "days of the community"])
def test_like_taste_and_a_trend_of_the_community_are_no_influence(spread: float) -> None:
    assert not len(find(draw_own(np.random.default_rng(2), spread=spread)))


def draw_fashions(rng: np.random.Generator, home: Ints, hot: Floats) -> Floats:
    """Days of all for 40 of 60 products: those of one's community, and leaders are early by nature."""
    days = np.full((PEOPLE, PRODUCTS), np.nan)
    for who in range(PEOPLE):
        what = rng.choice(60, 40, replace=False)
        days[who, what] = np.clip(hot[home[who], what] + (-5 if who < 8 else rng.uniform(0, 25, 40)), 0, DAYS - 1)
    return days


EARLY = np.repeat(LEADER[:8], 3)
LATE = np.arange(56, 80, dtype=np.int64).reshape(3, 8).T.ravel()


def test_what_moves_a_whole_community_is_seen_in_controls(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(3)
    home = np.arange(PEOPLE, dtype=np.int64) % 8
    days = draw_fashions(rng, home, rng.uniform(0, DAYS, (8, 60)))
    assert (home[EARLY] == home[LATE]).all()
    assert not len(find(days, EARLY, LATE, home))
    monkeypatch.setattr(module, "CONTROLS", 0)
    assert len(find(days, EARLY, LATE, home)) > 12


def test_what_moves_the_whole_shop_is_seen_in_the_trend(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(7)
    nowhere = np.full(PEOPLE, -1, dtype=np.int64)
    days = draw_fashions(rng, nowhere, rng.uniform(0, DAYS, (1, 60)))
    assert not len(find(days, EARLY, LATE, nowhere))
    monkeypatch.setattr(module, "_TREND_PRIOR", 1e9)
    assert len(find(days, EARLY, LATE, nowhere)) > 12


def test_a_common_cause_of_two_alone_knows_no_direction(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(4)
    days = draw_own(rng, spread=0)
    common = ~np.isnan(days[LEADER]) & ~np.isnan(days[FOLLOWER])
    near = np.clip(days[LEADER] + rng.integers(-14, 15, common.shape), 0, DAYS - 1)
    days[FOLLOWER] = np.where(common, near, days[FOLLOWER])
    assert not len(find(days))

    def never(_: Compared, found: Ints) -> Floats:
        return np.zeros(len(found))

    monkeypatch.setattr(module, "chances_of_reversal", never)
    assert len(find(days)) > 30


def test_there_is_not_enough_data_in_four_common_products() -> None:
    days = np.full((PEOPLE, PRODUCTS), np.nan)
    days[0, :40] = np.linspace(0, DAYS - 60, 40)
    days[PAIRS, :4] = days[0, :4] + 1
    days[PAIRS, 50:90] = np.linspace(0, DAYS - 1, 40)
    days[1, 0] = DAYS
    assert not len(find(days))
    days[PAIRS, 4:8] = days[0, 4:8] + 1
    assert find(days).leader.tolist() == [0]


def test_the_same_data_in_any_order_give_the_same_leads_and_none_give_none() -> None:
    rng = np.random.default_rng(5)
    days = draw_own(rng, spread=0)
    follow(days, LEADER[:5], FOLLOWER[:5], rng, 0.5)
    one, other = find(days), find(days, LEADER[::-1], FOLLOWER[::-1])
    assert len(one)
    assert all(np.array_equal(getattr(one, name), getattr(other, name)) for name in ("leader", "follower", "low", "n"))
    empty = np.empty(0, dtype=np.int64)
    assert not len(find_leads(Uptake(0, 0, empty, empty, empty), empty, empty, empty))


def test_of_many_true_nulls_no_more_than_the_share_is_discovered() -> None:
    rng = np.random.default_rng(6)
    found = [discoveries(rng.random(50), 0.05).any() for _ in range(400)]
    assert np.mean(found) < 0.09
    chances = np.array([0.2, 0.001, 0.012, 0.03])
    assert discoveries(chances, 0.05).tolist() == [False, True, True, True]
    assert not len(discoveries(np.empty(0), 0.05))
