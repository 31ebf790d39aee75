"""A request leaves nothing that only a full collection could free: one stops the whole service while it looks."""

import gc
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest

from app.domain.recommendation import Context, Offer, RecommendationRequest, Rule, RunStamp
from app.recommend.model import RunModel
from app.recommend.query import Moment, Reader, Scored, Seen
from app.services.recommend import NoLog, Recommender
from app.settings import Settings
from tests.unit.recommend.shop import NOW_MS, PRODUCTS, a_model, likes

NOW = datetime.fromtimestamp(NOW_MS / 1000, UTC)


class OneReader:
    """The facts of one moment, at hand."""

    def __init__(self) -> None:
        run = RunStamp("r", "test")
        followed = Scored(("nails",), (1.0,))
        reader = Reader("s", granted=True, run=run, kind="personal", own=likes("tea", "milk"), followed=followed)
        self._moment = Moment(reader, Seen(("hammer",), (False,)), ("cup",), ("category:tea",))

    async def read(self, *_: Any, **__: Any) -> Moment:
        return self._moment

    def forget(self, tenant: str, identity_id: str) -> None: ...


class OneModel:
    """The model of one run."""

    async def of_run(self, tenant: str, run: str) -> RunModel:
        return a_model()


class SixItems:
    """What its products are."""

    async def read(
        self, tenant: str, catalogue: int, ids: Sequence[str], *, with_tags: bool = False
    ) -> Mapping[str, Offer | None]:
        return {id_: Offer(id_, id_) for id_ in PRODUCTS}

    async def topics(self, tenant: str, texts: Sequence[str]) -> frozenset[str]:
        return frozenset()

    async def newest(self, tenant: str, catalogue: int, most: int) -> Sequence[str]:
        return PRODUCTS

    async def named(self, tenant: str, catalogue: int, rule: Rule) -> Sequence[str]:
        return PRODUCTS

    async def currency(self, tenant: str, catalogue: int) -> str | None:
        return None

    async def attributes(self, tenant: str, ids: Sequence[str], names: Sequence[str]) -> dict[str, Any]:
        return {}


class Stores:
    """Stands in for the graph's."""

    readers = OneReader()
    models = OneModel()
    items = SixItems()


@pytest.mark.parametrize("explain", [False, True])
async def test_an_answer_leaves_no_cycles(explain: bool) -> None:
    recommender = Recommender(Stores(), Settings.load(ranking_cache_size=0), NoLog())
    request = RecommendationRequest("ann", explain=explain, context=Context(viewing=("cup",)), diversity=0.3)
    first = await recommender.answer("shop", request, NOW)
    assert len(first.items) >= 3
    gc.collect()
    gc.disable()
    try:
        for _ in range(20):
            await recommender.answer("shop", request, NOW)
        assert gc.collect() < 20  # fewer than one a request: what else runs here may leave some
    finally:
        gc.enable()


def test_numbers_of_the_model_are_small() -> None:
    """At most 12 bytes an item-item weight."""
    rows = a_model().similar

    assert rows.weights.itemsize + rows.targets.itemsize <= 12
    assert rows.targets.dtype == np.int32
