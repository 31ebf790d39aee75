"""Retention over HTTP and in the terminal: rules, ladders, and what is not told of fewer than k."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from app.cli.main import app
from app.domain.retention import RetentionRules
from tests.api.conftest import Shop
from tests.graph.conftest import command_line
from tests.graph.taste import Taste
from tests.graph.test_retention_job import publish, staying, store

__all__ = ("command_line", "staying")

DEFAULTS = {"unit": "purchases", "window_days": 30, "horizon_days": 60}
UNKNOWN = {"value": None, "low": None, "high": None, "n": None, "note": "not enough data"}


async def get(shop: Shop, path: str) -> Any:
    answer = await shop.call("GET", path)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def typed(*words: str) -> str:
    result = await asyncio.to_thread(CliRunner().invoke, app, list(words))
    assert result.exit_code == 0, result.output
    return result.stdout


async def test_nothing_has_to_be_set_and_nothing_is_published_before_a_refresh(shop: Shop) -> None:
    assert await get(shop, "/v1/retention") == {"rules": DEFAULTS, "published": None}


async def test_rules_are_put_and_read_back_and_what_is_left_out_is_by_default(shop: Shop) -> None:
    answer = await shop.call("PUT", "/v1/retention", {"unit": "categories", "horizon_days": 90})

    assert answer.status_code == 200, answer.text
    assert answer.json() == {"unit": "categories", "window_days": 30, "horizon_days": 90}
    assert (await get(shop, "/v1/retention"))["rules"] == answer.json()
    assert (await shop.call("PUT", "/v1/retention", {})).json() == DEFAULTS


@pytest.mark.parametrize(
    "body",
    [
        {"unit": "minutes"},
        {"window_days": 6},
        {"window_days": 367},
        {"horizon_days": 0},
        {"horizon_days": 30.5},
        {"horizon": 30},
        [],
    ],
)
async def test_rules_that_mean_nothing_are_refused_and_change_nothing(shop: Shop, body: Any) -> None:
    answer = await shop.call("PUT", "/v1/retention", body)

    assert answer.status_code == 422
    assert (await get(shop, "/v1/retention"))["rules"] == DEFAULTS


async def test_the_ladder_is_told_of_the_shop_and_of_a_community(shop: Shop, staying: Taste) -> None:
    await publish(staying)
    whole = (await get(shop, "/v1/retention"))["published"]
    part = (await get(shop, "/v1/communities/c1/retention"))["published"]

    for told in (whole, part):
        assert told["rules"] == DEFAULTS
        ladder = told["ladder"]
        assert ladder["status"] == "threshold"
        assert ladder["threshold"]["low"] <= 4 <= ladder["threshold"]["high"]
        assert ladder["measure"] == "association"
        assert "not a cause" in ladder["reason"]
        assert [one["chance"]["value"] for one in ladder["rungs"]] == sorted(
            (one["chance"]["value"] for one in ladder["rungs"]), reverse=True
        )
        assert ladder["rungs"][-1]["to_value"] is None


async def test_of_a_small_community_nothing_is_told_and_of_no_community_404(shop: Shop, staying: Taste) -> None:
    await publish(staying)
    small = (await get(shop, "/v1/communities/c2/retention"))["published"]["ladder"]

    assert (small["status"], small["rungs"]) == ("not_enough_data", [])
    assert small["gone_share"] == small["threshold"] == UNKNOWN
    assert (await shop.call("GET", "/v1/communities/c9/retention")).status_code == 404


async def test_other_rules_leave_what_is_published_as_it_was(shop: Shop, staying: Taste) -> None:
    await publish(staying)
    before = (await get(shop, "/v1/retention"))["published"]
    await shop.call("PUT", "/v1/retention", {"horizon_days": 30})

    after = await get(shop, "/v1/retention")
    assert after["published"] == before
    assert after["rules"]["horizon_days"] == 30


async def test_only_an_admin_says_what_gone_means(shop: Shop) -> None:
    key = {"X-API-Key": await shop.token("insight")}

    assert (await shop.call("GET", "/v1/retention", headers=key)).status_code == 200
    assert (await shop.call("PUT", "/v1/retention", {}, headers=key)).status_code == 403


async def test_the_terminal_says_what_goes_with_staying(command_line: Path, staying: Taste) -> None:
    tenant = staying.shop.tenant
    assert "Nothing was published yet" in await typed("retention", "--tenant", tenant)
    await staying.draws()
    await publish(staying)
    told = await typed("retention", "--tenant", tenant)

    for words in (
        "not a cause",
        "purchases in 30 days",
        "Bought nothing in the 60 days after",
        "or more",
        "Label of c1",
    ):
        assert words in told, words
    assert "Other rules" not in told
    assert "c2" not in told
    as_json = json.loads((await typed("retention", "--tenant", tenant, "--json")).splitlines()[-1])
    assert as_json["published"]["ladder"]["status"] == "threshold"
    assert [one["id"] for one in as_json["communities"]] == ["c1"]
    await store(staying).write_rules(tenant, RetentionRules("visits"), "test")
    assert "Other rules" in await typed("retention", "--tenant", tenant)


async def test_a_community_says_in_one_line_how_much_engagement_goes_with_staying(
    command_line: Path, staying: Taste
) -> None:
    tenant = staying.shop.tenant
    await staying.draws()
    assert "goes with staying" not in await typed("community", "c1", "--tenant", tenant)
    await publish(staying)
    line = next(
        one for one in (await typed("community", "c1", "--tenant", tenant)).splitlines() if "goes with staying" in one
    )

    assert "Up to about 4" in line or "Up to about 3." in line
    as_json = json.loads((await typed("community", "c1", "--tenant", tenant, "--json")).splitlines()[-1])
    assert as_json["retention"]["ladder"]["status"] == "threshold"
