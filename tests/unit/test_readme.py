"""The README knows every setting, command, route and saved query."""

import re
from importlib.resources import files
from pathlib import Path

import pytest

from app.cli.main import app as commands
from app.main import create_app
from app.settings import Settings

README = Path("README.md").read_text(encoding="utf-8")


def names_of(setting: str) -> list[str]:
    """Names under which the environment may give a setting."""
    alias = Settings.model_fields[setting].validation_alias
    choices = getattr(alias, "choices", None)
    return [name for name in choices if name.isupper()] if choices else [f"PLURAL_{setting.upper()}"]


@pytest.mark.parametrize("setting", Settings.model_fields)
def test_every_setting_is_in_the_readme_and_explained(setting: str) -> None:
    described = " ".join((Settings.model_fields[setting].description or "").split())

    assert described
    assert any(f"| `{name}` |" in README for name in names_of(setting))
    assert described in README


def test_every_command_is_in_the_readme() -> None:
    single = [command.name for command in commands.registered_commands]
    names = [*single, *(group.name for group in commands.registered_groups)]

    assert len(names) > 7
    assert [name for name in names if f"`plural {name}`" not in README] == []


def test_every_route_is_in_the_readme() -> None:
    routes = create_app(Settings.load()).openapi()["paths"]

    assert len(routes) > 9
    assert [path for path in routes if path not in README] == []


def test_every_saved_query_is_in_the_readme() -> None:
    queries = [file.name for file in (files("cypher") / "browser").iterdir() if file.name.endswith(".cypher")]

    assert len(queries) == 10
    assert [name for name in queries if name not in README] == []


def test_every_promise_in_the_readme_is_a_test_and_the_other_way_round() -> None:
    promises = {path.name for path in Path("tests/promises").glob("test_promise_*.py")}
    named = set(re.findall(r"`(test_promise_\w+\.py)`", README))

    assert len(promises) > 12
    assert named == promises
