"""A pinned product stands where it was put, and takes no place from the others but its own."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from app.domain.recommendation import Context, Item, Offer, RecommendationRequest
from app.domain.scenarios import Pin
from app.recommend.pins import beside, pinned_items, with_pinned

IDS = [f"p{n}" for n in range(40)]
OFFERS: dict[str, Offer | None] = {id_: Offer(id_, id_) for id_ in IDS}
pins = st.lists(st.builds(Pin, st.sampled_from(IDS), st.integers(1, 30)), max_size=8).map(tuple)


def ranked(request: RecommendationRequest) -> list[Item]:
    """What is ranked for a page: all products by name but the excluded ones."""
    ids = [id_ for id_ in IDS if id_ not in request.exclude]
    page = ids[request.offset : request.offset + request.limit]
    return [Item(id_, rank, 1.0, "popular", id_) for rank, id_ in enumerate(page, request.offset + 1)]


def answered(request: RecommendationRequest) -> tuple[Item, ...]:
    pinned = pinned_items(request, OFFERS)
    return with_pinned(request, ranked(beside(request, pinned)), pinned)


@given(pins, st.integers(0, 20), st.integers(1, 15))
def test_a_page_is_full_and_without_gaps_or_repeats(pinned: tuple[Pin, ...], offset: int, limit: int) -> None:
    page = answered(RecommendationRequest(offset=offset, limit=limit, pins=pinned))

    assert [item.rank for item in page] == [*range(offset + 1, offset + limit + 1)]
    assert len({item.product_id for item in page}) == limit


@given(pins, st.integers(1, 12))
def test_pages_make_the_list_that_one_page_is(pinned: tuple[Pin, ...], size: int) -> None:
    whole = answered(RecommendationRequest(limit=36, pins=pinned))
    starts = range(0, 36 // size * size, size)
    pages = [answered(RecommendationRequest(offset=start, limit=size, pins=pinned)) for start in starts]

    listed = [item.product_id for page in pages for item in page]
    assert listed == [item.product_id for item in whole][: len(listed)]


@given(pins)
def test_of_two_pins_for_one_product_or_place_the_first_counts(pinned: tuple[Pin, ...]) -> None:
    page = answered(RecommendationRequest(limit=36, pins=pinned))
    expected: dict[int, str] = {}
    for pin in pinned:
        if pin.product_id not in expected.values():
            expected.setdefault(pin.place, pin.product_id)

    assert {item.rank: item.product_id for item in page if item.source == "pinned"} == expected


def test_what_is_not_on_offer_or_on_the_page_already_is_not_pinned() -> None:
    context = Context(cart=("p1",), viewing=("p2",))
    wanted = tuple(Pin(id_, place) for place, id_ in enumerate(["p0", "p1", "p2", "p3", "gone", "sold-out", "p5"], 1))
    request = RecommendationRequest(context=context, product_ids=("p3",), exclude=("p0",), pins=wanted)

    found = pinned_items(request, {**OFFERS, "gone": None, "sold-out": Offer("sold-out", "", offered=False)})

    assert [(item.product_id, item.rank) for item in found] == [("p5", 7)]


def test_where_too_few_others_are_there_a_pinned_one_moves_up() -> None:
    request = RecommendationRequest(limit=12, pins=(Pin("p9", 8),))
    pinned = pinned_items(request, OFFERS)

    page = with_pinned(request, [Item("p1", 1, 1.0, "popular", "p1")], pinned)

    assert [(item.product_id, item.rank) for item in page] == [("p1", 1), ("p9", 2)]


def test_a_pin_holds_from_its_beginning_until_its_end() -> None:
    at = datetime(2026, 11, 30, tzinfo=UTC)
    day = timedelta(days=1)

    assert Pin("p", 1).is_valid(at)
    assert Pin("p", 1, at, at + day).is_valid(at)
    assert not Pin("p", 1, at - day, at).is_valid(at)
    assert not Pin("p", 1, at + day).is_valid(at)
