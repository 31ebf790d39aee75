"""`plural communities` and `plural community` as typed."""

import asyncio
import json
import re
from pathlib import Path

import pytest
from rich.console import Console
from typer.testing import CliRunner

from app.cli import communities as command
from app.cli.main import app
from app.taste.noise import REACH
from tests.graph.conftest import command_line
from tests.graph.taste import Taste, people
from tests.graph.test_portraits import BOTH, CATS, DOGS, taste

__all__ = ("command_line", "taste")


@pytest.fixture(autouse=True)
def wide(monkeypatch: pytest.MonkeyPatch) -> None:
    """A terminal in which nothing is cut."""
    monkeypatch.setattr(command, "Console", lambda: Console(width=140))


async def typed(*words: str) -> str:
    result = await asyncio.to_thread(CliRunner().invoke, app, list(words))
    assert result.exit_code == 0, result.output
    return result.stdout


async def test_communities_are_listed_for_a_person_to_read(command_line: Path, taste: Taste) -> None:
    await taste.finds("c3")
    await taste.matches("c1", "g1", 2.0, 80)
    await taste.draws()
    told = await typed("communities", "--tenant", taste.shop.tenant)

    assert "Label of c1" in told
    assert re.search(r"~(7|8|9)\d", told)
    assert "Label of g1 2x (1.6x to 2.4x)" in told
    assert "1 more have too few members" in told
    assert "c3" not in told
    as_json = json.loads((await typed("communities", "--tenant", taste.shop.tenant, "--json")).splitlines()[-1])
    assert [one["id"] for one in as_json] == ["c1", "c2", "c3"]


async def test_a_community_is_portrayed_without_naming_anybody(command_line: Path, taste: Taste) -> None:
    await taste.matches("c1", "g1", 2.0, 80)
    await taste.draws()
    told = await typed("community", "c1", "--tenant", taste.shop.tenant)

    for words in ("spend a member EUR", "association, not influence", "Label of g1", "not enough data", "~"):
        assert words in told, words
    assert not [id_ for id_ in (*CATS, *DOGS, *BOTH) if id_ in told]
    as_json = json.loads((await typed("community", "c1", "--tenant", taste.shop.tenant, "--json")).splitlines()[-1])
    assert as_json["community"]["size"] == pytest.approx(80, abs=REACH)


async def test_members_are_named_where_they_are_asked_for(command_line: Path, taste: Taste) -> None:
    await taste.hears([*CATS, *BOTH])
    await taste.draws()
    words = ("community", "c1", "--tenant", taste.shop.tenant)
    told = await typed(*words, "--members")

    assert all(told.count(id_) == 2 for id_ in BOTH)
    assert "cat-000" not in told
    as_json = json.loads((await typed(*words, "--members", "--json")).splitlines()[-1])
    assert [(one["by"], len(one["identity_ids"])) for one in as_json["members"]] == [("activity", 20), ("value", 20)]
    log = json.loads((await typed("audit", "show", "--tenant", taste.shop.tenant, "--json")).splitlines()[-1])
    assert [(one["actor"], one["action"]) for one in log] == [("cli", "list_members")] * 4


async def test_of_a_small_community_nothing_is_portrayed(command_line: Path, taste: Taste) -> None:
    await taste.finds("c3", size=49)
    await taste.learns_from({id_: {"c3": 0.9} for id_ in people("few", 49)})
    await taste.draws()

    assert "too few members to be told of" in await typed("community", "c3", "--tenant", taste.shop.tenant)
