"""Promise 10: no figure stands for fewer than k identities, nor can two overlapping questions isolate fewer."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from app.domain.disclosure import Disclosure
from tests.promises.crowds import (
    COMMUNITIES,
    GENRES,
    PRODUCTS,
    SHELVES,
    Gallery,
    K,
    Kind,
    crowds,
    kinds,
    len_of,
    people_in,
)
from tests.promises.examples import shown

RULE = Disclosure(K)


@shown
@given(crowds)
async def test_of_fewer_than_k_nothing_is_told(gallery: Gallery, crowd: list[Kind]) -> None:
    said = await gallery.shows(crowd)

    for path, told in people_in(said):
        assert told >= K, path
    for community in COMMUNITIES:
        assert_told_as_large_as_it_is(said, community, len_of(crowd, community))
    assert_no_small_group_is_named(said, crowd)


def assert_told_as_large_as_it_is(said: dict[str, Any], community: str, size: int) -> None:
    listed = {one["id"]: one for one in said["communities"]["communities"]}[community]
    portrait, epoch = said[f"communities/{community}"], said[f"communities/{community}/history"]["runs"][0]
    for told in (listed, portrait, epoch):
        assert told["too_few"] == (size < K)
        assert (told["size"] is None) == (told["label"] is None) == (size < K)
    if size < K:
        silent = {name: value for name, value in portrait.items() if value not in (None, [], "")}
        assert silent.keys() == {"id", "run", "too_few"}
        assert listed["matches"] == []


def assert_no_small_group_is_named(said: dict[str, Any], crowd: list[Kind]) -> None:
    """Whoever is named beside a community (a brand, a product, a neighbour) stands for k of its members."""
    for match in said["matches"]["matches"]:
        assert len_of(crowd, match["community_id"], match["id"]) >= K
    for brand in SHELVES:
        for facet in parts(said[f"brands/{brand}/facets"], "facets"):
            assert len_of(crowd, facet["community_id"], brand) >= K
            for aspect in facet["aspects"]:
                assert aspect["id"] in (*PRODUCTS, *GENRES.values())
                assert len_of(crowd, facet["community_id"], aspect["id"]) >= K
        for niche in parts(said[f"brands/{brand}/niches"], "niches"):
            assert len_of(crowd, niche["community_id"]) >= K
            buyers = len_of(crowd, niche["community_id"], brand)
            assert (niche["actual_share"]["value"] is None) == (buyers < K)
    for community in COMMUNITIES:
        for neighbour in parts(said[f"communities/{community}"]["structure"], "neighbours"):
            both = sum(kind.number for kind in crowd if {community, neighbour["id"]} <= kind.communities)
            assert both >= K


def parts(said: Any, name: str) -> list[Any]:
    """A list of an answer, empty where there is no answer."""
    return said[name] if said else []


@shown
@given(crowds, kinds, st.integers(1, K - 1))
async def test_who_asks_before_and_after_a_few_came_cannot_tell_that_they_did(
    gallery: Gallery, crowd: list[Kind], newcomers: Kind, few: int
) -> None:
    before = dict(people_in(await gallery.shows(crowd)))
    after = dict(people_in(await gallery.shows([*crowd, Kind(newcomers.communities, newcomers.products, few)])))

    for path in before.keys() & after.keys():
        assert not isolates(after[path], before[path]), path


@shown
@given(crowds)
async def test_no_two_questions_isolate_fewer_than_k(gallery: Gallery, crowd: list[Kind]) -> None:
    """Any two numbers of people that are told: one group might lie inside the other."""
    told = {number for _, number in people_in(await gallery.shows(crowd))}

    assert not [(one, other) for one in told for other in told if isolates(one, other)]


def isolates(larger: int, smaller: int) -> bool:
    """Whether two told numbers prove that between 1 and k - 1 are in one group and not in the other.

    A number on a step stands for all of its step; any other number would be exact.
    """
    (low, high), (least, most) = _range(larger), _range(smaller)
    return low - most >= 1 and high - least < K


def _range(told: int) -> tuple[int, int]:
    is_step = (told - K) % RULE.width == 0
    return (told, told + RULE.width - 1) if is_step else (told, told)
