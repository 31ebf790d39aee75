import stat
from pathlib import Path

import pytest

from app.embedded.errors import FolderError
from app.embedded.password import hash_password, password_file, prepare_password, read_password


def test_the_hash_is_what_neo4j_admin_writes():
    salt = bytes.fromhex("633eaffa4eb065dc9a8a99f0a412befc62c47bbebf39d3f99be8f348098d46a7")
    written = (  # by `neo4j-admin dbms set-initial-password secret-password` of 2026.01.4
        "SHA-256,619066e04e6700073067443bc16ac9c9ff4ba046b00fef18891d2aada5086e63,"
        "633eaffa4eb065dc9a8a99f0a412befc62c47bbebf39d3f99be8f348098d46a7,1024"
    )

    assert hash_password("secret-password", salt) == written


def test_it_is_made_once_and_readable_by_its_owner_only(tmp_path: Path):
    prepare_password(tmp_path)
    first = read_password(tmp_path)
    prepare_password(tmp_path)

    assert read_password(tmp_path) == first
    assert [stat.S_IMODE(path.stat().st_mode) for path in tmp_path.rglob("*") if path.is_file()] == [0o600, 0o600]


def test_every_home_has_another(tmp_path: Path):
    homes = [tmp_path / "one", tmp_path / "two"]
    for home in homes:
        home.mkdir()
        prepare_password(home)

    assert read_password(homes[0]) != read_password(homes[1])


def test_a_start_that_broke_off_in_between_is_completed_by_the_next(tmp_path: Path):
    prepare_password(tmp_path)
    handed_over = tmp_path / "data" / "dbms" / "auth.ini"
    handed_over.unlink()

    prepare_password(tmp_path)

    _, hashed, salt, _ = handed_over.read_text().strip().split(",")
    assert hash_password(read_password(tmp_path), bytes.fromhex(salt)).split(",")[1] == hashed


def test_a_lost_password_is_told_in_one_sentence(tmp_path: Path):
    prepare_password(tmp_path)
    (tmp_path / "data" / "databases").mkdir()
    password_file(tmp_path).unlink()

    with pytest.raises(FolderError, match=r"^The password of the database in .* is lost: put .*password back, or"):
        prepare_password(tmp_path)
