"""Components and the histogram of their sizes."""

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from app.domain.identifier_health import IdentifierFacts, TypeCount, component_sizes, health_of
from app.domain.identity_rules import IdentityRules


def test_lists_that_overlap_are_one_component() -> None:
    assert component_sizes([[1, 2], [3, 4], [2, 3], [7, 8]]) == [4, 2]
    assert component_sizes([]) == []


@given(st.lists(st.lists(st.integers(0, 12), min_size=2, max_size=4), max_size=8), st.randoms())
def test_sizes_do_not_depend_on_the_order(joins: list[list[int]], random: Random) -> None:
    mixed = [random.sample(one, len(one)) for one in joins]
    random.shuffle(mixed)

    assert component_sizes(mixed) == component_sizes(joins)
    assert sum(component_sizes(joins)) == len({one for some in joins for one in some})


def test_identities_that_nothing_joins_are_components_of_one() -> None:
    types = (TypeCount("email", 9, 2, 1), TypeCount("phone", 1, 0, 0), TypeCount("cookie", 5, 0, 0))
    joins = [[1, 2], [2, 3], [4, 5], [*range(10, 22)]]
    health = health_of(IdentifierFacts(30, 15, types, (), joins), IdentityRules())

    assert health.by_class == {"strong": 10, "ephemeral": 5}
    assert (health.quarantined, health.looked_at) == (3, 15)
    assert [(step.smallest, step.largest, step.components) for step in health.components] == [
        (1, 1, 13),
        (2, 2, 1),
        (3, 3, 1),
        (10, 49, 1),
    ]
    assert health.largest == (12, 3, 2)
