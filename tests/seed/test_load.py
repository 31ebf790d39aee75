"""The demo's data in a real database: whole, once, and on from where it broke off."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from app.domain.models import IngestReport, Interaction
from app.graph.database import Database
from app.settings import Settings
from seed import load as seed_load
from seed.journey import Journey
from seed.load import load_seed
from tests.graph.shop import Shop

ANCHOR = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
FEW = 3


@pytest.fixture(autouse=True)
def read_once(journey: Journey, monkeypatch: pytest.MonkeyPatch) -> None:
    """The receipts are read once for all tests."""
    monkeypatch.setattr(seed_load, "read_journey", lambda: journey)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings.load(home=tmp_path, commit_lines=500)


@pytest.fixture
def shop(db: Database, tenant: str) -> Shop:
    return Shop(db, tenant)


async def picture(shop: Shop) -> dict[str, Any]:
    """Counts and the sum of all likes of a tenant."""
    labels = ("Product", "Identity", "Account", "Household", "Identifier", "Consent", "Interaction")
    found: dict[str, Any] = {label: await shop.count(f"(:{label} {{tenant: $tenant}})") for label in labels}
    rows = await shop.query(
        "MATCH (:Identity {tenant: $tenant})-[l:LIKES]->() RETURN count(l) AS likes, round(sum(l.weight), 3) AS weight"
    )
    return found | dict(rows[0])


async def test_loading_twice_changes_nothing_and_does_not_even_read_the_data(
    db: Database, shop: Shop, tenant: str, settings: Settings, monkeypatch: pytest.MonkeyPatch
):
    first = await load_seed(db, settings, tenant=tenant, households=FEW, anchor=ANCHOR)
    before = await picture(shop)

    def unread() -> Journey:
        raise AssertionError("the data was read again")

    monkeypatch.setattr(seed_load, "read_journey", unread)
    again = await load_seed(db, settings, tenant=tenant, households=FEW, anchor=ANCHOR + timedelta(days=40))

    assert (first.loaded, again.loaded) == (True, False)
    assert (again.households, again.anchor) == (FEW, ANCHOR)
    assert await picture(shop) == before
    sessions_of_a_login = 2  # anonymous until it is known whose they are
    assert before["Identity"] - sessions_of_a_login == first.identities == FEW + 13
    assert before["Interaction"] == first.events
    assert before["Product"] == first.products


async def test_a_load_that_broke_off_is_taken_up_again(
    db: Database, tenant: str, settings: Settings, monkeypatch: pytest.MonkeyPatch
):
    whole, broken = Shop(db, f"{tenant}-whole"), Shop(db, f"{tenant}-broken")
    await load_seed(db, settings, tenant=whole.tenant, households=FEW, anchor=ANCHOR)
    record, calls = seed_load.record_events, 0

    async def failing(store: Any, tenant: str, interactions: Sequence[Interaction]) -> IngestReport:
        nonlocal calls
        calls += 1
        if calls == 3:
            raise KeyboardInterrupt
        return await record(store, tenant, interactions)

    with monkeypatch.context() as patch:
        patch.setattr(seed_load, "record_events", failing)
        with pytest.raises(KeyboardInterrupt):
            await load_seed(db, settings, tenant=broken.tenant, households=FEW, anchor=ANCHOR)
    report = await load_seed(db, settings, tenant=broken.tenant, households=FEW, anchor=ANCHOR + timedelta(days=9))

    assert report.loaded
    assert report.anchor == ANCHOR
    assert await picture(broken) == await picture(whole)


async def test_a_crowd_can_grow_and_stays_on_the_days_of_the_first_load(
    db: Database, shop: Shop, tenant: str, settings: Settings
):
    await load_seed(db, settings, tenant=tenant, households=2, anchor=ANCHOR)
    report = await load_seed(db, settings, tenant=tenant, households=FEW, anchor=ANCHOR + timedelta(days=30))

    assert (report.loaded, report.households, report.anchor) == (True, FEW, ANCHOR)
    assert await shop.count("(:Identity {tenant: $tenant, kind: 'shared'})") == FEW
    rows = await shop.query("MATCH (i:Interaction {tenant: $tenant}) RETURN max(i.at).epochMillis AS last")
    assert ANCHOR - timedelta(days=7) < datetime.fromtimestamp(rows[0]["last"] / 1000, UTC) <= ANCHOR


async def test_what_the_graph_holds_of_the_cast_is_what_the_story_says(
    db: Database, shop: Shop, tenant: str, settings: Settings
):
    await load_seed(db, settings, tenant=tenant, households=2, anchor=ANCHOR)

    shared = await shop.query(
        "MATCH (:Identity {tenant: $tenant, id: 'tom-personal'})-[:KNOWN_BY]->(k)<-[:KNOWN_BY]-(other) "
        "RETURN other.id AS id, k.type AS type, k.id AS digest"
    )
    sources = await shop.query("MATCH (c:Consent {tenant: $tenant}) RETURN DISTINCT c.source AS source")
    food = await shop.query(
        "MATCH (p:Product {tenant: $tenant, id: '935200'})-[:TAGGED]->(t) RETURN p.title AS title, t.facet AS facet"
    )

    assert [(row["id"], row["type"]) for row in shared] == [("debbie-personal", "device")]
    assert "family" not in shared[0]["digest"]
    assert sources == [{"source": "demo"}]
    assert {row["facet"] for row in food} == {"department", "category", "type", "label"}
    assert {row["title"] for row in food} == {"Canned dog food, 13.2 oz"}
