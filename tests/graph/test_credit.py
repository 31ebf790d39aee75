"""Credit on the real graph: whatever arrives, in whatever order and however often, an order is credited once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import count
from random import Random

import pytest_asyncio
from hypothesis import given
from hypothesis import strategies as st

from app.domain.credit import Credit, CreditRules
from app.domain.models import Consent, Identity, Interaction, InteractionType, Line
from app.domain.orders import counted
from app.domain.recommendation import Decision
from app.graph.decisions import DecisionGraph
from app.graph.outcomes import OutcomeGraph
from tests.graph.shop import NOW, Shop
from tests.promises.examples import promised

PRODUCTS = ("tea", "mug", "pot")
HOURS = 24 * 12
DECISIONS = 4
_numbers = count(1)


@dataclass(frozen=True, slots=True)
class Said:
    """One message about something, before it has names."""

    type: InteractionType
    hours_ago: int
    by_browser: bool
    decision: int | None
    order: int | None
    products: tuple[str, ...]
    trust: int


def said(*types: InteractionType, order: bool) -> st.SearchStrategy[Said]:
    return st.builds(
        Said,
        st.sampled_from(types),
        st.integers(0, HOURS),
        st.booleans(),
        st.none() | st.integers(0, DECISIONS - 1),
        (st.none() | st.integers(0, 2)) if order else st.none(),
        st.lists(st.sampled_from(PRODUCTS), min_size=1, max_size=2, unique=True).map(tuple),
        st.sampled_from((0, 2)),
    )


messages = st.lists(
    st.one_of(
        said("click", "view", order=False),
        said("purchase", order=True),
        said("purchase", order=True),
        said("refund", order=True),
    ),
    max_size=9,
)


def made(one: Said, place: int, name: str) -> Interaction:
    """Give it names; a refund that names no order would be of any, and is the browser's never."""
    who = f"session:{name}" if one.by_browser and one.type != "refund" else name
    return Interaction(
        f"{name}-{place}",
        one.type,
        who,
        NOW - timedelta(hours=one.hours_ago),
        tuple(Line(product) for product in one.products),
        session_id=name if one.by_browser else None,
        decision_id=None if one.decision is None else f"{name}-d{one.decision}",
        order_id=f"{name}-o{one.order or 0}" if one.type == "refund" or one.order is not None else None,
        trust=0 if one.by_browser else one.trust,
    )


async def gives(shop: Shop, whom: str, name: str, hours_ago: Sequence[float], channel: str = "web") -> None:
    """Log decisions for somebody."""
    at = [NOW - timedelta(hours=hours) for hours in hours_ago]
    logged = [
        Decision(f"{name}-d{place}", when, channel, "home", "granted", None, whom, ()) for place, when in enumerate(at)
    ]
    await DecisionGraph(shop.db).write_decisions(shop.tenant, logged)


async def credits_of(shop: Shop, name: str, rules: CreditRules | None = None) -> list[Credit]:
    found = await OutcomeGraph(shop.db, rules or CreditRules()).credits(shop.tenant, NOW, NOW - timedelta(days=90))
    return [one for one in found if one.order.startswith(f"{name}-")]


def expected(name: str, hours: Sequence[float], events: Sequence[Interaction]) -> dict[str, tuple[str, frozenset[str]]]:
    """By order, decision and products; written down anew, event by event."""
    browser = f"session:{name}"
    touches = [(NOW - timedelta(hours=ago), False, f"{name}-d{place}", name) for place, ago in enumerate(hours)]
    touches += [
        (one.at, one.type != "view", one.decision_id, one.identity_id)
        for one in events
        if one.decision_id and one.type != "refund"
    ]
    left = [one for one in counted(events) if one.type == "purchase"]
    orders: dict[str, list[Interaction]] = {}
    for one in left:
        orders.setdefault(one.order_id or one.id, []).append(one)
    found: dict[str, tuple[str, frozenset[str]]] = {}
    for order, parts in orders.items():
        at = min(one.at for one in parts)
        is_toms = any(one.identity_id == name for one in parts)
        before = [t for t in touches if is_toms or t[3] == browser]
        clicked = [t for t in before if t[1] and timedelta() <= at - t[0] <= timedelta(days=7)]
        seen = [t for t in before if not t[1] and timedelta() <= at - t[0] <= timedelta(days=1)]
        if clicked or seen:
            best = max(clicked or seen, key=lambda touch: (touch[0], touch[2]))
            found[order] = (best[2], frozenset(line.product_id for one in parts for line in one.lines))
    return found


@promised
@given(messages, st.lists(st.integers(0, HOURS), min_size=DECISIONS, max_size=DECISIONS), st.integers(0, 999))
async def test_an_order_is_credited_once_in_whatever_order_and_however_often_it_is_told(
    shop: Shop, said_: list[Said], hours: list[int], seed: int
) -> None:
    name = f"tom{next(_numbers)}"
    await shop.offers(*PRODUCTS)
    await shop.knows(Identity(name, "personal"))
    await shop.grants(name, purposes=["measurement"])
    await gives(shop, name, name, hours)
    events = [made(one, place, name) for place, one in enumerate(said_)]
    random = Random(seed)
    told = random.sample(events, len(events)) + (random.choices(events, k=3) if events else [])
    while told:
        size = random.randint(1, len(told))
        await shop.saw(*told[:size])
        told = told[size:]

    found = await credits_of(shop, name)

    assert {one.order: (one.decision_id, frozenset(one.quantities)) for one in found} == expected(name, hours, events)
    assert len({one.order for one in found}) == len(found)


@pytest_asyncio.fixture
async def toms(shop: Shop) -> Shop:
    """Tom, who was shown d0 an hour ago, and tea, mug and pot."""
    await shop.offers(*PRODUCTS)
    await shop.knows(Identity("tom", "personal"), Identity("toms-work", "work"))
    await shop.grants("tom", "toms-work", purposes=["measurement"])
    await gives(shop, "tom", "tom", [1])
    return shop


async def test_a_browser_that_cannot_name_anybody_clicks_and_buys_for_the_decision_it_names(toms: Shop) -> None:
    browser = {"session_id": "s", "decision_id": "tom-d0"}
    await toms.saw(toms.event("click", "session:s", days_ago=0.02, **browser))
    await toms.saw(toms.event("purchase", "session:s", "tea", days_ago=0.01, id="tom-buys", session_id="s"))

    [credit] = await credits_of(toms, "tom")

    assert (credit.decision_id, credit.is_click, dict(credit.quantities)) == ("tom-d0", True, {"tea": 1})


async def test_a_browser_that_refused_to_be_measured_is_not(toms: Shop) -> None:
    await toms.saw(toms.event("click", "session:s", days_ago=0.02, decision_id="tom-d0"))
    await toms.saw(toms.event("purchase", "session:s", "tea", days_ago=0.01, id="tom-buys"))
    await toms.says("session:s", Consent("no", "measurement", "denied", NOW))

    assert await credits_of(toms, "tom") == []


async def test_a_siblings_events_are_none_of_a_decision_that_was_not_its_own(toms: Shop) -> None:
    await toms.saw(toms.event("click", "toms-work", days_ago=0.02, decision_id="tom-d0"))
    await toms.buys("toms-work", "tea", days_ago=0.01, id="tom-works", decision_id="tom-d0")

    assert await credits_of(toms, "tom") == []


async def test_whoever_takes_consent_back_is_credited_nowhere(toms: Shop) -> None:
    await toms.buys("tom", "tea", days_ago=0.01, id="tom-buys")
    assert len(await credits_of(toms, "tom")) == 1

    await toms.says("tom", Consent("no", "measurement", "withdrawn", NOW))

    assert await credits_of(toms, "tom") == []


async def test_a_contact_is_seen_once_it_was_sent(toms: Shop) -> None:
    await gives(toms, "tom", "tom-mail", [1], channel="email")
    await toms.query("MATCH (d:Decision {tenant: $tenant, id: 'tom-d0'}) DETACH DELETE d")
    await toms.buys("tom", "tea", days_ago=0.01, id="tom-buys")
    assert await credits_of(toms, "tom") == []

    await toms.saw(toms.event("sent", "tom", days_ago=0.03, decision_id="tom-mail-d0", channel="email"))

    assert [one.decision_id for one in await credits_of(toms, "tom")] == ["tom-mail-d0"]


async def test_how_long_a_decision_may_have_an_order_is_a_setting(toms: Shop) -> None:
    await gives(toms, "tom", "tom-old", [60])
    await toms.buys("tom", "tea", days_ago=1, id="tom-buys")
    assert await credits_of(toms, "tom") == []

    assert [one.decision_id for one in await credits_of(toms, "tom", CreditRules(7, 2))] == ["tom-old-d0"]
