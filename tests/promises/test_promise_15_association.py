"""Promise 15: association is called association, and every figure has an interval or says "not enough data"."""

import re
from collections.abc import Iterator
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from app.domain.communities import FoundCommunity, FoundStep, Portrait
from app.domain.disclosure import NOT_ENOUGH, Disclosure, Measured
from app.services.portraits import tell_epoch
from app.taste.told import tell_lift, tell_share
from tests.promises.crowds import Gallery, Kind, crowds, figures_in
from tests.promises.examples import promised, shown

CAUSAL = re.compile(r"\b(influenc\w*|caus\w*|driv\w*|because|effect\w*|uplift|impact\w*)\b", re.IGNORECASE)
"""Words that claim more than an association."""

ENDS = {"from_value", "to_value"}
"""Numbers that are no figures: ends of bins."""

rules = st.builds(Disclosure, st.integers(2, 60))


@shown
@given(crowds)
async def test_every_number_has_an_interval_or_says_that_there_is_not_enough(
    gallery: Gallery, crowd: list[Kind]
) -> None:
    for question, said in (await gallery.shows(crowd)).items():
        for path, figure in figures_in(said, question):
            if figure["value"] is None:
                assert figure["note"] == NOT_ENOUGH, path
            else:
                assert figure["low"] <= figure["value"] <= figure["high"], path
                assert figure["n"] > 0, path
                assert figure["note"] is None, path
        assert [*bare_numbers(said, question)] == []


@shown
@given(crowds)
async def test_a_lift_is_called_an_association(gallery: Gallery, crowd: list[Kind]) -> None:
    said = await gallery.shows(crowd)

    for one in holders_of_lifts(said):
        assert one.get("measure") == "association" or "overall" in one
    assert not CAUSAL.search(repr(said))


@promised
@given(rules, st.integers(0, 2000), st.integers(0, 2000))
def test_the_interval_of_a_share_holds_the_true_share(rule: Disclosure, hits: int, others: int) -> None:
    told = tell_share(rule, hits, hits + others)

    assert (told.value is None) == (hits < rule.k)
    if told.low is not None and told.high is not None:
        assert told.low * 0.95 <= hits / (hits + others) <= told.high * 1.05


@promised
@given(rules, st.integers(1, 2000), st.floats(0.1, 20))
def test_the_interval_of_a_lift_holds_the_lift_that_was_found(rule: Disclosure, support: int, lift: float) -> None:
    told = tell_lift(rule, lift, support)

    assert (told.value is None) == (support < rule.k)
    if told.low is not None and told.high is not None:
        assert told.low * 0.95 <= lift <= told.high * 1.05


@promised
@given(rules, st.integers(0, 500), st.integers(0, 500))
def test_the_interval_of_growth_holds_the_true_growth(rule: Disclosure, now: int, before: int) -> None:
    step = FoundStep("grew", 0.5, "c1", before, "c1", now)
    told = tell_epoch(rule, FoundCommunity("c1", "run", None, (), Portrait(now), came_from=(step,))).growth

    assert (told.value is None) == (min(now, before) < rule.k)
    if told.low is not None and told.high is not None:
        assert told.low - 0.1 <= now / before - 1 <= told.high + 0.1


@promised
@given(rules, st.floats(-100, 1000), st.floats(0, 50), st.integers(0, 200))
def test_an_average_of_too_few_is_not_told(rule: Disclosure, value: float, half: float, people: int) -> None:
    told = rule.figure(Measured(value, value - half, value + half, people))

    assert (told.value is None) == (told.note == NOT_ENOUGH) == (people < rule.k)
    if told.value is not None and told.low is not None and told.high is not None and told.n is not None:
        assert told.low <= told.value <= told.high
        assert told.n <= people


def bare_numbers(said: Any, path: str) -> Iterator[str]:
    """Yield the paths of numbers that stand outside of a figure and are no counts."""
    match said:
        case {"value": _, "low": _, "high": _, "n": _, "note": _}:
            return
        case dict():
            for name, part in said.items():  # pyright: ignore[reportUnknownVariableType]
                if isinstance(part, float) and name not in ENDS:
                    yield f"{path}/{name}"
                yield from bare_numbers(part, f"{path}/{name}")
        case list():
            for place, part in enumerate(said):  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
                yield from bare_numbers(part, f"{path}/{place}")
        case _:
            return


def holders_of_lifts(said: Any) -> Iterator[dict[str, Any]]:
    """Yield everything that has a lift."""
    match said:
        case dict():
            if "lift" in said:
                yield said  # pyright: ignore[reportUnknownVariableType]
            for part in said.values():  # pyright: ignore[reportUnknownVariableType]
                yield from holders_of_lifts(part)
        case list():
            for part in said:  # pyright: ignore[reportUnknownVariableType]
                yield from holders_of_lifts(part)
        case _:
            return
