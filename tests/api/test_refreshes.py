"""A shop's taste is learned anew over HTTP, in a process of its own, while it is asked."""

import asyncio
import os
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, nullcontext
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import httpx2
import psutil
from pydantic import SecretStr

from app.graph.database import Database
from app.graph.refreshes import RefreshGraph
from app.main import create_app
from app.settings import Settings
from tests.api.conftest import Shop
from tests.conftest import Neo4jServer

PATH = "/v1/refresh"
CROWD = {f"pet-{n}": ("dog-food", "dog-leash", "dog-bed") for n in range(8)} | {
    f"garden-{n}": ("spade", "seeds", "hose") for n in range(8)
}


@asynccontextmanager
async def serving(db: Database, settings: Settings, server: Neo4jServer) -> AsyncGenerator[httpx2.AsyncClient]:
    """The service as it is started, with a refresh in a process of its own."""
    user, password = server.auth or ("", "")
    real = {"neo4j_uri": server.bolt_uri, "neo4j_user": user, "neo4j_password": SecretStr(password)}
    app = create_app(settings.model_copy(update=real), partial(nullcontext, db))
    async with (
        app.router.lifespan_context(app),
        httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://plural.test") as client,
    ):
        yield client


async def fill(shop: Shop) -> None:
    products = [{"id": id_, "title": id_} for ids in CROWD.values() for id_ in ids]
    await shop.call("PUT", "/v1/products", {"products": products[:3] + products[-3:]})
    events = [
        {"event_id": f"{name}-{place}", "type": "purchase", "identity_id": name, "at": "2026-05-01T10:00:00Z"}
        | {"lines": [{"product_id": product_id}]}
        for name, ids in CROWD.items()
        for place, product_id in enumerate(ids)
    ]
    assert (await shop.call("POST", "/v1/events", {"events": events})).json()["accepted"] == len(events)
    for name in CROWD:
        await shop.call("PUT", f"/v1/identities/{name}/consents/model_training", {"status": "granted"})


async def until_idle(shop: Shop) -> list[dict[str, Any]]:
    """Everything that was said until the refresh ended; the shop is asked meanwhile."""
    said: list[dict[str, Any]] = []
    async with asyncio.timeout(300):
        while not said or said[-1]["state"] != "idle":
            said.append((await shop.call("GET", PATH)).json())
            asked = await shop.call("POST", "/v1/recommendations", {"product_ids": ["dog-food"]})
            assert asked.status_code == 200, asked.text
            await asyncio.sleep(0.2)
    return said


async def test_taste_is_learned_anew_while_the_shop_is_asked(
    db: Database, settings: Settings, neo4j_server: Neo4jServer, tenant: str
) -> None:
    async with serving(db, settings, neo4j_server) as client:
        shop = Shop(tenant, client, db)
        await fill(shop)
        nothing = {"state": "idle", "active": None, "underway": None, "failure": None}
        assert (await shop.call("GET", PATH)).json() == nothing
        runs = RefreshGraph(db, settings.refresh_silence_seconds)
        began = datetime.now(UTC)
        assert tenant in await runs.list_due(began)

        first, again = [await shop.call("POST", PATH) for _ in range(2)]
        assert (first.status_code, first.json()["state"]) == (202, "waiting")
        assert again.status_code == 202
        said = await until_idle(shop)

        assert said[-1]["active"]["report"]["learners"] == len(CROWD)
        assert said[-1]["failure"] is None
        assert await shop.count("(:Run {tenant: $tenant})") == 1
        near = (await shop.call("POST", "/v1/recommendations", {"product_ids": ["dog-food"], "limit": 2})).json()
        assert {item["product_id"] for item in near["items"]} == {"dog-leash", "dog-bed"}
        assert 'plural_refreshes_total{outcome="done"} 1.0' in (await client.get("/metrics")).text
        assert tenant not in await runs.list_due(began - timedelta(minutes=1))
        assert tenant in await runs.list_due(datetime.now(UTC) + timedelta(minutes=1))

        # A load that went wrong: the run that is there stays, unless it is forced.
        await shop.query("MATCH (i:Identity {tenant: $tenant})-[l:LIKES]->() WHERE i.id <> 'pet-1' DELETE l")
        await shop.call("POST", PATH)
        refused = (await until_idle(shop))[-1]
        assert refused["active"] == said[-1]["active"]
        assert "learn from 1 identities" in refused["failure"]["reason"]
        await shop.call("POST", PATH, {"force": True})
        forced = (await until_idle(shop))[-1]
        assert (forced["active"]["report"]["learners"], forced["failure"]) == (1, None)


async def test_a_refresh_ends_with_the_service_and_leaves_what_was(
    db: Database, settings: Settings, neo4j_server: Neo4jServer, tenant: str
) -> None:
    async with serving(db, settings, neo4j_server) as client:
        shop = Shop(tenant, client, db)
        await fill(shop)
        await shop.call("POST", PATH)
        async with asyncio.timeout(120):
            while (await shop.call("GET", PATH)).json()["state"] != "running":
                await asyncio.sleep(0.05)
        deriving = [one for one in psutil.Process(os.getpid()).children() if "spawn_main" in " ".join(one.cmdline())]
        assert len(deriving) == 1

    _, alive = psutil.wait_procs(deriving, timeout=10)
    assert not alive
    assert await shop.count("(:Run {tenant: $tenant, active: true})") == 0
