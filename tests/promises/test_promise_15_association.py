"""Promise 15: association is called association, and every figure has an interval or says "not enough data"."""

import re
from collections.abc import Iterator
from typing import Any

from hypothesis import given

from app.domain.disclosure import NOT_ENOUGH
from tests.promises.crowds import Gallery, Kind, crowds, figures_in
from tests.promises.examples import shown

CAUSAL = re.compile(r"\b(influenc\w*|caus\w*|driv\w*|because|effect\w*|uplift|impact\w*)\b", re.IGNORECASE)
"""Words that claim more than an association."""

ENDS = {"from_value", "to_value"}
"""Numbers that are no figures: ends of bins."""


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
