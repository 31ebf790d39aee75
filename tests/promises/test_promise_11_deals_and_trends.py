"""Promise 11: a deeper discount or a stronger trend never raises an evidence weight."""

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.models import Interaction, InteractionType
from app.graph.database import Database
from tests.graph.shop import Shop
from tests.promises.examples import promised
from tests.promises.world import World

LIST_PRICE = 1000
WEIGHTS = ("weight", "full_price_weight")
ROUNDING = 1e-9


@pytest.fixture
def shop(db: Database, tenant: str) -> Shop:
    """No crowd and no run: evidence is summed without either."""
    return Shop(db, tenant)


@dataclass(frozen=True, slots=True)
class Act:
    """What somebody did with one of two products, and what was paid for it: here and, on a deeper deal, there."""

    type: InteractionType
    product: str
    days_ago: float
    order: str | None
    paid: tuple[int, int]
    """In cents, the higher price first."""


@st.composite
def acts(draw: st.DrawFn) -> Act:
    prices = sorted((draw(st.integers(0, 1200)), draw(st.integers(0, 1200))), reverse=True)
    return Act(
        draw(st.sampled_from(("purchase", "purchase", "purchase", "view", "cart", "wish", "refund"))),
        draw(st.sampled_from(("tea", "cup"))),
        draw(st.floats(0.01, 300)),
        draw(st.sampled_from((None, None, "o1", "o2"))),
        (prices[0], prices[1]),
    )


histories = st.lists(acts(), min_size=1, max_size=5)


def done(shop: Shop, identity_id: str, history: list[Act], deal: int, case: str = "") -> list[Interaction]:
    """The history as it was here (deal 0) or on the deeper deals (1), with the products of one case."""
    return [
        shop.event(
            act.type,
            identity_id,
            act.product + case,
            days_ago=act.days_ago,
            order_id=act.order and f"{act.order}-of-{identity_id}",
            price_paid=f"{act.paid[deal] / 100}",
            list_price=f"{LIST_PRICE / 100}",
        )
        for act in history
    ]


@promised
@given(histories, st.integers(1, 3))
async def test_a_deeper_discount_never_raises_either_weight(shop: Shop, history: list[Act], batches: int) -> None:
    full, cheap = World.name("full"), World.name("cheap")
    events = [*done(shop, full, history, 0), *done(shop, cheap, history, 1)]

    for batch in range(batches):  # what comes later is added to what is there, or makes it counted anew
        await shop.saw(*events[batch::batches])

    known, deep = await shop.likes(full), await shop.likes(cheap)
    assert known.keys() == deep.keys()
    for id_, like in known.items():
        assert all(deep[id_][weight] <= like[weight] + ROUNDING for weight in WEIGHTS)
        assert all(one["full_price_weight"] <= one["weight"] + ROUNDING for one in (like, deep[id_]))


@promised
@given(histories, st.lists(st.floats(0.01, 60), max_size=4), st.lists(st.floats(0.01, 30), min_size=1, max_size=4))
async def test_a_stronger_trend_never_raises_either_weight(
    shop: Shop, history: list[Act], quiet: list[float], rise: list[float]
) -> None:
    """Two do the same with two sets of products; of one set others buy more and more."""
    calm, hyped = World.name("calm"), World.name("hyped")
    for who, crowd in ((calm, quiet), (hyped, [*quiet, *rise])):
        case = f"-{who}"
        others = [
            shop.event("purchase", World.name("other"), f"tea{case}", f"cup{case}", days_ago=days) for days in crowd
        ]
        await shop.saw(*others)
        await shop.saw(*done(shop, who, history, 0, case))

    known, trendy = await shop.likes(calm), await shop.likes(hyped)
    assert len(known) == len(trendy)
    for id_, like in known.items():
        in_fashion = trendy[id_.replace(calm, hyped)]
        assert all(in_fashion[weight] <= like[weight] + ROUNDING for weight in WEIGHTS)
