"""Which links are proposed of scored pairs, and who lives together."""

import numpy as np
import pytest

from app.domain.errors import InvalidError
from app.linkage.clusters import Constraints
from app.linkage.columns import name_columns
from app.linkage.households import household_columns, share_a_home
from app.linkage.likely import likely_links
from app.linkage.records import Field, Pairs


def _pairs(weights: dict[tuple[int, int], float]) -> Pairs:
    left, right = (np.array([pair[side] for pair in weights], dtype=np.int64) for side in (0, 1))
    none = np.zeros((len(weights), 0))
    return Pairs(left, right, np.array([*weights.values()]), none.astype(np.int8), none.astype(np.float32))


def test_a_group_is_held_together_by_its_strongest_links_and_no_more() -> None:
    pairs = _pairs({(0, 1): 9.0, (0, 2): 7.0, (1, 2): 8.0})

    found = likely_links(pairs, ["c", "a", "b"], Constraints(), 0.5)

    assert [(one.one, one.other) for one in found] == [("c", "a"), ("a", "b")]


def test_identities_that_are_one_already_are_not_proposed() -> None:
    pairs = _pairs({(0, 1): 9.0, (0, 2): 7.0, (1, 2): 8.0})

    assert likely_links(pairs, ["a", "a", "a"], Constraints(), 0.5) == []
    assert len(likely_links(pairs, ["a", "b", "c"], Constraints(together=[(0, 1)]), 0.5)) == 1


def test_nothing_below_the_least_probability_is_proposed() -> None:
    assert likely_links(_pairs({(0, 1): 3.0}), ["a", "b"], Constraints(), 0.99) == []


LABELS = ("different", "alike", "very alike", "equal")


def _at_home(surname: int, street: int, house: int, postcode: int) -> bool:
    fields = (
        Field("surname", ("different", "same initial", "alike", "very alike", "equal")),
        Field("street", LABELS),
        Field("house", ("different", "equal")),
        Field("postcode", ("different", "same area", "same district", "1 typing error", "equal")),
    )
    one = np.array([0], dtype=np.int64)
    levels = np.array([[surname, street, house, postcode]], dtype=np.int8)
    pairs = Pairs(one, one + 1, np.array([5.0]), levels, levels.astype(np.float32), fields)
    return bool(share_a_home(pairs)[0])


@pytest.mark.parametrize(
    ("levels", "is_home"),
    [
        ((4, 3, 1, 4), True),
        ((3, 2, 1, 3), True),
        ((4, 3, -1, -1), True),
        ((4, 3, 0, 4), False),
        ((1, 3, 1, 4), False),
        ((4, 0, 1, 4), False),
        ((4, -1, 1, 4), False),
        ((4, 3, 1, 2), False),
    ],
)
def test_one_surname_at_one_address_is_a_household_and_next_door_is_not(
    levels: tuple[int, int, int, int], is_home: bool
) -> None:
    assert _at_home(*levels) is is_home


def test_households_are_found_by_address_and_surname_alone() -> None:
    columns = name_columns([(kind, kind) for kind in ("given", "surname", "birth", "street", "house", "postcode")])

    assert [column.kind for column in household_columns(columns)] == ["surname", "street", "house", "postcode"]
    with pytest.raises(InvalidError):
        household_columns(columns[:3])
