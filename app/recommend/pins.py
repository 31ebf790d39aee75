"""Places that the shop gives away itself: a pinned product stands where it was put, and the others move on. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from app.domain.recommendation import Item, Offer, Reason, RecommendationRequest

PICKED = Reason("picked_by_the_shop", "", "Picked by the shop", 1.0)


def pinned_items(request: RecommendationRequest, offers: Mapping[str, Offer | None]) -> tuple[Item, ...]:
    """Return the pinned items of all pages, by place; ``offers`` has the pinned products.

    Left out is what is not on offer, excluded, in the cart or on the page already. Of two pins for one product or place
    the first counts.
    """
    seen = {*request.exclude, *request.product_ids, *request.context.viewing, *request.context.cart}
    items: dict[int, Item] = {}
    for pin in request.pins:
        offer = offers.get(pin.product_id)
        if offer is None or not offer.offered or pin.product_id in seen or pin.place in items:
            continue
        seen.add(pin.product_id)
        reasons = (PICKED,) if request.explain else ()
        items[pin.place] = Item(offer.id, pin.place, 0.0, "pinned", offer.title, reasons, offer=offer)
    return tuple(items[place] for place in sorted(items))


def beside(request: RecommendationRequest, pinned: Sequence[Item]) -> RecommendationRequest:
    """Return the question for the places of the page that are left; its limit is 0 where none is."""
    if not pinned:
        return request
    before = sum(item.rank <= request.offset for item in pinned)
    here = sum(request.offset < item.rank <= request.offset + request.limit for item in pinned)
    return replace(
        request,
        offset=request.offset - before,
        limit=request.limit - here,
        exclude=(*request.exclude, *(item.product_id for item in pinned)),
    )


def with_pinned(request: RecommendationRequest, others: Sequence[Item], pinned: Sequence[Item]) -> tuple[Item, ...]:
    """Put the pinned items of the page among the others, which keep their order; ranks without a gap.

    Where too few others are there to fill the places before a pinned one, it moves up.
    """
    first = request.offset + 1
    here = [item for item in pinned if first <= item.rank < first + request.limit]
    left = list(others)
    page: list[Item] = []
    for item in here:
        page += [left.pop(0) for _ in range(min(item.rank - first - len(page), len(left)))]
        page.append(item)
    page += left
    return tuple(replace(item, rank=rank) for rank, item in enumerate(page[: request.limit], start=first))
