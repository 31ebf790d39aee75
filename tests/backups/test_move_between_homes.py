"""A shop moves from one home to another, each served: nothing of the first one's key goes along."""

import json
from pathlib import Path

import pytest

from tests.backups.test_backup_and_restore import ERASED, PEOPLE, an_empty_place, answers, fill, rows
from tests.embedded.test_supervision import make_key, run, served

pytestmark = pytest.mark.long


def test_a_shop_moves_to_another_home_while_both_are_served(tmp_path: Path) -> None:
    file, log = tmp_path / "shop.dump", tmp_path / "there" / "home" / "erased.log"
    with an_empty_place(tmp_path / "there", "embedded") as there, served(there.home) as service:
        key = make_key(service)
        fill(service, key)
        assert there.run("refresh", "--tenant", "shop").returncode == 0
        before = answers(service, key)
        dumped = there.run("dump", "shop", file, "--json")
        assert dumped.returncode == 0, dumped.stderr
        assert json.loads(dumped.stdout)["answers"] == 100
        assert answers(service, key) == before
        service.wait_for(200, "DELETE", f"/v1/identities/{ERASED}", None, key)

    with an_empty_place(tmp_path / "here", "embedded") as here, served(here.home) as service:
        key = make_key(service)
        words = ("load", "dump", file, "--tenant", "shop", "--json")
        refused = here.run(*words)
        assert (refused.returncode, "--nobody-erased" in refused.stderr) == (1, True)
        loaded = here.run(*words, "--erased", log)
        assert loaded.returncode == 0, loaded.stderr
        told = json.loads(loaded.stdout)
        assert (told["answers"], told["left_out"]) == (100, 1)

        after = answers(service, key)
        assert after[ERASED]["consent"]["outcome"] == "contextual_only"
        others = [one for one in PEOPLE if one != ERASED]
        assert [after[one]["items"] for one in others] == [before[one]["items"] for one in others]
        assert json.dumps([after[one] for one in others]) == json.dumps([before[one] for one in others])
        answer = service.wait_for(200, "POST", "/v1/events", {"events": rows(ERASED, 1)}, key)
        assert answer.json()["erased"] == 4
        assert service.wait_for(200, "POST", "/v1/events", {"events": rows("new", 1)}, key).json()["accepted"] == 4
        assert run(service.environment, "refresh", "--tenant", "shop").returncode == 0
