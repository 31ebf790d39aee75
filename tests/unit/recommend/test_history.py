"""The likes that an answer is made of: aged once, joined over those who granted theirs, a member by one's own alone."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from app.domain.evidence import Like
from app.domain.recommendation import LeftOut
from app.graph.times import from_ms
from app.recommend.edit import without
from app.recommend.history import build_history, measure_recency, share_out
from app.recommend.query import Reader
from app.recommend.tuning import Tuning
from tests.unit.recommend.shop import DAY, NOW_MS, a_model, a_query, an_ask, likes


def test_what_is_stamped_ahead_of_now_weighs_what_it_weighs_today() -> None:
    """An event may be stamped up to a day ahead; it is not younger than new."""
    for hours, expected in ((20, 1.0), (0, 1.0), (-20, np.exp(-20 / 24 / 120))):
        ahead = likes("tea", at_ms=np.asarray([NOW_MS + hours * DAY / 24]))

        assert build_history(a_query(ahead), a_model(), Tuning()).liked.weights == pytest.approx([expected])


def test_what_was_granted_is_evidence_of_no_membership() -> None:
    own = likes("tea", "cup", "hammer")
    granted = likes("nails", "hammer", "milk", *(f"elsewhere-{n}" for n in range(30)), identity_id="ben")

    alone, together = an_ask(a_query(own)), an_ask(a_query(own, granted))

    assert together.belonging.memberships == alone.belonging.memberships
    assert together.belonging.strengths.tolist() == alone.belonging.strengths.tolist()
    assert len(together.history.liked) > len(alone.history.liked)


def test_of_one_product_that_several_like_the_weights_are_added_and_it_is_the_reader_s_own() -> None:
    own, granted = likes("tea"), likes("tea", "milk", identity_id="ben", kind="work")

    history = build_history(a_query(own, granted), a_model(), Tuning())

    found = dict(zip(history.liked.product_ids, history.liked.weights.tolist(), strict=True))
    assert found["tea"] == pytest.approx(2 * found["milk"])
    assert dict(zip(history.liked.product_ids, history.liked.via, strict=True)) == {"tea": None, "milk": "work"}


def test_only_the_strongest_are_used_and_all_that_is_owned_is_known() -> None:
    many = likes("tea", "cup", "pot", "milk", weight=np.asarray([1.0, 4.0, 2.0, 3.0]))

    history = build_history(a_query(many), a_model(), Tuning(history_size=2))

    assert history.liked.product_ids == ("cup", "milk")
    assert history.shares.sum() == pytest.approx(1)
    assert set(history.owned.product_ids) == {"tea", "cup", "pot", "milk"}


def test_one_heavy_habit_does_not_outweigh_everything() -> None:
    heavy = likes("tea", "cup", weight=np.asarray([99.0, 1.0]))

    assert build_history(a_query(heavy), a_model(), Tuning()).shares[1] > 0.015  # of the weight it has 0.01


def faded(fading: float = 0.8, **given: Any) -> list[float]:
    """What is left of the likes of tea, cup and pot, beside what is left of the newest."""
    own = likes("tea", "cup", "pot", **given)
    history = build_history(a_query(own), a_model(fading=fading), Tuning(decay_days=1e9))
    shares = dict(zip(history.liked.product_ids, history.shares.tolist(), strict=True))
    return [shares[id_] / max(shares.values()) for id_ in ("tea", "cup", "pot")]


def test_a_like_fades_with_each_visit_that_came_after_it() -> None:
    days = np.asarray([NOW_MS - 30.0 * DAY, NOW_MS - 20.0 * DAY, NOW_MS - 10.0 * DAY])

    assert faded(at_ms=days) == pytest.approx([0.64, 0.8, 1.0])
    assert faded(at_ms=days[::-1]) == pytest.approx([1.0, 0.8, 0.64])


def test_what_was_done_at_one_time_is_one_visit() -> None:
    assert faded(at_ms=np.full(3, NOW_MS - 10.0 * DAY)) == [1.0, 1.0, 1.0]
    two = np.asarray([NOW_MS - 30.0 * DAY, NOW_MS - 10.0 * DAY, NOW_MS - 10.0 * DAY])
    assert faded(at_ms=two) == pytest.approx([0.8, 1.0, 1.0])


def test_a_look_pushes_a_purchase_back_less_than_a_purchase_does() -> None:
    days = np.asarray([NOW_MS - 30.0 * DAY, NOW_MS - 20.0 * DAY, NOW_MS - 10.0 * DAY])

    bought, seen, _ = measure_recency(days, np.asarray([1.0, 0.05, 0.05]), 0.8)
    only_seen = measure_recency(days, np.full(3, 0.05), 0.8)

    assert bought == pytest.approx(0.8**0.1)
    assert seen == pytest.approx(0.8**0.05)
    assert only_seen == pytest.approx([0.64, 0.8, 1.0])


def test_a_run_in_which_order_was_no_help_lets_no_like_fade() -> None:
    days = np.asarray([NOW_MS - 30.0 * DAY, NOW_MS - 20.0 * DAY, NOW_MS - 10.0 * DAY])

    assert faded(fading=1.0, at_ms=days) == pytest.approx([1.0, 1.0, 1.0])


def test_order_says_nothing_of_where_a_reader_belongs() -> None:
    days = np.asarray([NOW_MS - 300.0 * DAY, NOW_MS - 200.0 * DAY, NOW_MS - 1.0 * DAY])
    own = likes("tea", "cup", "hammer", at_ms=days)

    plain, fading = (an_ask(a_query(own), a_model(fading=one)).belonging for one in (1.0, 0.5))

    assert plain.strengths.tolist() == fading.strengths.tolist()


def test_a_reader_without_some_of_its_likes_is_one_that_never_had_them() -> None:
    reader = Reader("stamp", granted=True, own=likes("tea", "cup", "milk"))
    at = from_ms(NOW_MS - 10 * DAY)
    half = Like("ann", "cup", 0.5, 0.25, 1, 0, at)

    left = without(reader, LeftOut(product_ids=("tea",), likes={"cup": half, "milk": None})).own

    assert left is not None
    assert (left.product_ids, left.weight.tolist(), left.full_price_weight.tolist()) == (("cup",), [0.5], [0.25])
    assert (left.bought.tolist(), bool(np.isnan(left.bought_ms[0]))) == ([False], True)
    assert reader.own is not None
    assert reader.own.weight.tolist() == [1.0, 1.0, 1.0]  # what is kept stays as it was


def test_what_nobody_left_out_is_the_very_reader() -> None:
    reader = replace(Reader("stamp", granted=True), own=likes("tea"))

    assert without(reader, LeftOut()) is reader


def test_the_oldest_likes_of_a_very_long_history_still_have_shares() -> None:
    oldest = measure_recency(np.arange(5_000.0), np.ones(5_000), 0.8)[:200]

    assert share_out(np.ones(200), oldest).sum() == pytest.approx(1)
