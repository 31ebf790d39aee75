"""Shapes that everything told of communities shares: a figure never comes without what it stands on."""

from typing import Annotated, Literal

from pydantic import Field

from app.api.bodies import Answer
from app.domain.communities import MatchKind

At = Annotated[str | None, Field(description="`next_after` of the page before.")]


class FigureAnswer(Answer):
    """One number with what it stands on. Of fewer than `PLURAL_K_LOOK` identities nothing is told."""

    value: Annotated[float | None, Field(description="null: not enough data.")]
    low: Annotated[float | None, Field(description="End of the 95 % interval, which holds chance and noise.")]
    high: float | None
    n: Annotated[int | None, Field(description="About so many identities (of structure: products) stand behind it.")]
    note: Annotated[str | None, Field(description="`not enough data` where there is no value.")]


class MatchAnswer(Answer):
    """An association: how many times as often as elsewhere a community's members buy here. Nobody was influenced."""

    community_id: str
    community_label: str | None
    kind: MatchKind
    id: str
    label: str
    lift: FigureAnswer
    measure: Literal["association"] = "association"


class NamedAnswer(Answer):
    """A thing and its name."""

    id: str
    label: str
