"""Further lists that one run is asked for: what was never bought before, and what was bought at full price."""

from dataclasses import replace

import numpy as np

from app.domain.models import Product
from app.evaluation.baselines import rank_by_undiscounted_frequency
from app.evaluation.datasets import Dataset, Interactions
from app.evaluation.protocols import SECONDS_A_DAY, visits_ago
from app.evaluation.shelves import shelves_of
from app.evaluation.task import Task, build_task
from app.settings import Settings

SETTINGS = Settings.load(recommenders=("repeat", "similar"), fallback=("popular",))


def household_shop(*, priced: bool = True) -> Dataset:
    """Twelve people with six visits ten days apart; milk always, tea until the 4th, jam from the 5th, cake at the 6th.

    Milk is half price for all but person 0; cake is bought by person 0 alone. Person 1 brings no jam home in the 5th.
    """
    lines = [(who, 0, visit) for who in range(12) for visit in range(6)]
    lines += [(who, 1, visit) for who in range(12) for visit in range(4)]
    lines += [(who, 2, visit) for who in range(12) for visit in (4, 5) if not (who == 1 and visit == 4)]
    lines += [(0, 3, 5)] + [(who, 3, 0) for who in range(2, 12)]
    table = np.asarray(lines, dtype=np.int64)
    milk_deal = (table[:, 1] == 0) & (table[:, 0] > 0)
    return Dataset(
        name="shop",
        identities=tuple(f"i{n}" for n in range(12)),
        products=tuple(Product(name, name.title()) for name in ("milk", "tea", "jam", "cake")),
        interactions=Interactions(
            identity=table[:, 0],
            product=table[:, 1],
            weight=np.ones(len(table)),
            at=table[:, 2] * 10 * SECONDS_A_DAY,
            price_paid=np.where(milk_deal, 1.0, 2.0) if priced else None,
            list_price=np.full(len(table), 2.0) if priced else None,
        ),
    )


def last_basket(*, priced: bool = True) -> Task:
    return build_task(household_shop(priced=priced), "taiw", "test", seed=0)


def test_what_was_never_bought_before_is_a_list_of_its_own():
    protocol, news, _ = shelves_of(last_basket(), SETTINGS)

    # Jam is no news to those who brought it home the visit before, though no training row says so.
    assert protocol.task.relevant[0] == {0, 2, 3}
    assert (news.name, news.task.asked.tolist()) == ("new for you", [0, 1])
    assert news.task.relevant == ({3}, {2})
    assert news.task.barred == ({0, 2}, {0})


def test_the_list_of_new_products_asks_everything_but_repeats_and_compares_with_what_learns_from_all():
    _, news, _ = shelves_of(last_basket(), SETTINGS)

    assert news.questions[0].sources == ("similar", "popular")
    assert [baseline.name for baseline in news.baselines] == ["popularity", "item-item cosine", "EASE"]
    assert not set(news.baselines[0].rank(news.task, 4)[0].tolist()) & {0, 1, 2}


def test_what_was_bought_at_full_price_is_asked_with_both_objectives():
    _, _, full = shelves_of(last_basket(), SETTINGS)

    assert full.task.relevant[:2] == ({0, 2, 3}, {2})
    assert [question.objective for question in full.questions] == ["balanced", "full_price"]
    assert [baseline.name for baseline in full.baselines] == ["popularity", "own most frequent", "product-only rule"]


def test_a_product_that_all_get_at_a_discount_falls_behind_even_for_one_who_pays_in_full():
    task = last_basket()

    # Milk at .98 a visit, mostly discounted; tea as often and never; both were bought four times.
    assert rank_by_undiscounted_frequency(task, 3)[0].tolist() == [1, 0, -1]


def test_without_prices_there_is_no_list_of_full_prices():
    assert [shelf.name for shelf in shelves_of(last_basket(priced=False), SETTINGS)] == ["", "new for you"]


def test_where_nothing_repeats_there_is_one_list():
    data = household_shop()
    untimed = replace(data, interactions=replace(data.interactions, at=None))

    assert [shelf.name for shelf in shelves_of(build_task(untimed, "ratio", "test", seed=0), SETTINGS)] == [""]


def test_the_validation_round_knows_nothing_of_the_test_basket():
    _, news, _ = shelves_of(build_task(household_shop(), "taiw", "validation", seed=0), SETTINGS)

    assert news.task.relevant == (frozenset({2}),) * len(news.task.asked)
    assert set(news.task.barred) == {frozenset[int]()}


def test_visits_are_counted_back_from_the_last():
    rows = Interactions(np.asarray([0, 0, 0, 1]), np.asarray([0, 1, 0, 0]), np.ones(4), np.asarray([5, 5, 9, 7]))

    assert visits_ago(rows).tolist() == [1, 1, 0, 0]
