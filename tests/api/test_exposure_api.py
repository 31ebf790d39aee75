"""How exposed a shop is, over HTTP and in the terminal."""

import json
from pathlib import Path

from tests.api.conftest import Shop
from tests.api.test_journeys_api import typed
from tests.graph.conftest import command_line
from tests.graph.taste import Taste
from tests.graph.test_exposure_job import exposed, publish

__all__ = ("command_line", "exposed")


async def test_a_shop_without_figures_has_none_and_insight_may_look(shop: Shop) -> None:
    key = {"X-API-Key": await shop.token("insight")}
    answer = await shop.call("GET", "/v1/accounts:exposure", headers=key)

    assert (answer.status_code, answer.json()) == (200, {"published": None})


async def test_the_terminal_shows_the_same_as_a_table_and_as_json(command_line: Path, exposed: Taste) -> None:
    tenant = exposed.shop.tenant
    assert "Nothing was published yet" in await typed("exposure", "--tenant", tenant)
    found = await publish(exposed)

    told = await typed("exposure", "--tenant", tenant)
    assert f"about {found.logins.people}" in told
    assert " to " in told
    as_json = json.loads((await typed("exposure", "--tenant", tenant, "--json")).splitlines()[-1])
    assert as_json["published"]["logins"]["shared"]["value"] == found.logins.shared.value
