"""The shop that the cases of one promise share."""

from collections.abc import AsyncGenerator
from uuid import uuid4

import pytest_asyncio

from app.graph.database import Database
from tests.promises.world import World


@pytest_asyncio.fixture(scope="module")
async def world(db: Database) -> AsyncGenerator[World]:
    """A shop with a crowd and an active run; cases bring people of their own."""
    shop = World(db, f"promise-{uuid4().hex[:12]}")
    await shop.opens()
    yield shop
