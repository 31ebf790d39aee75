"""What an identity is drawn to is a share of its evidence, as sure as the evidence is."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.recommendation import Offer
from app.recommend.affinities import LEAST_PRODUCTS, find_affinities
from tests.unit.recommend.shop import a_model

TEA = Offer("tea", "Tea", brand="Leaf", tags=frozenset({"category:drinks", "mood:calm"}))
CUP = Offer("cup", "Cup", brand="Clay", tags=frozenset({"category:kitchen"}))
POT = Offer("pot", "Pot", brand="Clay", tags=frozenset({"category:kitchen", "mood:calm"}))
HAMMER = Offer("hammer", "Hammer", tags=frozenset({"category:tools"}))


def test_strength_is_the_share_of_evidence_and_names_what_it_rests_on() -> None:
    found = find_affinities([TEA, CUP, POT, HAMMER], np.ones(4), a_model())

    assert [(one.id, one.label, one.strength, one.product_ids) for one in found.tags] == [
        ("category:kitchen", "kitchen", 0.5, ("cup", "pot")),
        ("mood:calm", "calm", 0.5, ("pot", "tea")),
    ]
    assert [(one.id, one.label, one.products) for one in found.brands] == [("clay", "Clay", 2)]
    assert [(one.id, one.label, one.strength) for one in found.microgenres] == [("g1", "hot drinks", 0.75)]


def test_one_product_is_no_affinity_and_nobody_has_none() -> None:
    assert find_affinities([TEA], np.ones(1), a_model()).labels == frozenset()
    assert find_affinities([], np.zeros(0), None).labels == frozenset()
    assert find_affinities([CUP, POT], np.zeros(2), a_model()).labels == frozenset()


def test_more_evidence_makes_the_interval_narrower() -> None:
    def width(times: int) -> float:
        offers = [
            Offer(f"{one.id}-{n}", one.title, brand=one.brand, tags=one.tags)
            for one in (CUP, HAMMER)
            for n in range(times)
        ]
        kitchen = find_affinities(offers, np.ones(len(offers)), None).tags[0]
        assert kitchen.strength == pytest.approx(0.5)
        return kitchen.high - kitchen.low

    assert width(2) > width(5) > width(50) > 0


def test_one_like_that_outweighs_the_rest_makes_it_wide() -> None:
    even = find_affinities([CUP, POT, TEA, HAMMER], np.ones(4), None).tags[0]
    uneven = find_affinities([CUP, POT, TEA, HAMMER], np.array([1e9, 1, 1, 1]), None).tags[0]

    assert uneven.high - uneven.low > even.high - even.low


@given(st.lists(st.tuples(st.sampled_from([TEA, CUP, POT, HAMMER]), st.just(0.0) | st.floats(1e-9, 1e6)), max_size=12))
def test_strengths_lie_in_their_intervals(rows: list[tuple[Offer, float]]) -> None:
    found = find_affinities([offer for offer, _ in rows], np.array([weight for _, weight in rows]), a_model())

    for one in (*found.tags, *found.brands, *found.microgenres):
        assert 0 <= one.low <= one.strength <= one.high <= 1
        assert one.products >= LEAST_PRODUCTS
