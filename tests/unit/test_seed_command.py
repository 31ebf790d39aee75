"""`plural seed --refresh`, which every start of the containers runs, does only what is left to do."""

from typing import Any, cast

import pytest

from app.cli import seed
from app.domain.progress import Silent
from app.graph.database import Database
from app.graph.status import ActiveRun
from app.settings import Settings
from seed.load import SeedReport


@pytest.mark.parametrize(
    ("loaded", "has_run", "refreshes"), [(True, True, 1), (True, False, 1), (False, False, 1), (False, True, 0)]
)
async def test_a_refresh_follows_what_was_loaded_or_where_there_is_no_run(
    monkeypatch: pytest.MonkeyPatch, loaded: bool, has_run: bool, refreshes: int
) -> None:
    done: list[str] = []

    class Report:
        def __init__(self) -> None:
            self.loaded = loaded

    async def load_seed(*_: object, **__: object) -> SeedReport:
        return cast("SeedReport", Report())

    async def read_active_run(*_: object) -> ActiveRun | None:
        return ActiveRun("run", None, None) if has_run else None

    async def refresh(_: Database, __: Settings, tenant: str, **___: Any) -> None:
        done.append(tenant)

    for name, fake in (("load_seed", load_seed), ("read_active_run", read_active_run), ("refresh", refresh)):
        monkeypatch.setattr(seed, name, fake)
    await seed.seed_and_refresh(cast("Database", None), Settings.load(), "demo", 5, Silent())

    assert done == ["demo"] * refreshes
