"""How far influence is found in a community."""

from typing import Any

import numpy as np
import pytest

from app.domain.influence_figures import FIGURES
from app.domain.progress import Silent
from app.jobs.influence import write_influence
from app.jobs.leads import Led
from app.jobs.people import read_people
from app.jobs.run import Run
from app.jobs.week import noise_of
from app.settings import Settings
from app.taste.leads import Leads
from app.taste.uptake import Uptake
from tests.api.conftest import Shop
from tests.conftest import HASH_KEY
from tests.graph.shop import NOW
from tests.graph.taste import ONE_PERIOD, Taste, people

IDS = tuple(sorted(people("m", 200)))


@pytest.fixture
async def led(shop: Shop) -> None:
    """Half of the members are led by the other half; the second community is of ten."""
    taste = await Taste.begins(shop.db, shop.tenant)
    await taste.finds("c1", "c2")
    await taste.learns_from({id_: {"c1": 0.6, **({"c2": 0.3} if id_ in IDS[:10] else {})} for id_ in IDS})
    who = np.repeat(np.arange(200, dtype=np.int64), 2)
    uptake = Uptake(200, 2, who, np.tile(np.arange(2, dtype=np.int64), 200), who % 90)
    followers = np.arange(100, dtype=np.int64)
    excess, low, high, lag = (np.full(100, value) for value in (0.5, 0.4, 0.6, 5.0))
    leads = Leads(followers + 100, followers, excess, low, high, lag, np.full(100, 2, dtype=np.int64))
    run = Run(shop.db, Settings.load(hash_key=HASH_KEY, figures_days=ONE_PERIOD), shop.tenant, taste.run, NOW, Silent())
    counting = await read_people(run)
    await write_influence(run, noise_of(run, counting.ids), counting, Led(IDS, uptake, followers, leads))


async def get(shop: Shop, path: str) -> Any:
    answer = await shop.call("GET", path, headers={"X-API-Key": await shop.token("insight")})
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.mark.usefixtures("led")
async def test_sums_of_a_community_are_told_and_of_a_small_one_that_there_is_not_enough_data(
    shop: Shop,
) -> None:
    told = (await get(shop, "/v1/communities/c1/influence"))["published"]
    assert (told["status"], told["measure"], told["window_days"]) == ("excess", "association", 30)
    assert set(told["figures"]) == set(FIGURES)
    assert told["figures"]["excess_share"]["low"] <= 0.5 <= told["figures"]["excess_share"]["high"]
    assert told["figures"]["inside_share"]["value"] > 0.8

    small = (await get(shop, "/v1/communities/c2/influence"))["published"]
    assert small["status"] == "not_enough_data"
    assert all(figure["value"] is None for figure in small["figures"].values())
    assert not any(id_ in str((told, small)) for id_ in IDS)
    assert (await shop.call("GET", "/v1/communities/c9/influence")).status_code == 404


async def test_nothing_is_told_before_it_was_published(shop: Shop) -> None:
    await (await Taste.begins(shop.db, shop.tenant)).finds("c1")
    assert await get(shop, "/v1/communities/c1/influence") == {"community_id": "c1", "published": None}
