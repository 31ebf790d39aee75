"""The pages of docs/ know every setting, command, route and saved query; the README knows every promise."""

import re
from importlib.resources import files
from pathlib import Path

import pytest
from typer.testing import CliRunner

from app.cli.main import app as commands
from app.main import create_app
from app.settings import Settings

README = Path("README.md").read_text(encoding="utf-8")
DOCS = Path("docs")
MOST_LINES = 200
LINK = re.compile(r"\]\((?!https?:)([^)#]*)(?:#([^)]+))?\)")


def page(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


def test_the_readme_is_short_enough_to_be_read() -> None:
    assert len(README.splitlines()) < MOST_LINES


def test_the_page_of_settings_is_the_one_that_the_command_prints() -> None:
    printed = CliRunner().invoke(commands, ["settings", "--markdown"])

    assert printed.exit_code == 0
    assert page("settings.md") == printed.output, "run: plural settings --markdown > docs/settings.md"


@pytest.mark.parametrize("setting", Settings.model_fields)
def test_every_setting_is_explained(setting: str) -> None:
    assert " ".join((Settings.model_fields[setting].description or "").split())


def test_every_command_is_in_the_page_for_operators() -> None:
    single = [command.name for command in commands.registered_commands]
    names = [*single, *(group.name for group in commands.registered_groups)]

    assert len(names) > 7
    assert [name for name in names if f"`plural {name}`" not in page("operations.md")] == []


def test_every_route_is_in_the_map_of_the_api() -> None:
    routes = create_app(Settings.load()).openapi()["paths"]

    assert len(routes) > 9
    assert [path for path in routes if path not in page("api.md")] == []


def test_every_saved_query_is_in_the_page_for_analysts() -> None:
    queries = [file.name for file in (files("cypher") / "browser").iterdir() if file.name.endswith(".cypher")]

    assert len(queries) == 11
    assert [name for name in queries if name not in page("browser.md")] == []


def test_every_promise_in_the_readme_is_a_test_and_the_other_way_round() -> None:
    promises = {path.name for path in Path("tests/promises").glob("test_promise_*.py")}
    named = set(re.findall(r"`(test_promise_\w+\.py)`", README))

    assert len(promises) > 12
    assert named == promises


@pytest.mark.parametrize("path", [Path("README.md"), *sorted(DOCS.glob("*.md"))], ids=str)
def test_every_link_leads_somewhere(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    for target, anchor in LINK.findall(text):
        aim = (path.parent / target) if target else path
        assert aim.exists(), f"{path}: {target}"
        if anchor:
            headings = re.findall(r"(?m)^#+ (.+)$", aim.read_text(encoding="utf-8"))
            slugs = [re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings]
            assert anchor in slugs, f"{path}: {target}#{anchor}"
