"""Both answers over HTTP: their shape, and that nobody learns from them what they may not know."""

import asyncio
from typing import Any

import pytest
import pytest_asyncio

from app.domain.keys import Scope
from app.graph.database import Database
from app.jobs.refresh import refresh
from app.settings import Settings
from tests.api.conftest import Shop

PATH = "/v1/recommendations:counterfactual"
PETS, GARDEN = ("dog-food", "dog-leash", "dog-bed"), ("spade", "seeds", "hose")


def bought(identity_id: str, number: int, *product_ids: str) -> dict[str, Any]:
    return {
        "event_id": f"{identity_id}-{number}",
        "type": "purchase",
        "identity_id": identity_id,
        "at": "2026-11-01T10:00:00Z",
        "lines": [{"product_id": product_id} for product_id in product_ids],
    }


@pytest_asyncio.fixture(scope="session")
async def crowd(client: Any, db: Database, settings: Settings) -> Shop:
    """Pet people and garden people; Tom bought of both and consented, Ann bought and did not."""
    shop = Shop("crowd-of-counterfactuals", client, db)
    crowd = {f"{taste[0]}-{n}": taste for taste in (PETS, GARDEN) for n in range(6)}
    events = [bought(id_, 1, *ids) for id_, ids in crowd.items()]
    events += [bought("tom", 1, "dog-food"), bought("tom", 2, "spade"), bought("ann", 1, "dog-food")]
    await shop.call("PUT", "/v1/products", {"products": [{"id": id_, "title": id_} for id_ in (*PETS, *GARDEN)]})
    await shop.call("POST", "/v1/events", {"events": events})
    grants = [shop.call("PUT", f"/v1/identities/{i}/consents/model_training", {"status": "granted"}) for i in crowd]
    await asyncio.gather(*grants)
    await shop.call("PUT", "/v1/identities/tom/consents/personalise_content", {"status": "granted"})
    await refresh(db, settings, shop.tenant)
    return shop


async def test_both_answers_and_what_moved_are_told(crowd: Shop) -> None:
    asked = {"identity_id": "tom", "sources": ["similar"], "explain": True}
    told = (await crowd.call("POST", PATH, {**asked, "without": {"interaction_ids": ["tom-2"]}})).json()
    main = (await crowd.call("POST", "/v1/recommendations", asked)).json()

    assert told.keys() == {"consent", "before", "after", "moved", "run"}
    assert (told["before"], told["consent"], told["run"]) == (main["items"], main["consent"], main["run"])
    assert {item["product_id"] for item in told["before"]} == {"dog-leash", "dog-bed", "seeds", "hose"}
    assert {item["product_id"] for item in told["after"]} == {"dog-leash", "dog-bed"}
    assert {reason["id"] for item in told["after"] for reason in item["reasons"]} == {"dog-food"}
    old, new = ({item["product_id"]: item["rank"] for item in told[side]} for side in ("before", "after"))
    assert {one["product_id"]: (one["from_rank"], one["to_rank"]) for one in told["moved"]} == {
        id_: (old.get(id_), new.get(id_)) for id_ in old | new if old.get(id_) != new.get(id_)
    }
    assert {one["product_id"] for one in told["moved"]} >= {"seeds", "hose"}


async def test_it_is_no_oracle(crowd: Shop, other_shop: Shop) -> None:
    """Unknown, another tenant's, refused and anonymous: the same, whatever is left out."""
    await other_shop.call("PUT", "/v1/identities", {"identities": [{"id": "theirs", "kind": "personal"}]})
    without = {
        "interaction_ids": ["ann-1", "tom-1"],
        "product_ids": ["dog-food"],
        "community": "c1",
        "deals_full": True,
    }
    answers = [
        (await crowd.call("POST", PATH, {**subject, "without": without})).json()
        for subject in ({"identity_id": "nobody"}, {"identity_id": "theirs"}, {"identity_id": "ann"}, {})
    ]

    assert all(answer == answers[0] for answer in answers)
    assert answers[0]["moved"] == []
    assert answers[0]["before"] == answers[0]["after"] != []


async def test_it_leaves_no_decision(crowd: Shop) -> None:
    for _ in range(3):
        await crowd.call("POST", PATH, {"identity_id": "tom", "placement": "what-if", "without": {}})
    await crowd.call("POST", "/v1/recommendations", {"identity_id": "tom", "placement": "last"})
    while not await crowd.count("(:Decision {tenant: $tenant, placement: 'last'})"):
        await asyncio.sleep(0.05)

    assert await crowd.count("(:Decision {tenant: $tenant, placement: 'what-if'})") == 0


@pytest.mark.parametrize(
    "without",
    [None, {"product_ids": "tea"}, {"communities": ["c1"]}, {"interaction_ids": ["x"] * 1001}, {"community": ""}],
)
async def test_what_cannot_be_left_out_is_refused(crowd: Shop, without: Any) -> None:
    assert (await crowd.call("POST", PATH, {"identity_id": "tom", "without": without})).status_code == 422


@pytest.mark.parametrize(("scope", "status"), [("recommend", 200), ("ingest", 403)])
async def test_it_takes_the_key_of_the_main_call(crowd: Shop, scope: Scope, status: int) -> None:
    key = {"X-API-Key": await crowd.token(scope)}
    answer = await crowd.client.post(PATH, json={"identity_id": "tom", "without": {}}, headers=key)

    assert answer.status_code == status
