"""Price sensitivity and trend susceptibility, on purchases whose truth is known."""

import numpy as np
import pytest

from app.taste.price import estimate_price_sensitivity
from app.taste.purchases import Purchases
from app.taste.shrinkage import Estimates, shrink
from app.taste.trend import estimate_trend_susceptibility, measure_trend_shares, trend_shares
from app.taste.values import Edges, Floats, Ints, Matrix

SEED = 7


def purchases(identities: int, products: int, rows: list[tuple[int, int, int, int]]) -> Purchases:
    """Lines of (identity, product, day, deal)."""
    columns = np.array(rows, dtype=np.int64).reshape(-1, 4).T
    return Purchases(identities, products, *columns)


def members(identities: int, communities: int, rows: list[tuple[int, int, float]]) -> Matrix:
    who, where, strength = (np.array(column) for column in zip(*rows, strict=True)) if rows else (np.empty(0, int),) * 3
    return Edges(who.astype(np.int64), where.astype(np.int64), strength.astype(np.float64)).matrix(
        identities, communities
    )


def everything(estimates: Estimates) -> Floats:
    return np.array([estimates.value, estimates.low, estimates.high])


def test_shrunk_shares_lie_between_what_was_seen_and_what_was_expected() -> None:
    hits, trials = np.array([10.0, 0.0, 5.0, 0.0, 1.0]), np.array([10, 10, 10, 0, 1])
    found = shrink(hits, trials, np.full(5, 0.5))

    assert 0.5 < found.value[0] < 1
    assert 0 < found.value[1] < 0.5
    assert found.value[2] == pytest.approx(0.5) == pytest.approx(found.value[3])
    assert 0.5 < found.value[4] < found.value[0]
    assert np.all((found.low < found.value) & (found.value < found.high))
    width = found.high - found.low
    assert width[3] > width[4] > width[2]


def test_intervals_hold_the_truth_nineteen_times_of_twenty() -> None:
    rng = np.random.default_rng(SEED)
    truth = rng.beta(4, 6, 4000)
    trials = rng.integers(1, 60, 4000)
    found = shrink(rng.binomial(trials, truth).astype(float), trials, np.full(4000, 0.4))

    held = np.mean((found.low <= truth) & (truth <= found.high))
    assert 0.94 < held < 0.96
    raw = rng.binomial(trials, truth) / trials
    assert np.mean((found.value - truth) ** 2) < 0.8 * np.mean((raw - truth) ** 2)


def shop_with_deals(hunters: int, others: int, lines: int = 60) -> tuple[Purchases, Ints, Floats]:
    """Half the shelf is mostly on a deal and the other half seldom. Hunters (1) wait for deals, by the odds that are
    returned; the last one (2) buys as others do (0), but only of the half that is mostly on one."""
    rng = np.random.default_rng(SEED)
    kinds = np.array([1] * hunters + [0] * others + [2])
    leanings = np.where(kinds == 1, 1.5, 0.0) + rng.normal(0, 0.3, len(kinds)) * (kinds < 2)
    rows: list[tuple[int, int, int, int]] = []
    for identity, kind in enumerate(kinds):
        for product in rng.integers(0, 20 if kind == 2 else 40, lines):
            odds = (3.0 if product < 20 else 1 / 3) * np.exp(leanings[identity])
            rows.append((identity, int(product), 0, int(rng.random() < odds / (1 + odds))))
    return purchases(len(kinds), 40, rows), kinds, leanings


def test_who_waits_for_deals_is_told_from_who_buys_what_is_always_on_one() -> None:
    bought, kinds, _ = shop_with_deals(hunters=30, others=170)
    found = estimate_price_sensitivity(bought)

    shares = bought.sums(bought.deal.astype(float)) / bought.lines()
    assert shares[-1] > np.quantile(shares[kinds == 0], 0.99)
    assert found.value[kinds == 1].min() > found.value[kinds == 0].mean() + 0.1
    assert found.low[kinds == 1].mean() > found.value[kinds == 0].mean() + 0.1
    assert abs(found.value[-1] - found.value[kinds == 0].mean()) < 0.1


def test_sensitivities_hold_the_truth_nineteen_times_of_twenty() -> None:
    bought, kinds, leanings = shop_with_deals(hunters=0, others=1500, lines=30)
    found = estimate_price_sensitivity(bought)

    common = bought.deal.mean()
    truth = 1 / (1 + (1 - common) / common * np.exp(-leanings))
    assert 0.93 < np.mean((found.low <= truth) & (truth <= found.high)) < 0.97
    assert len(kinds) == len(truth)


def test_who_bought_nothing_is_as_sensitive_as_the_shop() -> None:
    bought, *_ = shop_with_deals(hunters=5, others=20)
    with_a_stranger = Purchases(27, 40, bought.identity, bought.product, bought.day, bought.deal)
    found = estimate_price_sensitivity(with_a_stranger)

    assert found.n[-1] == 0
    assert found.value[-1] == pytest.approx(bought.deal.mean(), abs=0.02)


def test_without_prices_nothing_is_known() -> None:
    found = estimate_price_sensitivity(purchases(2, 2, [(0, 0, 1, -1), (1, 1, 2, -1)]))

    assert found.n.tolist() == [0, 0]


def steady(product: int, buyers: range, days: int) -> list[tuple[int, int, int, int]]:
    return [(buyer, product, day, 0) for day in range(0, days, 4) for buyer in buyers]


def craze(product: int, buyers: range, since: int, days: int) -> list[tuple[int, int, int, int]]:
    return [(buyer, product, day, 0) for day in range(since, days, 2) for buyer in buyers]


def test_a_rise_among_others_is_a_trend_and_a_rise_among_ones_own_is_none() -> None:
    rows = [
        *steady(0, range(20), 200),
        *craze(1, range(10), 172, 200),
        (30, 1, 199, 0),
        (31, 1, 199, 0),
        (30, 0, 199, 0),
    ]
    sold = purchases(32, 2, rows)
    asked = sold.only(sold.identity >= 30)
    same = members(32, 1, [(buyer, 0, 1.0) for buyer in [*range(10), 31]])

    apart, own, habit = trend_shares(sold, asked, same)

    assert apart > 0.8
    assert own == 0
    assert habit == 0


def test_a_membership_in_part_is_a_trend_in_part() -> None:
    rows = [*steady(0, range(20), 200), *craze(1, range(10), 172, 200), *steady(1, range(10, 14), 200), (30, 1, 199, 0)]
    sold = purchases(31, 2, rows)
    asked = sold.only(sold.identity == 30)
    shares = [
        trend_shares(
            sold, asked, members(31, 2, [(30, 0, 1.0), *((buyer, c, s[c]) for buyer in range(10) for c in (0, 1))])
        )
        for s in ((0.0, 1.0), (0.4, 0.4), (1.0, 0.0))
    ]

    assert shares[0] > shares[1] > shares[2] == 0


def test_what_the_whole_shop_sells_more_of_is_no_trend() -> None:
    rows = [
        line for product in range(3) for line in (*steady(product, range(6), 200), *craze(product, range(6), 172, 200))
    ]
    sold = purchases(8, 3, [*rows, (7, 0, 199, 0)])

    assert trend_shares(sold, sold.only(sold.identity == 7), members(8, 1, [])) == pytest.approx([0.0], abs=0.05)


def test_what_a_deal_sells_is_no_trend() -> None:
    rows = steady(0, range(20), 200) + [(buyer, 1, day, 1) for buyer, _, day, _ in craze(1, range(10), 172, 200)]
    found = estimate_trend_susceptibility(purchases(31, 2, [*rows, (30, 1, 199, 1)]), members(31, 1, []))

    assert found.n[30] == 0


def test_who_follows_every_craze_is_told_from_who_does_not() -> None:
    rng = np.random.default_rng(SEED)
    rows = [line for product in range(10) for line in steady(product, range(10 * product, 10 * product + 10), 400)]
    for number in range(8):
        since = 100 + 35 * number
        rows += craze(10 + number, range(100 + 5 * number, 105 + 5 * number), since, since + 30)
        rows += [(who, 10 + number, since + 20, 0) for who in range(200, 210)]  # followers
    rows += [
        (who, int(rng.integers(0, 10)), int(rng.integers(100, 400)), 0) for who in range(200, 220) for _ in range(8)
    ]
    found = estimate_trend_susceptibility(purchases(220, 18, rows), members(220, 1, []))

    assert found.value[200:210].min() > found.value[210:].max() + 0.1
    assert found.low[200:210].mean() > found.value[210:].mean()
    assert np.all(everything(found) >= 0)
    assert np.all(everything(found) <= 1)


def test_the_trend_share_of_a_community_is_what_rose_outside_of_it() -> None:
    """A craze among strangers reaches three communities: one buys nothing else, one much else, all are of one."""
    rows = [*steady(0, range(20), 200), *craze(1, range(20, 40), 172, 200)]
    rows += [(who, 1, 199, 0) for who in range(40, 60)]
    rows += [(who, 0, 199, 0) for who in range(50, 60) for _ in range(3)]
    rows += [(who, 1, 199, 1) for who in range(60, 70)]  # on a deal: no trend
    places = [(who, 0, 0.9) for who in range(40, 50)] + [(who, 1, 0.1) for who in range(50, 60)]
    places += [(who, 2, 0.5) for who in range(20, 40)] + [(who, 3, 0.5) for who in range(60, 70)]
    places += [(who, 4, 0.5) for who in range(40, 47)] + [(who, 2, 0.1) for who in range(40, 60)]

    follows, half, everybody, deals, few = measure_trend_shares(purchases(70, 2, rows), members(70, 5, places))

    assert np.nanmean(follows) > 0.8
    assert np.nanmean(half) == pytest.approx(np.nanmean(follows) / 4, abs=0.02)
    assert np.nanmax(everybody) == 0
    assert [np.count_nonzero(~np.isnan(one)) for one in (follows, half, everybody, few)] == [10, 10, 40, 7]
    assert np.isnan(deals).all()


def test_nobody_buys_anything() -> None:
    nothing = purchases(3, 2, [])

    assert estimate_price_sensitivity(nothing).n.tolist() == [0, 0, 0]
    assert estimate_trend_susceptibility(nothing, members(3, 1, [])).n.tolist() == [0, 0, 0]
    assert np.isnan(measure_trend_shares(nothing, members(3, 1, [(0, 0, 1.0)]))).all()
