"""Promise 10: no figure stands for fewer than k identities; that no two isolate anybody is tried by adversaries."""

from typing import Any

from hypothesis import given

from app.taste.noise import REACH
from tests.promises.crowds import (
    COMMUNITIES,
    GENRES,
    PRODUCTS,
    SHELVES,
    Gallery,
    K,
    Kind,
    crowds,
    figures_in,
    len_of,
    people_in,
)
from tests.promises.examples import shown


@shown
@given(crowds)
async def test_of_fewer_than_k_nothing_is_told(gallery: Gallery, crowd: list[Kind]) -> None:
    said = await gallery.shows(crowd)
    contradictions(said)

    for path, told in people_in(said):
        assert told >= K, path
    for community in COMMUNITIES:
        assert_told_as_large_as_it_is(said, community, len_of(crowd, community))
    assert_no_small_group_is_named(said, crowd)


def assert_told_as_large_as_it_is(said: dict[str, Any], community: str, size: int) -> None:
    """From k and twice the most that noise can be, a size is told; below k never."""
    listed = {one["id"]: one for one in said["communities"]["communities"]}[community]
    portrait, epoch = said[f"communities/{community}"], said[f"communities/{community}/history"]["runs"][0]
    for told in (listed, portrait, epoch):
        assert told["too_few"] or size >= K
        assert not told["too_few"] or size < K + 2 * REACH
        assert (told["size"] is None) == (told["label"] is None) == told["too_few"]
        assert told["size"] == portrait["size"]
        assert told["size"] is None or abs(told["size"] - size) <= REACH
    if portrait["too_few"]:
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
            assert niche["actual_share"]["value"] is None or buyers >= K
    for community in COMMUNITIES:
        for neighbour in parts(said[f"communities/{community}"]["structure"], "neighbours"):
            both = sum(kind.number for kind in crowd if {community, neighbour["id"]} <= kind.communities)
            assert both >= K


def parts(said: Any, name: str) -> list[Any]:
    """A list of an answer, empty where there is no answer."""
    return said[name] if said else []


def contradictions(said: dict[str, Any]) -> None:
    """No share is above 1, parts are all of a whole or less, and a lift is the ratio of its row."""
    for path, figure in figures_in(said):
        if figure["value"] is not None and ("share" in path or path.endswith(("/here", "/overall", "/shared"))):
            assert 0 <= figure["low"] <= figure["value"] <= figure["high"] <= 1, path
    for community in COMMUNITIES:
        portrait = said[f"communities/{community}"]
        for part in (portrait["strength"], portrait["activity"]) if portrait["size"] else ():
            shown_ = [one["members"] for one in part["distribution"]]
            whole = sum(one or 0 for one in shown_)
            assert whole == portrait["size"] if None not in shown_ else whole <= portrait["size"]
    for brand in SHELVES:
        for facet in parts(said[f"brands/{brand}/facets"], "facets"):
            for aspect in facet["aspects"]:
                if aspect["lift"]["value"] is not None:
                    ratio = aspect["here"]["value"] / aspect["overall"]["value"]
                    assert abs(aspect["lift"]["value"] / ratio - 1) <= 0.12
