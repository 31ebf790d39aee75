"""Part a list that is known whole into pages."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from app.domain.errors import InvalidError

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Page(Generic[Item]):
    """Some of a list, and where to go on; ``None``: that was all."""

    items: tuple[Item, ...]
    next_after: str | None


def take_page(items: Sequence[Item], name: Callable[[Item], str], after: str | None, limit: int) -> Page[Item]:
    """Take the page behind the item called ``after``.

    Raises ``InvalidError`` when nothing is called so any more: the list changed with a new run.
    """
    start = 0
    if after is not None:
        place = next((place for place, item in enumerate(items) if name(item) == after), None)
        if place is None:
            raise InvalidError("after is not in this list any more: a new run has replaced it. Begin without it.")
        start = place + 1
    page = tuple(items[start : start + limit])
    return Page(page, name(page[-1]) if start + limit < len(items) else None)
