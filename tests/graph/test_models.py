"""The model of a run: the same from the graph's records and from its file, loaded once, without anybody in it."""

import asyncio
from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest

from app.domain.errors import UnavailableError
from app.graph import models
from app.graph.database import Database
from app.graph.models import RunModels, keep_file, model_path, read_from_graph
from app.recommend.model import Rows, RunModel
from app.recommend.model_file import read_model
from tests.graph.shop import Shop


async def opens(shop: Shop) -> str:
    """Two tastes, one habit; the run."""
    await shop.offers("tea", "cup", "hammer", "nails", "milk", product_type="Things", brand="Maker")
    for person in range(6):
        await shop.buys(f"tea-lover-{person}", "tea", "cup")
        await shop.buys(f"tool-lover-{person}", "hammer", "nails")
        for week in range(3):
            await shop.buys(f"tea-lover-{person}", "milk", days_ago=7 * week + 1)
    await shop.grants(*(f"{taste}-lover-{person}" for taste in ("tea", "tool") for person in range(6)))
    return (await shop.refreshes()).run


def arrays(model: RunModel) -> dict[str, object]:
    found: dict[str, object] = {}
    for field in fields(model):
        value = getattr(model, field.name)
        parts = (value.starts, value.targets, value.weights) if isinstance(value, Rows) else (value,)
        found[field.name] = [part.tolist() if isinstance(part, np.ndarray) else part for part in parts]
    return found


async def test_the_file_of_a_refresh_says_what_the_graph_does(shop: Shop) -> None:
    run = await opens(shop)

    kept = read_model(model_path(shop.settings.models_folder, shop.tenant, run))
    read = await read_from_graph(shop.db, shop.tenant)

    assert arrays(kept) == arrays(read)
    assert len(read.similar.weights) > 0
    assert read.repeat_share[read.place_of["milk"]] > 0
    assert {"", "brand maker", "tag category:things"} <= set(read.anchors)


async def test_nobody_is_in_it(shop: Shop) -> None:
    run = await opens(shop)

    content = model_path(shop.settings.models_folder, shop.tenant, run).read_bytes()

    assert b"tea" in content
    assert b"lover" not in content


async def test_only_the_active_run_has_a_file(shop: Shop) -> None:
    """An erasure's receipt says that no trained weight of before is left."""
    runs = [await opens(shop), (await shop.refreshes()).run]

    folder = model_path(shop.settings.models_folder, shop.tenant, runs[0]).parent
    assert [path.name for path in folder.iterdir()] == [f"{runs[1]}.arrow"]


async def test_it_is_loaded_once_however_many_ask(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    run = await opens(shop)
    reads = 0
    read = models.read_from_graph

    async def counted(db: Database, tenant: str) -> RunModel:
        nonlocal reads
        reads += 1
        return await read(db, tenant)

    monkeypatch.setattr(models, "read_from_graph", counted)
    kept = RunModels(shop.db, None, 10**9, 0)

    found = await asyncio.gather(*(kept.of_run(shop.tenant, run) for _ in range(20)))
    assert {id(one) for one in found} == {id(await kept.of_run(shop.tenant, run))}
    assert reads == 1


async def test_a_broken_file_is_passed_over(shop: Shop) -> None:
    run = await opens(shop)
    model_path(shop.settings.models_folder, shop.tenant, run).write_bytes(b"half")

    model = await RunModels(shop.db, shop.settings.models_folder, 10**9, 0).of_run(shop.tenant, run)

    assert "tea" in model.products


async def test_who_has_not_got_the_new_model_yet_uses_the_one_before(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = await opens(shop)
    kept = RunModels(shop.db, None, 10**9, 0)
    await kept.of_run(shop.tenant, first)
    second = (await shop.refreshes()).run
    may_read = asyncio.Event()
    read = models.read_from_graph

    async def slow(db: Database, tenant: str) -> RunModel:
        await may_read.wait()
        return await read(db, tenant)

    monkeypatch.setattr(models, "read_from_graph", slow)

    assert (await kept.of_run(shop.tenant, second)).run == first
    may_read.set()
    while (await kept.of_run(shop.tenant, second)).run == first:
        await asyncio.sleep(0.01)
    assert (await kept.of_run(shop.tenant, second)).run == second


async def test_when_the_first_cannot_be_read_everybody_who_waits_is_told(shop: Shop) -> None:
    kept = RunModels(shop.db, None, 10**9, 0)

    found = await asyncio.gather(*(kept.of_run(shop.tenant, "no run") for _ in range(3)), return_exceptions=True)

    assert [type(one) for one in found] == [UnavailableError] * 3


async def test_models_together_are_bounded_in_bytes(db: Database, tenant: str) -> None:
    shops = [Shop(db, f"{tenant}-{n}") for n in range(3)]
    runs = [await opens(shop) for shop in shops]
    size = (await read_from_graph(db, shops[0].tenant)).size_bytes
    kept = RunModels(db, None, 2 * size + size // 2, 0)

    for shop, run in zip(shops, runs, strict=True):
        await kept.of_run(shop.tenant, run)

    assert list(kept._kept) == [shop.tenant for shop in shops[1:]]  # pyright: ignore[reportPrivateUsage]


async def test_where_no_file_can_be_written_the_run_is_served_all_the_same(shop: Shop, tmp_path: Path) -> None:
    run = await opens(shop)
    (tmp_path / "taken").write_text("a file where a folder should be")

    assert not await keep_file(shop.db, tmp_path / "taken", shop.tenant, run)


async def test_what_comes_next_is_of_the_run_from_the_earlier_to_the_later(shop: Shop) -> None:
    await shop.offers("kettle", "tea", "cup")
    people = [f"drinker-{person}" for person in range(6)]
    for person in people:
        await shop.buys(person, "kettle", days_ago=30)
        await shop.buys(person, "tea", days_ago=20)
        await shop.buys(person, "cup", days_ago=10)
    await shop.grants(*people)
    await shop.refreshes()

    model = await read_from_graph(shop.db, shop.tenant)

    def weight(earlier: str, later: str) -> float:
        row = slice(*model.next.starts[model.place_of[earlier] : model.place_of[earlier] + 2].tolist())
        found = dict(zip(model.next.targets[row].tolist(), model.next.weights[row].tolist(), strict=True))
        return found.get(model.place_of[later], 0.0)

    assert weight("kettle", "tea") == pytest.approx(6 / (6**0.7 + 10))
    assert weight("kettle", "tea") > weight("kettle", "cup") > weight("cup", "kettle") > 0
