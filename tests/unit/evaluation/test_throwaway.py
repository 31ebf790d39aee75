"""`plural evaluate` needs nothing that a machine has from earlier."""

from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager
from types import SimpleNamespace
from typing import Any

import pytest

from app.cli import evaluate
from app.domain.progress import Silent
from app.services.hashing import load_hash_keys
from app.settings import Settings


@contextmanager
def server(**_: Any) -> Generator[Any]:
    yield SimpleNamespace(bolt_uri="bolt://127.0.0.1:1", user="neo4j", password="secret")


@asynccontextmanager
async def opened(settings: Settings, _: Any) -> AsyncGenerator[Settings]:
    yield settings


async def test_a_throwaway_database_has_a_hash_key_of_its_own(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    monkeypatch.delenv("PLURAL_HASH_KEY", raising=False)
    monkeypatch.setattr(evaluate, "throwaway_server", server)
    monkeypatch.setattr(evaluate, "open_database", opened)

    async with evaluate.throwaway_database(Settings.load(home=tmp_path), Silent()) as (db, of_it):
        assert of_it is db
        assert len(load_hash_keys(of_it)) == 1
    assert not [*tmp_path.iterdir()]
