"""A plan keeps to its limits, and none is worth more than the bound that is told."""

from itertools import combinations, pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.recommend import solve_plan
from app.recommend.solve_plan import Assignment, Limits, Proposals, solve, solve_by_prices

PRODUCTS = 4


@st.composite
def problems(draw: st.DrawFn, most_contacts: int = 4) -> tuple[Proposals, Limits]:
    """A few contacts who could be shown a few products each."""
    gains = st.integers(1, 20).map(lambda tenths: tenths / 10)
    rows = draw(
        st.lists(st.dictionaries(st.integers(0, PRODUCTS - 1), gains, max_size=3), min_size=1, max_size=most_contacts)
    )
    limits = Limits(
        slots=draw(st.integers(1, 3)),
        stock=np.array(draw(st.lists(st.integers(-1, 2), min_size=PRODUCTS, max_size=PRODUCTS)), dtype=np.int64),
        most_contacts=draw(st.none() | st.integers(0, 3)),
        cost=draw(st.sampled_from([0.0, 0.3, 1.0])),
        least_gain=draw(st.sampled_from([0.0, 0.5, 1.5])),
    )
    return proposals(rows), limits


def proposals(rows: list[dict[int, float]]) -> Proposals:
    return Proposals(
        np.cumsum([0, *map(len, rows)]),
        np.array([product for row in rows for product in row], dtype=np.int64),
        np.array([gain for row in rows for gain in row.values()], dtype=np.float64),
    )


def best_of_all(asked: Proposals, limits: Limits) -> float:
    """What the best plan is worth, by trying all: contact by contact, over what is left of the stock."""
    starts = asked.starts.tolist()
    best: dict[tuple[tuple[int, ...], int], float] = {}
    start = tuple(limits.stock.tolist())
    states = {(start, 0): 0.0}
    for first, last in pairwise(starts):
        best = dict(states)
        for size in range(1, limits.slots + 1):
            for some in combinations(range(first, last), size):
                net = float(asked.gains[list(some)].sum()) - limits.cost
                if net < limits.least_gain - 1e-9:
                    continue
                for (stock, contacts), value in states.items():
                    left = list(stock)
                    for one in some:
                        product = int(asked.products[one])
                        left[product] = (
                            left[product] - 1 if left[product] > 0 else left[product] - 10 * (left[product] == 0)
                        )
                    if min(left) < -1 or (limits.most_contacts is not None and contacts == limits.most_contacts):
                        continue
                    key = (tuple(left), contacts + 1)
                    best[key] = max(best.get(key, -np.inf), value + net)
        states = best
    return max(states.values())


def check(asked: Proposals, limits: Limits, found: Assignment) -> None:
    rows, chosen = asked.rows[found.chosen], found.chosen
    assert len(set(chosen.tolist())) == len(chosen)
    each = np.bincount(rows, minlength=asked.contacts)
    assert each.max(initial=0) <= limits.slots
    shown = np.bincount(asked.products[chosen], minlength=PRODUCTS)
    assert np.all((limits.stock < 0) | (shown <= limits.stock))
    assert limits.most_contacts is None or (each > 0).sum() <= limits.most_contacts
    net = np.bincount(rows, weights=asked.gains[chosen], minlength=asked.contacts) - limits.cost
    assert np.all(net[each > 0] >= limits.least_gain - 1e-9)
    assert found.value == pytest.approx(net[each > 0].sum())
    assert found.value <= found.bound + 1e-9


@given(problems())
def test_a_small_plan_is_the_best_one_and_keeps_to_all_limits(problem: tuple[Proposals, Limits]) -> None:
    found = solve(*problem)

    check(*problem, found)
    assert found.is_exact
    assert found.gap == pytest.approx(0, abs=1e-9)
    assert found.value == pytest.approx(best_of_all(*problem))


@given(problems())
def test_no_plan_is_worth_more_than_the_bound_by_prices(problem: tuple[Proposals, Limits]) -> None:
    found, best = solve_by_prices(*problem), best_of_all(*problem)

    check(*problem, found)
    assert found.value <= best + 1e-9
    assert found.bound >= best - 1e-9
    assert not found.is_exact or found.value == pytest.approx(best)


@given(st.integers(0, 2**32 - 1))
def test_hundreds_of_contacts_keep_to_all_limits_and_are_near_the_best(seed: int) -> None:
    rng = np.random.default_rng(seed)
    rows = [
        dict(zip(rng.choice(PRODUCTS, 3, replace=False).tolist(), rng.uniform(0.1, 1, 3).tolist(), strict=True))
        for _ in range(200)
    ]
    asked = proposals(rows)
    limits = Limits(2, np.array([30, 50, 10, 40]), 90, cost=0.1, least_gain=0.2)

    found, exact = solve_by_prices(asked, limits), solve(asked, limits)

    check(asked, limits, found)
    assert exact.is_exact
    assert found.value <= exact.value + 1e-9 <= found.bound + 2e-9
    assert found.gap < 0.1


def test_the_same_problem_is_solved_the_same_way() -> None:
    rows = [{0: 0.5, 1: 0.5}] * 5
    limits = Limits(1, np.array([2, 1, 0, 0]))

    first, again = solve_by_prices(proposals(rows), limits), solve_by_prices(proposals(rows), limits)

    assert first.chosen.tolist() == again.chosen.tolist()
    assert len(first.chosen) == 3


def test_nobody_to_contact_is_an_empty_plan() -> None:
    for solver in (solve, solve_by_prices):
        found = solver(proposals([{}]), Limits(2, np.array([1, 1, 1, 1])))
        assert (found.chosen.tolist(), found.value, found.gap) == ([], 0.0, 0.0)
    assert solve(proposals([]), Limits(2, np.array([-1]))).chosen.tolist() == []


def test_what_takes_too_long_is_planned_by_prices(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(solve_plan, "_NODES", 0)
    monkeypatch.setattr(solve_plan, "MOST_EXACT", 0)
    found = solve(proposals([{0: 0.5}, {0: 0.9}]), Limits(1, np.array([1, 0, 0, 0])))

    assert (found.chosen.tolist(), found.value) == ([1], 0.9)
