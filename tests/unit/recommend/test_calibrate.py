"""Places of a shelf go to the microgenres of a history by their share."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.recommend.calibrate import PLACES, POOL, calibrate
from app.recommend.history import Items, build_history
from app.recommend.model import RunModel, rows_of
from app.recommend.pipeline import draft
from app.recommend.tuning import Tuning
from app.taste.values import Floats, Ints
from tests.unit.recommend.shop import PRODUCTS, a_model, a_query, full_query, likes

CATS, STAPLES, NOTHING = 0, 1, 2


def a_shop(kinds: list[int]) -> RunModel:
    """Products p000 … of one of two microgenres each, or of none."""
    placed = (
        np.asarray([(place, kind) for place, kind in enumerate(kinds) if kind != NOTHING])
        .reshape(-1, 2)
        .astype(np.int64)
    )
    return replace(
        a_model(),
        products=tuple(f"p{place:03}" for place in range(len(kinds))),
        genres=("cats", "staples"),
        genre_labels=("cats", "staples"),
        in_genre=rows_of(len(kinds), placed[:, 0], placed[:, 1], np.full(len(placed), 0.7)),
    )


def liked(*places: int) -> tuple[Items, Floats]:
    model = a_shop([CATS] * 100)
    items = build_history(a_query(likes(*(f"p{place:03}" for place in places))), model, Tuning()).liked
    return replace(items, places=np.asarray(places)), np.full(len(places), 1 / max(1, len(places)))


def order_of(kinds: list[int], scores: Floats, *own: int, by_interest: float = 0.5) -> list[int]:
    items, shares = liked(*own)
    return calibrate(np.arange(len(kinds)), scores, items, shares, a_shop(kinds), by_interest).tolist()


def test_half_a_history_of_cats_has_its_places_among_staples_that_score_more() -> None:
    kinds = [STAPLES] * 20 + [CATS] * 20
    scores = np.concatenate([np.linspace(2.0, 1.0, 20), np.linspace(0.5, 0.4, 20)])

    by_score, half = (order_of(kinds, scores, 0, 39, by_interest=one) for one in (0.0, 1.0))

    assert by_score == list(range(40))
    assert [place for place in half[:12] if kinds[place] == CATS] == [20, 21, 22], (
        "fewer than 6, as they score a quarter"
    )
    assert half[0] == 0


def test_who_likes_cats_alone_is_shown_what_is_new_too_where_interest_is_half() -> None:
    kinds = [STAPLES] * 20 + [CATS] * 20
    scores = np.concatenate([np.linspace(2.0, 1.0, 20), np.linspace(1.9, 0.9, 20)])

    assert {kinds[place] for place in order_of(kinds, scores, 39, by_interest=1.0)[:12]} == {CATS}
    assert 6 < sum(kinds[place] == CATS for place in order_of(kinds, scores, 39)[:12]) < 11


def test_products_of_no_microgenre_are_one_of_their_own() -> None:
    kinds = [NOTHING] * 20 + [CATS] * 20
    scores = np.concatenate([np.full(20, 1.0), np.full(20, 0.9)])

    assert sum(kinds[place] == CATS for place in order_of(kinds, scores, 0, 39, by_interest=1.0)[:12]) == 6


@pytest.mark.parametrize("own", [(), (-1,)])
def test_without_a_history_that_the_run_knows_it_is_by_score(own: tuple[int, ...]) -> None:
    model, empty = a_shop([CATS, STAPLES]), liked()[0]
    items = replace(empty, places=np.asarray(own, dtype=np.int64))

    assert calibrate(np.arange(2), np.asarray([1.0, 2.0]), items, np.ones(len(own)), model, 0.5).tolist() == [1, 0]


def test_what_nothing_is_due_to_comes_behind_by_score() -> None:
    scores = np.asarray([3.0, 1.0, 2.0, 0.5])

    assert order_of([STAPLES, CATS, STAPLES, CATS], scores, 1, by_interest=1.0) == [1, 3, 0, 2]


@given(
    st.lists(st.tuples(st.sampled_from([CATS, STAPLES, NOTHING]), st.floats(1e-6, 1e6)), min_size=1, max_size=400),
    st.floats(0, 1),
)
def test_it_is_an_order_of_the_best(rows: list[tuple[int, float]], by_interest: float) -> None:
    scores = np.asarray([score for _, score in rows])
    order = order_of([kind for kind, _ in rows], scores, 0, by_interest=by_interest)

    assert len(set(order)) == len(order) == min(POOL, len(rows))
    assert scores[order].min() >= np.sort(scores)[::-1][: len(order)].min()
    behind = scores[order[PLACES:]]
    assert (np.diff(behind) <= 0).all()


@pytest.mark.parametrize(("by_interest", "first"), [(0.0, "nails"), (1.0, "pot")])
def test_to_who_likes_tea_and_cups_a_pot_comes_before_the_nails_that_others_like(
    by_interest: float, first: str
) -> None:
    drawn = draft(replace(full_query(), shelf="for_you"), a_model(), Tuning(calibration=by_interest))

    assert PRODUCTS[drawn.near.places[drawn.near.first(1)[0]]] == first


def test_a_shelf_is_calibrated_and_a_ranking_is_not() -> None:
    """What scores are made of grows and shrinks with them."""
    ranking, calibrated, plain = (
        draft(replace(full_query(), shelf=shelf), a_model(), Tuning(calibration=by_interest))
        for shelf, by_interest in (("ranking", 1.0), ("for_you", 1.0), ("for_you", 0.0))
    )

    assert ranking.near.scores.tolist() == plain.near.scores.tolist()
    assert sorted(calibrated.near.scores.tolist()) == pytest.approx(sorted(plain.near.scores.tolist()))
    entries: Ints = np.arange(len(calibrated.near))
    for entry, parts in enumerate(calibrated.contributions(entries).parts):
        made = sum(part for _, part in parts) + calibrated.popularity[entry]
        assert made == pytest.approx(calibrated.near.scores[entry], rel=1e-5)
