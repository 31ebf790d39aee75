"""Promise 12: propensities are above 0, sum to 1, and the logged one is the used one."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.recommendation import RecommendationRequest
from app.graph.decisions import decision_rows
from app.graph.ranking import GraphStores
from app.recommend.explore import RESERVE, chances_at, propensities
from app.services.recommend import Recommender
from tests.graph.shop import Decisions
from tests.promises.examples import promised
from tests.promises.world import Act, World, histories, requests


@promised
@given(histories, requests, st.one_of(st.just(0.0), st.floats(0.001, 1)))
async def test_what_is_logged_is_what_was_drawn(
    world: World, history: list[Act], request: dict[str, Any], exploration: float
) -> None:
    id_ = world.name("reader")
    await world.grants(id_, purposes=["personalise_content"])
    await world.saw(*world.events(id_, history))
    log = Decisions()
    settings = world.settings.model_copy(update={"exploration": exploration})
    asked = RecommendationRequest(identity_id=id_, **request)
    certain = await world.told(id_, **{**request, "limit": asked.limit * RESERVE})

    answer = await Recommender(GraphStores(world.db, settings), settings, log).answer(world.tenant, asked)

    (logged,) = log.offered
    assert (logged.id, logged.items) == (answer.decision_id, answer.items)
    left = len(certain.items)
    assert len(answer.items) == min(asked.limit, left)
    for item in answer.items:
        likely = propensities(left, exploration)
        assert min(likely) > 0
        assert sum(likely) == pytest.approx(1)
        assert item.propensity in likely
        left -= 1
    [row] = decision_rows([logged])
    kept: Any = row["properties"]
    assert ("candidate_ids" in kept) == (exploration > 0)
    for place, item in enumerate(answer.items if exploration else ()):
        above = kept["product_ids"][:place]
        assert dict(chances_at(kept["candidate_ids"], kept["exploration"], above))[item.product_id] == item.propensity
    if exploration == 0:
        assert {item.propensity for item in answer.items} <= {1.0}
