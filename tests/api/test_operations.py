"""What an operator's machines see, and what logs never hold."""

import json
from contextlib import nullcontext
from functools import partial
from typing import Any, NamedTuple

import httpx2
import pytest

from app.domain.errors import NoRoomError, UnavailableError
from app.domain.keys import SCOPES
from app.embedded.errors import StartError
from app.graph.database import Database
from app.graph.keeper import Unattended
from app.graph.status import ReadinessGraph
from app.main import create_app
from app.services.readiness import ReadinessCheck
from app.settings import Settings
from tests.api.conftest import Shop


class Warmth(NamedTuple):
    """How far a warm-up is."""

    is_done: bool
    is_warm: bool


class Graph:
    """A graph in any state."""

    def __init__(self, *, up: bool = True, schema: bool = True) -> None:
        self._up, self._schema = up, schema

    async def schema_is_current(self) -> bool:
        if not self._up:
            raise UnavailableError("away")
        return self._schema

    async def all_learned(self) -> bool:
        return False

    async def oldest_active_run(self) -> None:
        if not self._up:
            raise UnavailableError("away")


async def test_alive_needs_no_key_and_tells_nothing(client: httpx2.AsyncClient) -> None:
    answer = await client.get("/healthz")

    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


class GivenUp(Unattended):
    """The keeper of a server that was started again in vain."""

    failure = StartError("in vain")


async def test_a_database_that_was_given_up_is_no_life_but_one_that_is_away_is_no_reason_to_restart(
    settings: Settings, db: Database
) -> None:
    app = create_app(settings, partial(nullcontext, db))
    async with (
        app.router.lifespan_context(app),
        httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://plural.test") as client,
    ):
        object.__setattr__(app.state.services, "readiness", ReadinessCheck(Graph(up=False)))
        away = await client.get("/healthz")
        object.__setattr__(app.state.services, "readiness", ReadinessCheck(Graph(up=False), GivenUp()))
        dead = await client.get("/healthz")

    assert away.status_code == 200
    assert (dead.status_code, dead.json()) == (503, {"status": "database given up"})


class NoRoom(Unattended):
    """The keeper of a disk without room, until there is some."""

    full = True

    def check_room(self) -> None:
        if self.full:
            raise NoRoomError("Nothing is written while the disk is full.")


async def test_writes_are_refused_without_room_and_taken_again_by_themselves(
    shop: Shop, db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await shop.token(*SCOPES)
    keeper = NoRoom()
    monkeypatch.setattr(db, "keeper", keeper)
    row = {"event_id": "e1", "type": "view", "identity_id": "tom", "at": "2026-05-01T10:00:00Z"}
    body = {"events": [{**row, "lines": [{"product_id": "p1"}]}]}
    refused = [
        await shop.call("POST", "/v1/events", body),
        await shop.call("PUT", "/v1/products", {"products": [{"id": "p1", "title": "Pan"}]}),
        await shop.call("PUT", "/v1/identities", {"identities": [{"id": "tom", "kind": "personal"}]}),
    ]
    for answer in refused:
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "30"), answer.text
        assert answer.json()["type"] == "urn:plural:problem:disk-full"
    assert (await shop.call("POST", "/v1/recommendations", {})).status_code == 200

    keeper.full = False
    taken = await shop.call("POST", "/v1/events", body)
    assert taken.json()["accepted"] == 1, taken.text


async def test_ready_means_database_schema_and_run(shop: Shop) -> None:
    await shop.query("CREATE (:Run {tenant: $tenant, id: 'r', active: true, finished_at: datetime()})")
    answer = await shop.client.get("/readyz")

    assert answer.status_code == 200
    there = dict.fromkeys(("ready", "database", "schema_current", "active_run", "keys", "warm"), True)
    assert {name: yes for name, yes in answer.json().items() if name != "learned"} == there


@pytest.mark.parametrize(
    ("graph", "found"),
    [
        (Graph(up=False), (False, False, False)),
        (Graph(schema=False), (True, False, False)),
        (Graph(), (True, True, False)),
    ],
)
async def test_not_ready_says_what_is_missing(graph: Graph, found: tuple[bool, bool, bool]) -> None:
    readiness = await ReadinessCheck(graph).check()

    assert (readiness.database, readiness.schema, readiness.active_run) == found
    assert not readiness.ready


@pytest.mark.parametrize(("warm", "done", "status"), [(False, False, 503), (True, True, 200), (False, True, 200)])
async def test_ready_waits_for_the_warm_up_but_not_for_ever(
    shop: Shop, settings: Settings, db: Database, warm: bool, done: bool, status: int
) -> None:
    await shop.query("CREATE (:Run {tenant: $tenant, id: 'r', active: true, finished_at: datetime()})")
    app = create_app(settings, partial(nullcontext, db))
    async with app.router.lifespan_context(app):
        services = app.state.services
        object.__setattr__(services, "readiness", ReadinessCheck(ReadinessGraph(db), None, Warmth(done, warm)))
        async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://plural.test") as client:
            answer = await client.get("/readyz")

    assert (answer.status_code, answer.json()["warm"]) == (status, warm)
    assert answer.json()["ready"] == (status == 200)


async def test_an_unready_service_answers_503(settings: Settings, db: Database) -> None:
    app = create_app(settings, partial(nullcontext, db))
    async with app.router.lifespan_context(app):
        object.__setattr__(app.state.services, "readiness", ReadinessCheck(Graph(up=False)))
        async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://plural.test") as client:
            answer, metrics = await client.get("/readyz"), await client.get("/metrics")

    assert answer.status_code == 503
    missing = {"database": False, "schema_current": False, "active_run": False}
    assert answer.json() == {"ready": False, **missing, "keys": True, "learned": False, "warm": True}
    assert "plural_run_age_seconds NaN" in metrics.text


async def test_figures_by_route_template_and_source(shop: Shop) -> None:
    row = {"event_id": "e1", "type": "view", "identity_id": "tom", "at": "2026-05-01T10:00:00Z"}
    await shop.call("POST", "/v1/events", {"events": [{**row, "lines": [{"product_id": "p1"}]}, {}]})
    await shop.call("GET", "/v1/identities/nobody-here")
    await shop.call("POST", "/v1/recommendations", {})
    await shop.client.request("MADE-UP", "/v1/events")
    text = (await shop.client.get("/metrics")).text

    assert "MADE-UP" not in text
    for figure in (
        'plural_request_seconds_count{method="POST",route="/v1/events"}',
        'plural_errors_total{method="GET",route="/v1/identities/{identity_id}",status="404"}',
        'plural_recommendation_seconds_count{source="none"}',
        'plural_events_total{outcome="accepted"}',
        'plural_events_total{outcome="rejected"}',
        "plural_run_age_seconds",
        "plural_decisions_lost_total",
    ):
        assert figure in text
    assert "nobody-here" not in text
    assert shop.tenant not in text


async def test_the_access_log_names_nobody(shop: Shop, caplog: pytest.LogCaptureFixture) -> None:
    token = await shop.token("admin")
    with caplog.at_level("DEBUG"):
        body: Any = {"identity_id": "tom-the-customer"}
        await shop.client.post("/v1/recommendations", json=body, headers={"X-API-Key": token})
        answer = await shop.client.get("/v1/identities/tom-the-customer?likes=7", headers={"X-API-Key": token})
        await shop.client.get("/tom-the-customer")

    lines = [json.loads(record.message) for record in caplog.records if record.name == "plural.access"]
    assert [(line["method"], line["route"], line["status"]) for line in lines] == [
        ("POST", "/v1/recommendations", 200),
        ("GET", "/v1/identities/{identity_id}", 404),
        ("GET", "unknown", 404),
    ]
    assert lines[1]["request_id"] == answer.headers["X-Request-ID"]
    ours = "\n".join(record.getMessage() for record in caplog.records if record.name.startswith("plural"))
    for secret in ("tom-the-customer", token, token.split("_")[-1], "likes=7", shop.tenant):
        assert secret not in ours


async def test_the_document_describes_every_route(client: httpx2.AsyncClient) -> None:
    document = (await client.get("/openapi.json")).json()

    keyed = [path for path in document["paths"] if path.startswith("/v1/")]
    assert len(keyed) >= 7
    for path in keyed:
        for operation in document["paths"][path].values():
            assert operation["security"]
            assert all(scopes for one in operation["security"] for scopes in one.values())
            assert {name for one in operation["security"] for name in one} == {"key"}
            assert operation["responses"]["429"]["content"]["application/problem+json"]
