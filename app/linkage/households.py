"""Who lives together: a rule set of its own, by address and surname alone."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from app.domain.errors import InvalidError
from app.linkage.columns import Column, Kind
from app.linkage.records import Pairs

ADDRESS: frozenset[Kind] = frozenset({"street", "house", "postcode", "place", "region"})


def household_columns(columns: Sequence[Column]) -> tuple[Column, ...]:
    """The columns that say where somebody lives, and their surname. ``InvalidError`` when there are too few."""
    chosen = tuple(column for column in columns if column.kind == "surname" or column.kind in ADDRESS)
    kinds = {column.kind for column in chosen}
    if "surname" not in kinds or "street" not in kinds or len(kinds) < 3:
        raise InvalidError("Households need a surname, a street, and one of house number, postcode and town.")
    return chosen


def share_a_home(pairs: Pairs) -> NDArray[np.bool_]:
    """Which pairs are of one surname at one address: names and streets alike, and nothing of the address contradicts.

    A house number or postcode that both have must be equal or, the postcode, one typing error away.
    """
    places = {field.name: place for place, field in enumerate(pairs.fields)}
    if not {"surname", "street"} <= places.keys():
        return np.zeros(len(pairs), dtype=np.bool_)
    shared = _agrees(pairs, places["surname"], "alike") & _agrees(pairs, places["street"], "alike")
    for name, least in (("house", "equal"), ("postcode", "1 typing error")):
        if name in places:
            shared &= _agrees(pairs, places[name], least) | (pairs.levels[:, places[name]] == -1)
    return shared


def _agrees(pairs: Pairs, place: int, least: str) -> NDArray[np.bool_]:
    """Where a field agrees at a level or a stricter one."""
    return pairs.levels[:, place] >= pairs.fields[place].labels.index(least)
