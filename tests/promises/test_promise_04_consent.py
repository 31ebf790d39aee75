"""Promise 4: consent only narrows: absent is denied, the stricter wins, expiry counts when read, links copy none."""

from datetime import timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from app.domain.consent import effective_consent
from app.domain.models import Consent, ConsentStatus, Identifier, Identity, Purpose
from tests.graph.shop import NOW
from tests.promises.examples import promised, refreshed
from tests.promises.page import Page
from tests.promises.world import PRODUCTS, Act, World, acts, requests

purposes: st.SearchStrategy[Purpose] = st.sampled_from(("personalise_content", "personalise_content", "newsletter"))
statuses: st.SearchStrategy[ConsentStatus] = st.sampled_from(("granted", "granted", "granted", "denied", "withdrawn"))
CONSENT_MODE = ("ad_user_data", "ad_personalization", "analytics_storage", "personalization_storage")
DAYS = (-5, -1, 0, 1, 5)
"""Few, so that records often fall on one moment."""


@st.composite
def records(draw: st.DrawFn) -> Consent:
    at = NOW - timedelta(days=draw(st.sampled_from((*DAYS, 3, 5))))
    lasts = draw(st.sampled_from((None, 1, 1, 3, 8)))
    return Consent(
        World.name("record"),
        draw(purposes),
        draw(statuses),
        at,
        None if lasts is None else at + timedelta(days=lasts),
    )


@promised
@given(
    st.lists(acts, min_size=1, max_size=3), st.lists(records(), max_size=6), purposes, st.sampled_from(DAYS), requests
)
async def test_history_is_read_exactly_where_the_log_allows_it(
    world: World, history: list[Act], log: list[Consent], purpose: Purpose, at_days: int, request: dict[str, Any]
) -> None:
    """The gate in the graph is the pure rule, and without it the answer is what anybody gets."""
    id_ = world.name("reader")
    await world.knows(Identity(id_, "personal"))
    await world.saw(*world.events(id_, history))
    stored = [await world.says(id_, record) for record in log]

    asked: dict[str, Any] = {**request, "purpose": purpose, "at_days": at_days}
    answer = await world.told(id_, **asked)
    anybody = await world.told(world.name("nobody"), **asked)

    allowed = effective_consent(stored, purpose, NOW + timedelta(days=at_days)) == "granted"
    assert answer.outcome == ("granted" if allowed else "contextual_only")
    if not allowed:
        assert answer.items == anybody.items


@promised
@given(st.lists(records(), max_size=4), st.sampled_from(("denied", "withdrawn")), purposes, st.sampled_from(DAYS))
async def test_one_more_denial_never_opens_anything(
    world: World, log: list[Consent], status: ConsentStatus, purpose: Purpose, days: int
) -> None:
    id_ = world.name("reader")
    for record in log:
        await world.says(id_, record)
    before = [(await world.told(id_, at_days=at, purpose=purpose)).outcome for at in DAYS]

    await world.says(id_, Consent(World.name("record"), purpose, status, NOW + timedelta(days=days)))

    after = [(await world.told(id_, at_days=at, purpose=purpose)).outcome for at in DAYS]
    assert all(new == "contextual_only" or new == old for old, new in zip(before, after, strict=True))


@promised
@given(st.lists(records(), max_size=4), st.lists(records(), max_size=4))
async def test_linking_copies_no_consent(world: World, mine: list[Consent], theirs: list[Consent]) -> None:
    """Same person, login, home and e-mail: each still has said only what it said itself."""
    case = world.name("case")
    both = [f"{case}-{who}" for who in ("work", "private")]
    for id_, log in zip(both, (mine, theirs), strict=True):
        for record in log:
            await world.says(id_, record)
    before = await said(world, case)

    email = (Identifier("email", case),)
    await world.knows(*(Identity(id_, "personal", case, f"login-{case}", f"home-{case}", email) for id_ in both))

    assert await said(world, case) == before
    assert len(before) == len(mine) + len(theirs)


@refreshed
@given(st.lists(st.dictionaries(st.sampled_from(CONSENT_MODE), st.sampled_from(("granted", "denied"))), max_size=4))
async def test_what_a_page_says_for_a_session_without_its_token_only_narrows(
    world: World, page: Page, banners: list[dict[str, str]]
) -> None:
    """Anybody could say it: whatever was denied counts, and nothing is granted by it."""
    session_id, _ = await page.open()
    for number, consent in enumerate(banners):
        items = {"session_id": session_id, "items": [{"item_id": PRODUCTS[0]}]}
        body = {"client_id": f"session:{session_id}", "consent": consent}
        event = {"name": "view_item", "params": {**items, "decision_id": str(number)}}
        await page.post("/v1/events", {**body, "events": [event]})

    rows = await world.query(
        "MATCH (:Identity {tenant: $tenant, id: $id})-[:GAVE]->(c) RETURN collect(DISTINCT c.status) AS said",
        id=f"session:{session_id}",
    )
    assert set(rows[0]["said"]) <= {"denied"}
    assert rows[0]["said"] or not any("denied" in banner.values() for banner in banners)


async def said(world: World, case: str) -> list[dict[str, Any]]:
    return await world.query(
        "MATCH (i:Identity {tenant: $tenant})-[:GAVE]->(c:Consent) WHERE i.id IN [$case + '-work', $case + '-private'] "
        "RETURN i.id AS id, c.id AS record, c.purpose AS purpose, c.status AS status ORDER BY id, record",
        case=case,
    )
