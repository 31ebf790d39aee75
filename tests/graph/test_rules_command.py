"""`plural rules` as it is typed: what other rules would do is told before they hold."""

import json
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from typer.testing import CliRunner, Result

from app.cli.main import app


class Shop:
    """One tenant and the command."""

    def __init__(self, home: Path) -> None:
        self.tenant = f"shop-{uuid4().hex[:12]}"
        self.home = home

    def plural(self, *words: str) -> Result:
        result = CliRunner().invoke(app, [*words, "--tenant", self.tenant])
        assert result.exit_code == 0, result.output
        return result

    def file(self, name: str, text: str) -> str:
        (self.home / name).write_text(text)
        return str(self.home / name)

    def simulates(self, **rules: Any) -> dict[str, Any]:
        path = self.file("rules.json", json.dumps(rules))
        return json.loads(self.plural("rules", "simulate", path, "--json").stdout.splitlines()[-1])


@pytest.fixture
def shop(command_line: Path) -> Shop:
    return Shop(command_line)


def test_other_rules_are_tried_out_on_todays_links(shop: Shop) -> None:
    names = ("tom", "tim", "tam")
    identities = [f"{name},personal,device:d1|email:{name}@example.org|email:family@example.org" for name in names]
    shop.plural("load", "identities", shop.file("i.csv", "\n".join(["id,kind,identifiers", *identities, ""])))
    consents = [f"{name},link_identities,granted,2026-01-01T00:00:00Z" for name in names]
    shop.plural("load", "consents", shop.file("c.csv", "\n".join(["identity_id,purpose,status,at", *consents, ""])))

    same = shop.simulates()
    assert same.pop("identities") == 3
    assert not any(same.values())
    everybody = {"person_id": None, "identities": ["tam", "tim", "tom"]}
    narrower = shop.simulates(caps={"strong": 2})
    assert narrower["parted"] == [everybody]
    assert narrower["quarantined"] == {"email": 1}
    assert shop.simulates(blocked_values=["Family@example.org"])["quarantined"] == {"email": 1}
    assert shop.simulates(min_confidence=1.0)["parted"] == []
    clash = shop.simulates(classes={"email": "unique"})
    assert {one["reason"] for one in clash["new_conflicts"]} == {"two_unique_values"}
    assert "example.org" not in json.dumps(clash)

    shop.plural("rules", "set", shop.file("rules.json", json.dumps({"caps": {"strong": 2}})))
    assert json.loads(shop.plural("rules", "show").stdout)["caps"]["strong"] == 2
    wider = shop.simulates(caps={"strong": 3})
    assert wider["joined"] == [everybody]
    assert wider["released"] == {"email": 1}


def test_rules_that_cannot_be_used_are_told_in_one_sentence(shop: Shop) -> None:
    for text in ("{", '{"caps": {"unique": 0}}', '{"colour": 1}'):
        result = CliRunner().invoke(app, ["rules", "set", shop.file("bad.json", text), "--tenant", shop.tenant])
        assert result.exit_code == 1
        assert "The rules cannot be used" in str(result.exception)
