"""How engagement goes with staying: planted thresholds are found, and where there is none, none is named."""

import json
from dataclasses import asdict, replace
from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.disclosure import Disclosure, Figure
from app.domain.retention import Ladder, Retention, RetentionRules
from app.graph.retention import retention_of, text_of
from app.jobs.retention import Buyers, find_end
from app.taste.ladder import Engaged, climb, find_scale
from app.taste.noise import REACH, Noise
from app.taste.publisher import Publisher
from tests.bench.retention import KINDS, NEAR, WITH, Kind, climb_world, draw_world

RULES = RetentionRules()
K = 50


def publisher_of(people: int, week: int = 1) -> Publisher:
    return Publisher(Noise(f"week {week}".encode(), [f"c{number}" for number in range(people)]), Disclosure(K))


def ladder_of(engaged: Engaged, week: int = 1) -> Ladder:
    everybody = np.arange(len(engaged.gone))
    publisher = publisher_of(len(everybody), week)
    return climb(publisher, engaged, find_scale(publisher, engaged), everybody, "shop", RULES)


@pytest.mark.parametrize("kind", sorted(WITH))
def test_a_planted_threshold_is_recovered_within_ten_percent(kind: Kind) -> None:
    """Of 1,000 worlds, ``python -m tests.bench.retention`` counts how many."""
    worlds = [draw_world(kind, 10_000, seed) for seed in range(12)]
    found = [climb_world(world, seed).threshold for seed, world in enumerate(worlds)]

    near = [
        one.value is not None and abs(one.value / world.at - 1) <= NEAR
        for one, world in zip(found, worlds, strict=True)
    ]
    held = [(one.low or 0) <= world.at <= (one.high or 0) for one, world in zip(found, worlds, strict=True)]
    assert sum(near) >= 10
    assert sum(held) >= 9


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in WITH])
def test_a_world_without_a_threshold_says_so(kind: Kind) -> None:
    found = [climb_world(draw_world(kind, 10_000, seed), seed) for seed in range(12)]

    assert sum(one.status == "no_threshold" for one in found) >= 11
    assert all(one.threshold.value is None for one in found if one.status == "no_threshold")


def test_what_is_said_of_a_threshold_is_its_association() -> None:
    ladder = climb_world(draw_world("threshold", 10_000, 0), 0)

    assert ladder.status == "threshold"
    assert ladder.threshold.low is not None
    assert "purchases in 30 days (95 % interval" in ladder.reason
    assert "bought nothing in the next 60 days" in ladder.reason
    assert ladder.reason.endswith("This is an association, not a cause.")
    assert "because" not in ladder.reason


def test_a_flat_curve_is_not_said_to_fall() -> None:
    ladder = climb_world(draw_world("flat", 10_000, 1), 1)

    assert ladder.status == "no_threshold"
    assert "hardly differs by purchases" in ladder.reason


@st.composite
def shops(draw: st.DrawFn) -> Engaged:
    """Any shop, whatever goes with what in it."""
    people = draw(st.integers(0, 1500))
    rng = np.random.default_rng(draw(st.integers(0, 10_000)))
    most = draw(st.sampled_from([1, 3, 20, 500]))
    engagement = rng.integers(0, most, people, endpoint=True)
    chance = np.clip(draw(st.floats(0, 1)) + draw(st.floats(-1, 1)) * engagement / most, 0, 1)
    return Engaged(rng.random(people) < draw(st.floats(0, 1)), engagement, rng.random(people) < chance)


@given(shops())
def test_a_curve_never_rises_and_every_rung_is_of_enough_people(engaged: Engaged) -> None:
    ladder = ladder_of(engaged)

    assert ladder.reason
    for parts in (
        [one.chance.value for one in ladder.rungs],
        [one.chance.low for one in ladder.rungs],
        [one.chance.high for one in ladder.rungs],
    ):
        known = [part for part in parts if part is not None]
        assert len(known) == len(parts)
        assert known == sorted(known, reverse=True)
    for rung in ladder.rungs:
        assert (rung.chance.low or 0) <= (rung.chance.value or 0) <= (rung.chance.high or 0)
        assert rung.chance.n is not None
        assert rung.chance.n >= K + REACH
        here = (engaged.engagement >= rung.from_value) & (engaged.engagement <= (rung.to_value or 10**9))
        assert np.count_nonzero(here & engaged.at_risk) >= K
    ends = [rung.to_value for rung in ladder.rungs]
    assert None not in ends[:-1]
    starts = [rung.from_value for rung in ladder.rungs]
    assert all(start == (end or 0) + 1 for start, end in zip(starts[1:], ends[:-1], strict=True))
    if ladder.status != "threshold":
        assert ladder.threshold.value is None
    else:
        assert (ladder.threshold.low or 0) <= (ladder.threshold.value or 0) <= (ladder.threshold.high or 0)


def test_of_fewer_than_k_nothing_is_published() -> None:
    engaged = draw_world("threshold", K, 0).engaged
    ladder = ladder_of(engaged)

    assert ladder.status == "not_enough_data"
    assert ladder.rungs == ()
    assert ladder.gone_share.value is None


def test_of_a_few_who_do_less_than_the_others_of_their_community_nothing_is_published() -> None:
    """All but ten of a community do more than the shop's scale holds: the ten are no rung."""
    engagement = np.concatenate([np.full(5000, 3), np.full(200, 40), np.full(10, 3)])
    engaged = Engaged(np.ones(5210, dtype=np.bool_), engagement, np.arange(5210) % 2 == 0)
    publisher = publisher_of(5210)
    ladder = climb(publisher, engaged, find_scale(publisher, engaged), np.arange(5000, 5210), "c1", RULES)

    assert ladder.gone_share.value is not None
    assert len(ladder.rungs) == 1
    assert (ladder.rungs[0].chance.n or 0) >= K + REACH


def test_a_curve_that_is_too_short_says_so() -> None:
    world = draw_world("threshold", 10_000, 0).engaged
    ladder = ladder_of(replace(world, engagement=np.minimum(world.engagement, 3)))

    assert ladder.status == "not_enough_data"
    assert "too short to look for a threshold" in ladder.reason
    assert ladder.rungs


@pytest.mark.parametrize(("gone", "reason"), [(False, "gone afterwards"), (True, "stayed")])
def test_where_everybody_does_the_same_there_is_nothing_to_tell(gone: bool, reason: str) -> None:
    world = draw_world("threshold", 2000, 0).engaged
    ladder = ladder_of(replace(world, gone=np.full(2000, gone)))

    assert ladder.status == "not_enough_data"
    assert reason in ladder.reason


def test_who_was_no_customer_at_the_cut_is_not_looked_at() -> None:
    world = draw_world("threshold", 8000, 0).engaged
    half = np.arange(8000) < 4000
    strange = replace(world, gone=np.where(half, world.gone, world.engagement > 5), at_risk=half)

    assert ladder_of(strange) == ladder_of(replace(world, at_risk=half))


def test_the_same_data_give_the_same_ladder_and_another_week_another_noise() -> None:
    engaged = draw_world("threshold", 4000, 3).engaged

    assert ladder_of(engaged) == ladder_of(engaged)
    assert ladder_of(engaged).rungs != ladder_of(engaged, week=2).rungs


def test_however_much_one_member_does_it_moves_no_scale() -> None:
    world = draw_world("threshold", 4000, 3).engaged
    busy = world.engagement.copy()
    busy[int(np.argmax(busy))] = 10**6

    publisher = publisher_of(4000)
    one, other = (find_scale(publisher, replace(world, engagement=each)) for each in (world.engagement, busy))
    assert one.step == other.step
    assert one.top == other.top


def test_a_wide_scale_is_counted_in_steps() -> None:
    world = draw_world("threshold", 4000, 3).engaged
    wide = find_scale(publisher_of(4000), replace(world, engagement=world.engagement * 40))

    assert wide.step > 1
    assert len(wide.counts) <= 60
    assert wide.values[0] == (wide.step - 1) / 2


def test_the_record_ends_with_the_last_week_in_which_enough_people_bought() -> None:
    """One purchase that stands alone after it moves nothing."""
    rng = np.random.default_rng(1)
    days = tuple(np.sort(rng.integers(1000, 1100, 30)) for _ in range(400))
    late = (np.append(days[0], 1190), *days[1:])
    ids = tuple(f"c{number}" for number in range(400))

    end = find_end(publisher_of(400), Buyers(ids, days), 1200)
    assert end is not None
    assert 1093 < end <= 1106
    assert find_end(publisher_of(400), Buyers(ids, late), 1200) == end
    assert find_end(publisher_of(400), Buyers(ids[:40], days[:40]), 1200) is None
    assert find_end(publisher_of(0), Buyers((), ()), 1200) is None


def test_a_shop_that_sells_on_ends_today() -> None:
    today = round(datetime(2026, 1, 1, tzinfo=UTC).timestamp()) // 86_400
    days = tuple(np.array([today - 3, today]) for _ in range(100))

    assert find_end(publisher_of(100), Buyers(tuple(f"c{n}" for n in range(100)), days), today) == today + 1


def test_what_is_published_is_read_as_it_was_written() -> None:
    ladder = climb_world(draw_world("threshold", 3000, 0), 0)
    one = Retention("run", RetentionRules("visits", 28, 90), "2026-01-01", ladder)

    assert retention_of(text_of(one)) == one
    assert retention_of(json.dumps(asdict(replace(one, cut_day=None)))).cut_day is None
    assert (
        Figure(None, note="not enough data")
        == retention_of(text_of(replace(one, ladder=Ladder("no_threshold", "")))).ladder.threshold
    )
