"""Stages of many lines in figures: what is counted of a line, and what comes out of planted lives."""

import numpy as np
import pytest

from app.domain.disclosure import Disclosure
from app.domain.journey_figures import Flows, StageFigures
from app.domain.journeys import STAGES, ActiveDay, Stage, Step, find_stages
from app.taste.journeys import NOBODY, Lives, draw_flows
from app.taste.noise import Noise
from app.taste.publisher import Publisher

HORIZON, END = 60, 400


def line(*bought: int, looked: tuple[int, ...] = ()) -> tuple[Step, ...]:
    days = [ActiveDay(day, frozenset({"bought"})) for day in bought]
    return find_stages([*days, *(ActiveDay(day, frozenset({"looked"})) for day in looked)], END - 1, HORIZON)


def drawn(lines: list[tuple[Step, ...]], k: int = 50) -> Flows:
    publisher = Publisher(Noise(b"secret", [f"id-{n}" for n in range(len(lines))]), Disclosure(k))
    lives = Lives.of(lines, END, HORIZON)
    return draw_flows(publisher, lives, np.arange(len(lines)), "shop", HORIZON, "as planted")


def stage(flows: Flows, name: Stage) -> StageFigures:
    return next(one for one in flows.stages if one.stage == name)


def next_of(lives: Lives, name: Stage) -> str | None:
    place = int(lives.next_[0, STAGES.index(name)])
    return None if place == NOBODY else STAGES[place]


def test_of_several_entries_the_last_counts_that_was_followed_to_its_end() -> None:
    """Weekly until 35, gone at 95, back and weekly from 100 on; gone again at 181, and back too late."""
    lives = Lives.of([line(*range(0, 36, 7), *range(100, 122, 7), 390)], END, HORIZON)

    assert STAGES[int(lives.now[0])] == "back"
    assert next_of(lives, "first_purchase") == "habit"
    assert lives.entered[0, STAGES.index("habit")] == 114
    assert lives.entered[0, STAGES.index("back")] == 100
    assert lives.days[0, STAGES.index("habit")] == 121 + 14 - 114
    assert next_of(lives, "gone") is None  # back after more than the horizon


def test_an_entry_whose_horizon_is_not_on_record_yet_says_nothing() -> None:
    early, late = END - HORIZON - 1, END - HORIZON
    assert Lives.of([line(early)], END, HORIZON).entered[0, STAGES.index("first_purchase")] == early
    assert Lives.of([line(late)], END, HORIZON).entered[0, STAGES.index("first_purchase")] == NOBODY
    assert Lives.of([()], END, HORIZON).now[0] == NOBODY


def test_planted_flows_come_out_with_their_times() -> None:
    weekly, once = [line(*range(200, END, 7))] * 300, [line(200)] * 200
    flows = drawn(weekly + once)

    assert flows.people == pytest.approx(500, abs=10)
    first = stage(flows, "first_purchase")
    chances = {one.stage: one for one in first.next_stage}
    for to, chance, days in (("habit", 0.6, 14), ("lapsing", 0.4, 30)):
        found = chances[to].chance
        assert found.value is not None
        assert found.low is not None
        assert found.high is not None
        assert found.low <= chance <= found.high
        assert chances[to].median_days.value == pytest.approx(days, abs=0.5)
    assert chances["gone"].chance.value is None
    bought = next(one for one in stage(flows, "first_seen").next_stage if one.stage == "first_purchase")
    assert bought.median_days.low == 0  # on the very day
    assert bought.median_days.value == pytest.approx(0, abs=0.1)
    assert stage(flows, "lapsing").next_stage[0].stage == "gone"
    assert stage(flows, "lapsing").next_stage[0].chance.value == pytest.approx(1, abs=0.06)
    assert stage(flows, "habit").stayed.value == pytest.approx(1, abs=0.06)
    assert stage(flows, "habit").share.value == pytest.approx(0.6, abs=0.05)
    assert stage(flows, "gone").share.value == pytest.approx(0.4, abs=0.05)


def test_of_fewer_than_k_nothing_is_published() -> None:
    assert drawn([line(200)] * 49) == Flows("Too few have a line to publish anything of them.")
    few = drawn([line(*range(200, END, 7))] * 300 + [line(200)] * 30)

    assert stage(few, "gone").share.value is None
    assert [one.chance.value for one in stage(few, "first_purchase").next_stage if one.stage == "lapsing"] == [None]
    assert [one.median_days.value for one in stage(few, "lapsing").next_stage] == [None, None]
