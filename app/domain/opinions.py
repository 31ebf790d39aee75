"""Which of what an identity did still counts: what it took back or thinks otherwise of by now does not. No I/O."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import replace

from app.domain.models import CANCELLING, REVISING, Interaction, InteractionType
from app.domain.orders import without_returned

Moment = tuple[float, str]
"""When something was done, and what it is called: the order of an identity's interactions."""


def revises(interaction: Interaction) -> bool:
    """Whether it says something else of what came before, so that likes are summed anew and not added to."""
    return interaction.type in REVISING or (interaction.type in CANCELLING and interaction.order_id is None)


def what_counts(interactions: Iterable[Interaction], excluded: Collection[tuple[str, str]] = ()) -> list[Interaction]:
    """Leave one identity's evidence as it stands now, in whatever order it came.

    Of a product, a dislike ends whatever was said before it, ``unwish`` ends wishes, and of its ratings the newest
    counts. What orders took back must be out already. ``excluded`` are the lines, as (interaction, product), that the
    identity has excluded from its evidence.
    """
    kept = without_returned(without_lines(interactions, excluded))
    disliked, unwished, rated = (_last(kept, type_) for type_ in ("dislike", "unwish", "rating"))
    if not (disliked or unwished or rated):
        return kept

    def counts(one: Interaction, product: str) -> bool:
        at = _moment(one)
        if at < disliked.get(product, at) or (one.type == "wish" and at < unwished.get(product, at)):
            return False
        return one.type != "rating" or at == rated[product]

    return [left for one in kept if (left := _only(one, counts)).lines]


def without_lines(interactions: Iterable[Interaction], gone: Collection[tuple[str, str]]) -> list[Interaction]:
    """Leave out lines, as (interaction, product)."""
    every = frozenset(gone)
    return [_only(one, lambda one, product: (one.id, product) not in every) for one in interactions]


def _last(interactions: Iterable[Interaction], type_: InteractionType) -> dict[str, Moment]:
    """When each product was last in an interaction of a type."""
    last: dict[str, Moment] = {}
    for one in interactions:
        if one.type == type_:
            for line in one.lines:
                last[line.product_id] = max(_moment(one), last.get(line.product_id, _moment(one)))
    return last


def _moment(one: Interaction) -> Moment:
    return one.at.timestamp(), one.id


def _only(one: Interaction, keeps: Callable[[Interaction, str], bool]) -> Interaction:
    """The interaction with those of its lines that are kept."""
    lines = tuple(line for line in one.lines if keeps(one, line.product_id))
    return one if len(lines) == len(one.lines) else replace(one, lines=lines)
