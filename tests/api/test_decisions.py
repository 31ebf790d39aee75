"""Every answer is written down behind its back; what is lost is counted."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest

from app.domain.errors import HeldError, UnavailableError
from app.domain.recommendation import Decision, Item
from app.graph.database import Database
from app.graph.decisions import DecisionGraph
from app.recommend.explore import chances_at
from app.services.decisions import DecisionLog
from app.settings import Settings
from tests.api.conftest import ServeWith, Shop


class Store:
    """Keeps decisions, or fails as often as it is told."""

    def __init__(self, failures: int = 0, error: type[Exception] = UnavailableError) -> None:
        self.written: list[str] = []
        self.batches: list[tuple[str, int]] = []
        self._failures = failures
        self._error = error

    async def write_decisions(self, tenant: str, decisions: Sequence[Decision]) -> None:
        if self._failures:
            self._failures -= 1
            raise self._error("away")
        self.batches.append((tenant, len(decisions)))
        self.written += [decision.id for decision in decisions]


def decision(identity_id: str | None = None, id_: str | None = None) -> Decision:
    item = Item(product_id="p1", rank=1, score=0.5, source="popular", title="One")
    now = datetime.now(UTC)
    return Decision(id_ or uuid4().hex, now, "web", "home", "granted", "run-1", identity_id, (item,))


async def test_what_was_offered_is_written_before_the_log_ends() -> None:
    store = Store()
    async with DecisionLog(store, batch_size=10, pause_seconds=60) as log:
        for number in range(25):
            log.offer("demo", decision(id_=str(number)))

    assert store.written == [str(number) for number in range(25)]
    assert max(size for _, size in store.batches) == 10
    assert log.lost == 0


async def test_waiting_decisions_are_written_after_a_pause() -> None:
    store = Store()
    async with DecisionLog(store, pause_seconds=0.01) as log:
        log.offer("a", decision())
        log.offer("b", decision())
        await asyncio.sleep(0.2)

        assert sorted(store.batches) == [("a", 1), ("b", 1)]


async def test_what_does_not_fit_is_lost_and_counted() -> None:
    told: list[int] = []
    log = DecisionLog(Store(), told.append, capacity=2)
    for _ in range(5):
        log.offer("demo", decision())

    assert (log.lost, told) == (3, [1, 1, 1])


@pytest.mark.parametrize(
    ("failures", "error", "lost"),
    [(2, UnavailableError, 0), (3, UnavailableError, 1), (1, ValueError, 1), (9, HeldError, 0)],
)
async def test_a_write_is_tried_again_and_then_counted_as_lost(
    failures: int, error: type[Exception], lost: int
) -> None:
    store = Store(failures, error)
    async with DecisionLog(store, pause_seconds=0.001, attempts=3) as log:
        log.offer("demo", decision())
        await asyncio.sleep(0.2)
        log.offer("demo", decision(id_="later"))

    assert log.lost == lost
    assert store.written[-1] == "later"


async def test_at_the_end_nobody_waits_for_a_database_that_is_away() -> None:
    store = Store(failures=100)
    async with asyncio.timeout(5), DecisionLog(store, pause_seconds=60, attempts=50) as log:
        log.offer("demo", decision())

    assert log.lost == 1


async def test_a_decision_is_kept_only_where_its_identity_is_there_or_nobody_is_named(shop: Shop, db: Database) -> None:
    await shop.call("PUT", "/v1/identities", {"identities": [{"id": "tom", "kind": "personal"}]})
    batch = [decision("tom"), decision("nobody"), decision(None)]
    for _ in range(2):
        await DecisionGraph(db).write_decisions(shop.tenant, batch)

    assert (
        await shop.count("(:Decision {tenant: $tenant, product_ids: ['p1'], sources: ['popular'], scores: [0.5]})") == 2
    )
    assert await shop.count("(:Identity {tenant: $tenant, id: 'tom'})-[:RECEIVED]->(:Decision)") == 1
    assert await shop.count("(:Identity {tenant: $tenant})") == 1


async def test_answers_are_logged_with_consent_or_without_a_name(
    shop: Shop, serve_with: ServeWith, settings: Settings
) -> None:
    asked: dict[str, Any] = {"channel": "app", "placement": "basket"}
    async with serve_with(settings) as client:
        mine = Shop(shop.tenant, client, shop.db)
        await mine.call("PUT", "/v1/identities/tom/consents/personalise_content", {"status": "granted"})
        await mine.call("PUT", "/v1/identities/ann/consents/personalise_content", {"status": "denied"})
        ids = [
            (await mine.call("POST", "/v1/recommendations", {"identity_id": identity_id, **asked})).json()[
                "decision_id"
            ]
            for identity_id in ("tom", "ann")
        ]
    # The service has stopped: everything is flushed.

    assert await shop.count("(:Decision {tenant: $tenant, channel: 'app', placement: 'basket'})") == 2
    linked = "(:Identity {tenant: $tenant, id: 'tom'})-[:RECEIVED]->(:Decision {id: '" + ids[0] + "'})"
    assert await shop.count(linked) == 1
    assert await shop.count("(:Identity {tenant: $tenant, id: 'ann'})-[:RECEIVED]->()") == 0
    assert await shop.count("(d:Decision {tenant: $tenant, id: '" + ids[1] + "', outcome: 'contextual_only'})") == 1


async def test_what_places_were_drawn_from_is_logged_and_exported_where_the_identity_is(
    shop: Shop, serve_with: ServeWith, settings: Settings
) -> None:
    products = [{"id": f"p{number}", "title": f"Product {number}"} for number in range(30)]
    asked: dict[str, Any] = {"limit": 3, "offset": 3, "scenario": "pinned"}
    async with serve_with(settings.model_copy(update={"exploration": 0.5})) as client:
        mine = Shop(shop.tenant, client, shop.db)
        await mine.call("PUT", "/v1/products", {"products": products})
        await mine.call("PUT", "/v1/scenarios/pinned", {"pins": [{"product_id": "p0", "place": 4}]})
        await mine.call("PUT", "/v1/identities/tom/consents/personalise_content", {"status": "granted"})
        for who in ({"identity_id": "tom"}, {}):
            assert (await mine.call("POST", "/v1/recommendations", {**asked, **who})).is_success
    # The service has stopped: everything is flushed.

    [kept] = (await shop.call("GET", "/v1/identities/tom/export")).json()["decisions"]
    assert (kept["exploration"], kept["first_place"], kept["deterministic"]) == (0.5, 4, [True, False, False])
    assert len(kept["candidate_ids"]) == len(kept["candidate_scores"]) == 6
    assert kept["candidate_scores"] == sorted(kept["candidate_scores"], reverse=True)
    assert "p0" not in kept["candidate_ids"]
    for place in (1, 2):
        likely = dict(chances_at(kept["candidate_ids"], 0.5, kept["product_ids"][:place]))
        assert likely[kept["product_ids"][place]] == kept["propensities"][place]
    assert await shop.count("(d:Decision {tenant: $tenant} WHERE d.candidate_ids IS NOT NULL)") == 1


async def test_lost_decisions_are_a_figure(serve_with: ServeWith, settings: Settings, shop: Shop) -> None:
    async with serve_with(settings) as client:
        assert "plural_decisions_lost_total 0.0" in (await client.get("/metrics")).text
