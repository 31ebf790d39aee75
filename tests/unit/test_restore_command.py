"""What `plural backup` and `plural restore` decide before a database is opened."""

from dataclasses import replace
from pathlib import Path

import pytest

from app.cli import restore
from app.cli.backup import backup, settings_of_answers
from app.domain.errors import InvalidError, MissingKeyError
from app.domain.hashing import fingerprint
from app.settings import Settings
from tests.unit.test_backup import MANIFEST

KEY = b"k" * 32
OF_A_BACKUP = replace(MANIFEST, keys={1: fingerprint(KEY)})


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.delenv("PLURAL_HASH_KEY")
    (tmp_path / "keys").write_bytes(b"1:" + KEY)
    (tmp_path / "home").mkdir()
    return Settings.load(home=tmp_path / "home")


def bring(settings: Settings, tmp_path: Path):
    return restore._bring_keys(settings, OF_A_BACKUP, tmp_path / "keys")  # pyright: ignore[reportPrivateUsage]


def test_keys_that_were_brought_stay_only_if_the_restore_comes_to_its_end(settings: Settings, tmp_path: Path) -> None:
    kept = settings.home / "hash.key"
    seen: list[bytes] = []

    def refuse() -> None:
        with bring(settings, tmp_path):
            seen.append(kept.read_bytes())
            raise InvalidError("there is data")

    with pytest.raises(InvalidError, match="there is data"):
        refuse()
    assert seen == [b"1:" + KEY]
    assert not kept.exists()

    with bring(settings, tmp_path):
        pass
    assert kept.stat().st_mode & 0o777 == 0o600


def test_keys_that_were_there_are_never_touched(settings: Settings, tmp_path: Path) -> None:
    kept = settings.home / "hash.key"
    kept.write_bytes(b"x" * 32)
    with pytest.raises(MissingKeyError), bring(settings, tmp_path):
        pass
    assert kept.read_bytes() == b"x" * 32


def test_a_backup_of_a_schema_that_is_not_known_says_what_to_update_to() -> None:
    restore._check_schema(MANIFEST)  # pyright: ignore[reportPrivateUsage]
    with pytest.raises(InvalidError, match=r"update Plural to 9\.0"):
        restore._check_schema(replace(MANIFEST, schema="V999", plural="9.0"))  # pyright: ignore[reportPrivateUsage]


def test_settings_that_make_other_answers_are_named() -> None:
    now = settings_of_answers(Settings.load())

    assert restore.other_settings(now, now) == ""
    said = restore.other_settings({**now, "history_size": 7}, now)
    assert "PLURAL_HISTORY_SIZE was 7;" in said
    assert "POOL_SIZE" not in said
    assert not {"home", "hash_key", "neo4j_password"} & now.keys()


@pytest.mark.parametrize(
    ("file", "keys", "said"),
    [
        ("there", None, "exists already"),
        ("new", "there", "exists already"),
        ("new", "new", "cannot be kept apart in the backup itself"),
        ("nowhere/new", None, "There is no folder"),
        ("new", "nowhere/new", "There is no folder"),
    ],
)
def test_a_place_where_no_backup_can_be_is_told_before_anything_is_done(
    tmp_path: Path, file: str, keys: str | None, said: str
) -> None:
    (tmp_path / "there").touch()
    with pytest.raises(InvalidError, match=said):
        backup(tmp_path / file, tmp_path / keys if keys else None)
