"""The shop that the cases of one promise share."""

from collections.abc import AsyncGenerator
from contextlib import nullcontext
from functools import partial
from uuid import uuid4

import httpx2
import pytest
import pytest_asyncio

from app.graph.database import Database
from app.main import create_app
from app.settings import Settings
from tests.promises.crowds import Gallery, K
from tests.promises.page import Page
from tests.promises.world import World


@pytest_asyncio.fixture(scope="module")
async def world(db: Database) -> AsyncGenerator[World]:
    """A shop with a crowd and an active run; cases bring people of their own."""
    shop = World(db, f"promise-{uuid4().hex[:12]}")
    await shop.opens()
    yield shop


@pytest_asyncio.fixture(scope="module")
async def page(world: World, tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Page]:
    """A page of that shop."""
    given = Settings.load(home=tmp_path_factory.mktemp("home"), rate_limit_per_minute=0)
    app = create_app(given, partial(nullcontext, world.db))
    transport = httpx2.ASGITransport(app)
    async with app.router.lifespan_context(app), httpx2.AsyncClient(transport=transport, base_url="http://t") as client:
        yield await Page.of(world, client)


@pytest_asyncio.fixture(scope="module")
async def gallery(db: Database, tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Gallery]:
    """A shop whose communities are looked at through the API; each case is a run of its own."""
    given = {"home": tmp_path_factory.mktemp("home"), "k_look": K, "rate_limit_per_minute": 0}
    app = create_app(Settings.load(**given), partial(nullcontext, db))
    transport = httpx2.ASGITransport(app)
    async with app.router.lifespan_context(app), httpx2.AsyncClient(transport=transport, base_url="http://t") as client:
        shown = Gallery(db, f"promise-{uuid4().hex[:12]}", client)
        await shown.opens()
        yield shown
