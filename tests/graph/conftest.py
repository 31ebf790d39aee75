"""One shop a test."""

import pytest

from app.graph.database import Database
from tests.graph.shop import Shop


@pytest.fixture
def shop(db: Database, tenant: str) -> Shop:
    return Shop(db, tenant)
