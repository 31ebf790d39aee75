"""What a ranking is asked, may learn from and should find."""

from dataclasses import replace

import numpy as np
import pytest

from app.domain.errors import InvalidError
from app.domain.models import Product
from app.evaluation.baselines import rank_by_own_frequency, rank_by_popularity
from app.evaluation.datasets import Dataset, Interactions, TagActs
from app.evaluation.protocols import SECONDS_A_DAY, Protocol
from app.evaluation.task import Task, ask_fewer, build_task, cut_histories, narrow

NOTHING: frozenset[int] = frozenset()


def listeners(people: int = 4, products: int = 20) -> Dataset:
    """Everybody has every product once, no times."""
    identity, product = (axis.reshape(-1).astype(np.int64) for axis in np.indices((people, products)))
    return Dataset(
        name="listeners",
        identities=tuple(f"i{n}" for n in range(people)),
        products=tuple(Product(f"p{n}", f"Product {n}") for n in range(products)),
        interactions=Interactions(identity, product, np.ones(len(identity))),
    )


def shoppers() -> Dataset:
    """Ten people who come every ten days for product 0, nearly all every twenty for 1, and once for 2."""
    visits = [(who, 0, day * 10) for who in range(10) for day in range(6)]
    visits += [(who, 1, day * 20) for who in range(9) for day in range(3)] + [(9, 1, 0)]
    visits += [(who, 2, 50) for who in range(10)]
    table = np.asarray(visits, dtype=np.int64)
    return Dataset(
        name="shoppers",
        identities=tuple(f"i{n}" for n in range(10)),
        products=tuple(Product(f"p{n}", f"Product {n}") for n in range(3)),
        interactions=Interactions(table[:, 0], table[:, 1], np.ones(len(table)), table[:, 2] * SECONDS_A_DAY),
    )


def pairs(task: Task) -> set[tuple[int, int]]:
    return set(zip(task.train.identity.tolist(), task.train.product.tolist(), strict=True))


def test_train_validation_and_test_never_share_a_pair():
    validation = build_task(listeners(), "ratio", "validation", seed=1)
    test = build_task(listeners(), "ratio", "test", seed=1)

    assert pairs(validation) == pairs(test)
    for identity in range(4):
        own = {product for who, product in pairs(test) if who == identity}
        assert (len(own), len(validation.relevant[identity]), len(test.relevant[identity])) == (16, 2, 2)
        assert not own & test.relevant[identity]
        assert not own & validation.relevant[identity]
        assert not validation.relevant[identity] & test.relevant[identity]


def test_the_test_round_bars_the_validation_part_and_not_the_other_way_round():
    validation = build_task(listeners(), "ratio", "validation", seed=1)
    test = build_task(listeners(), "ratio", "test", seed=1)

    assert test.barred == validation.relevant
    assert validation.barred == (frozenset(),) * 4


def timed_listeners() -> Dataset:
    """Everybody takes up the products in the order of their numbers, a day apart."""
    data = listeners()
    return replace(data, interactions=replace(data.interactions, at=data.interactions.product * SECONDS_A_DAY))


def test_the_last_one_is_asked_with_all_before_it_in_the_history():
    test = build_task(timed_listeners(), "leave-one-out", "test", seed=1)
    validation = build_task(timed_listeners(), "leave-one-out", "validation", seed=1)

    assert set(test.relevant) == {frozenset({19})}
    assert set(validation.relevant) == {frozenset({18})}
    assert pairs(test) == {(who, product) for who in range(4) for product in range(19)}
    assert pairs(validation) == {(who, product) for who in range(4) for product in range(18)}
    assert set(test.barred) | set(validation.barred) == {NOTHING}
    assert test.asked_at is not None
    assert set(test.asked_at.tolist()) == {19 * SECONDS_A_DAY}


def test_the_basket_before_the_last_is_history_unless_the_protocol_keeps_it_back():
    told, kept_back = (build_task(shoppers(), protocol, "test", seed=1) for protocol in ("last-basket", "taiw"))

    assert max(np.asarray(told.train.at).tolist()) == 40 * SECONDS_A_DAY
    assert max(np.asarray(kept_back.train.at).tolist()) == 30 * SECONDS_A_DAY
    assert told.relevant == kept_back.relevant
    assert told.known_besides == kept_back.known_besides


def test_a_ready_made_split_is_taken_as_it_is():
    data = timed_listeners()
    split = replace(data, ready_made=data.interactions.product == 7)

    task = build_task(split, None, "test", seed=1)

    assert (set(task.relevant), task.repeats, len(task.train)) == ({frozenset({7})}, False, 4 * 19)
    assert task.asked_at is not None
    with pytest.raises(InvalidError, match="validation"):
        build_task(split, None, "validation", seed=1)


def test_a_ready_made_split_whose_products_come_back_may_repeat():
    data = shoppers()
    split = replace(data, ready_made=np.asarray(data.interactions.at) == 50 * SECONDS_A_DAY)

    task = build_task(split, None, "test", seed=1)

    assert task.repeats
    assert task.relevant == (frozenset({0, 2}),) * 10


def test_without_a_protocol_or_a_split_it_is_refused():
    with pytest.raises(InvalidError, match="--protocol"):
        build_task(listeners(), None, "test", seed=1)


def test_who_is_left_out_is_said():
    some = build_task(shoppers(), "last-basket", "test", seed=1, identities=4)
    untimed = build_task(timed_listeners(), "ratio", "test", seed=1)

    assert some.notes[0].startswith("6 of 10 identities are left out")
    assert untimed.notes == ("times are not used: ratio holds out at random",)
    assert build_task(timed_listeners(), "leave-one-out", "test", seed=1).notes == ()


def test_a_last_basket_is_asked_at_its_time_and_may_repeat():
    task = build_task(shoppers(), "taiw", "test", seed=1)

    assert task.repeats
    assert task.asked_at is not None
    assert set(task.asked_at.tolist()) == {50 * SECONDS_A_DAY}
    assert set(task.relevant) == {frozenset({0, 2})}
    assert max(np.asarray(task.train.at).tolist()) == 30 * SECONDS_A_DAY  # day 40 is the validation basket


def test_a_sample_of_identities_is_drawn_by_seed():
    drawn = [build_task(shoppers(), "last-basket", "test", seed, identities=4).asked.tolist() for seed in (1, 1, 2)]

    assert len(drawn[0]) == 4
    assert drawn[0] == drawn[1] != drawn[2]


def test_baskets_without_times_are_refused():
    with pytest.raises(InvalidError, match="timestamp"):
        build_task(listeners(), "last-basket", "test", seed=1)


def test_tags_that_people_gave_to_their_held_out_products_are_hidden():
    everybody, everything = (axis.reshape(-1).astype(np.int64) for axis in np.indices((6, 20)))
    tag = np.append(np.zeros(120, dtype=np.int64), 1)
    acts = TagActs(np.append(everybody, 0), np.append(everything, 0), tag, ("loud", "rare"))
    task = build_task(replace(listeners(people=6), tag_acts=acts), "ratio", "test", seed=1)
    givers = [sum((who, product) in pairs(task) for who in range(6)) for product in range(20)]

    assert [[tag.name for tag in product.tags] for product in task.dataset.products] == [["loud"]] * 20
    assert [product.tags[0].weight for product in task.dataset.products] == pytest.approx(np.log1p(givers))
    assert min(givers) < 6


def test_popularity_ranks_what_most_have_and_the_asker_has_not():
    data = listeners(people=3, products=4)
    rows = Interactions(np.asarray([0, 1, 2, 1, 2, 2]), np.asarray([0, 0, 0, 1, 1, 2]), np.ones(6))
    task = Task(
        data, rows, np.asarray([0, 2]), (frozenset({1}), frozenset({3})), (frozenset({2}), frozenset()), None, False
    )

    assert rank_by_popularity(task, 3).tolist() == [[1, 3, -1], [3, -1, -1]]
    assert rank_by_popularity(replace(task, repeats=True), 3).tolist() == [[0, 1, 3], [0, 1, 2]]


def test_own_frequency_ranks_what_one_bought_most_ties_by_popularity():
    data = listeners(people=2, products=4)
    rows = Interactions(np.asarray([0, 0, 0, 0, 1, 1]), np.asarray([3, 3, 1, 2, 2, 0]), np.ones(6))
    task = Task(data, rows, np.asarray([0, 1]), (frozenset({1}), frozenset({1})), (NOTHING, NOTHING), None, True)

    assert rank_by_own_frequency(task, 4).tolist() == [[3, 2, 1, -1], [2, 0, -1, -1]]


def test_a_fifth_is_asked_with_a_cut_history_and_the_crowd_keeps_its_own():
    whole = build_task(listeners(people=10), "ratio", "test", seed=1)

    cold = cut_histories(whole, 3, seed=1)

    kept = np.bincount(cold.train.identity, minlength=10)
    asked: list[int] = cold.asked.tolist()
    assert len(asked) == 2
    assert sorted(kept.tolist()) == [3] * 2 + [16] * 8
    assert kept[asked].tolist() == [3, 3]
    assert pairs(cold) <= pairs(whole)
    assert cold.relevant == tuple(whole.relevant[who] for who in asked)


def test_what_was_cut_from_a_history_must_not_be_shown_as_new():
    whole = build_task(listeners(people=10), "ratio", "test", seed=1)

    cold = cut_histories(whole, 3, seed=1)

    for row, who in enumerate(cold.asked.tolist()):
        left = {product for owner, product in pairs(cold) if owner == who}
        assert cold.barred[row] == frozenset(range(20)) - left - whole.relevant[who]


def test_what_was_cut_from_a_shoppers_history_may_still_be_bought_again():
    cold = cut_histories(build_task(shoppers(), "last-basket", "test", seed=1), 1, seed=1)

    assert cold.barred == (NOTHING, NOTHING)
    assert cold.asked_at is not None
    assert np.bincount(cold.train.identity)[cold.asked].tolist() == [1, 1]


def test_some_of_what_was_cut_stands_on_the_page():
    whole = build_task(listeners(people=10), "ratio", "test", seed=1)

    cold = cut_histories(whole, 0, seed=1, viewing=2)

    assert cold.viewed is not None
    assert [len(viewed) for viewed in cold.viewed] == [2, 2]
    assert all(viewed < barred for viewed, barred in zip(cold.viewed, cold.barred, strict=True))
    assert cut_histories(whole, 0, seed=1).viewed is None
    assert narrow(cold, [1]).viewed == cold.viewed[1:]


def test_histories_are_cut_by_seed_and_short_ones_stay():
    whole = build_task(listeners(people=10), "ratio", "test", seed=1)

    assert pairs(cut_histories(whole, 3, seed=1)) == pairs(cut_histories(whole, 3, seed=1))
    assert pairs(cut_histories(whole, 3, seed=1)) != pairs(cut_histories(whole, 3, seed=2))
    assert pairs(cut_histories(whole, 99, seed=1)) == pairs(whole)


def test_a_holdout_test_learns_from_all_but_the_test_rows():
    test = build_task(listeners(people=10), "holdout", "test", seed=1)
    validation = build_task(listeners(people=10), "holdout", "validation", seed=1)

    assert (len(test.train), len(validation.train)) == (160, 128)
    assert sum(len(held) for held in test.relevant) == 40
    assert sum(len(held) for held in validation.relevant) == 32
    assert pairs(validation) < pairs(test)
    assert set(test.barred) == {NOTHING}


def test_fewer_may_be_asked_while_all_are_learned_from():
    whole = build_task(listeners(people=10), "ratio", "test", seed=1)

    few = ask_fewer(whole, 3, seed=1)
    asked: list[int] = few.asked.tolist()

    assert len(asked) == 3
    assert pairs(few) == pairs(whole)
    assert few.relevant == tuple(whole.relevant[who] for who in asked)
    assert few.barred == tuple(whole.barred[who] for who in asked)
    assert len(ask_fewer(whole, 99, seed=1).asked) == 10


@pytest.mark.parametrize("protocol", ["ratio", "holdout"])
def test_what_is_held_out_at_random_is_as_old_as_what_is_known(protocol: Protocol):
    data = listeners()
    at = np.arange(len(data.interactions)) * SECONDS_A_DAY
    timed = replace(data, interactions=replace(data.interactions, at=at))

    task = build_task(timed, protocol, "test", seed=1)

    assert (task.train.at, task.asked_at) == (None, None)
    assert build_task(timed, "leave-one-out", "test", seed=1).train.at is not None
