"""`plural audit`, as typed: shown, proved whole, searched."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.api.test_commands import Answer, environment, plural

Plural = Callable[..., Answer]
__all__ = ("environment", "plural")


@pytest.fixture
def load(plural: Plural, tenant: str, tmp_path: Path) -> None:
    """An identity in the tenant, so that there is something to tell of."""
    file = tmp_path / "identities.jsonl"
    file.write_text(json.dumps({"id": "tom-0815", "kind": "personal", "person_id": "tom"}) + "\n")
    assert plural("load", "identities", str(file), "--tenant", tenant, "--json").code == 0
    file.unlink()


@pytest.mark.usefixtures("load")
def test_the_log_is_shown_and_verified(plural: Plural, tenant: str) -> None:
    (entry,) = json.loads(plural("audit", "show", "--tenant", tenant, "--json").out)
    assert (entry["action"], entry["actor"], entry["sequence"]) == ("identities_put", "cli", 1)
    assert json.loads(plural("audit", "show", "--tenant", tenant, "--identity", "nobody", "--json").out) == []

    verdict = json.loads(plural("audit", "verify", "--tenant", tenant, "--json").out)
    assert (verdict["whole"], verdict["entries"]) == (True, 1)
    anchor = f"{verdict['head']['sequence']}:{verdict['head']['seal']}"
    assert plural("audit", "verify", "--tenant", tenant, "--anchor", anchor).code == 0
    told = plural("audit", "verify", "--tenant", tenant, "--anchor", f"2:{'0' * 64}")
    assert (told.code, "broken at entry 2: the end of the log was cut off" in told.out) == (1, True)
    assert "SEQUENCE:SEAL" in plural("audit", "verify", "--tenant", tenant, "--anchor", "x").err


@pytest.mark.usefixtures("load")
def test_a_value_is_found_in_the_store_and_in_files(plural: Plural, tenant: str, tmp_path: Path) -> None:
    nothing = plural("audit", "find", "tom-4711", "--tenant", tenant)
    assert (nothing.code, nothing.out) == (0, "It is nowhere in the store and in no log file.\n")

    (tmp_path / "some.log").write_text("tom-0815 was here")
    answer = plural("audit", "find", "tom-0815", "--tenant", tenant, "--json")
    found = {(trace["where"], trace["name"], trace["key"], trace["is_proof"]) for trace in json.loads(answer.out)}
    assert answer.code == 1
    assert found == {
        ("node", "Identity", "id", False),
        ("node", "AuditEntry", "subjects", True),
        ("file", "some.log", "", False),
    }
