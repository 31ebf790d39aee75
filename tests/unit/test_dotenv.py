"""`.env` is read from PLURAL_HOME: the folder that one happens to stand in says nothing."""

from pathlib import Path

import pytest

from app.settings import Settings


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The operator's folder; the one he stands in is somebody else's."""
    home, elsewhere = tmp_path / "home", tmp_path / "elsewhere"
    home.mkdir()
    elsewhere.mkdir()
    for name in ("PLURAL_JAVA_HOME", "NEO4J_URI", "PLURAL_K_LOOK"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PLURAL_HOME", str(home))
    monkeypatch.chdir(elsewhere)
    (elsewhere / ".env").write_text("PLURAL_JAVA_HOME=/of/a/stranger\nNEO4J_URI=bolt://stranger:7687\n")
    return home


@pytest.mark.usefixtures("home")
def test_the_folder_one_stands_in_names_no_program_and_no_server() -> None:
    settings = Settings.load()

    assert (settings.java_home, settings.neo4j_uri) == (None, None)
    assert Settings.model_config.get("env_file") is None  # nor where it is built by hand


def test_the_one_in_home_is_read_below_the_environment(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (home / ".env").write_text("PLURAL_JAVA_HOME=/of/mine\nPLURAL_K_LOOK=60\nPLURAL_HOME=/of/a/stranger\n")
    assert (Settings.load().java_home, Settings.load().k_look) == (Path("/of/mine"), 60)
    assert Settings.load().home == home

    monkeypatch.setenv("PLURAL_K_LOOK", "70")
    assert Settings.load().k_look == 70
    assert Settings.load(k_look=80).k_look == 80


def test_a_home_that_is_given_brings_its_own(home: Path, tmp_path: Path) -> None:
    (home / ".env").write_text("PLURAL_K_LOOK=60\n")
    (tmp_path / ".env").write_text("PLURAL_K_LOOK=61\n")

    assert Settings.load(home=tmp_path).k_look == 61
