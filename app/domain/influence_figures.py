"""How far influence is found in a community, as a run published it: sums over many with noise, nobody's ties."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from app.domain.disclosure import Figure

InfluenceStatus = Literal["excess", "no_excess", "not_enough_data"]


@dataclass(frozen=True, slots=True)
class FlowFigures:
    """One end of what goes from one community to another."""

    community_id: str
    share: Figure
    """Of those who follow anybody at the end that takes up, those who are led from the other."""
    lag_days: Figure
    """Median over them."""


@dataclass(frozen=True, slots=True)
class InfluenceFigures:
    """What a run published of one community; an excess is an association, never a cause."""

    run: str
    window_days: int
    """Days after one within which another taking up the same may be due to it."""
    status: InfluenceStatus
    reason: str
    """What was found, or why nothing, in plain English."""
    figures: Mapping[str, Figure] = field(default_factory=dict[str, Figure])
    """By the names in ``FIGURES``, all of them."""
    comes_from: tuple[FlowFigures, ...] = ()
    """Communities from which its members are led, the largest share first."""
    goes_to: tuple[FlowFigures, ...] = ()
    """Communities whose members are led from here, the largest share first."""


FIGURES: Mapping[str, tuple[str, str]] = {
    "excess_share": ("of what a member who follows anybody takes up, in excess after those it follows", "percent"),
    "led_share": ("members who follow anybody and are led by somebody", "percent"),
    "inside_share": ("of those, led by somebody inside", "percent"),
    "outside_share": ("of those, led by somebody outside", "percent"),
    "branching": ("taken up in excess by others, for each thing that a member takes up", "number"),
    "innovator_share": ("of what a member takes up, among the first 2.5 % who do", "percent"),
    "days_to_10": ("days from the first in the shop to 10 % of its takers here", "number"),
    "days_to_50": ("days to 50 %", "number"),
    "days_to_90": ("days to 90 %", "number"),
}
"""What each figure is called, and how it is written."""


def write_reason(status: InfluenceStatus, window_days: int) -> str:
    """Say what was found."""
    if status == "not_enough_data":
        return "Too few members follow anybody to say whether they take up what those did."
    if status == "no_excess":
        return (
            f"Members take up what those they follow did within {window_days} days before no more often than like "
            f"taste, trends and season explain, as far as can be seen."
        )
    return (
        f"Members take up what those they follow did within {window_days} days before more often than like taste, "
        f"trends and season explain. This is an excess, an association: what moved both alike cannot be ruled out."
    )
