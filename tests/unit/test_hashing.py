"""The keys of identifiers are read from where they are kept, and hash alike everywhere."""

import stat
from pathlib import Path

import pytest
from pydantic import SecretStr

from app.domain.errors import SetupError
from app.domain.hashing import Hasher
from app.services.hashing import KeyDraft, find_hash_keys, load_hash_keys
from app.settings import Settings


@pytest.fixture(autouse=True)
def no_given_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PLURAL_HASH_KEY")


def keep(home: Path, keys: str) -> Path:
    (home / "hash.key").write_text(keys)
    return home / "hash.key"


def test_looking_for_a_key_makes_none(tmp_path: Path) -> None:
    settings = Settings.load(home=tmp_path)

    assert find_hash_keys(settings) is None
    with pytest.raises(SetupError, match=r"hash\.key"):
        Hasher("demo", load_hash_keys(settings))("email", "tom@example.org")
    assert not list(tmp_path.iterdir())


def test_a_given_key_is_used_and_none_is_made(tmp_path: Path) -> None:
    given = Settings.load(home=tmp_path, hash_key=SecretStr("k" * 32))

    assert load_hash_keys(given) == {1: b"k" * 32}
    assert not list(tmp_path.iterdir())


def test_several_keys_may_be_given_with_their_versions(tmp_path: Path) -> None:
    given = Settings.load(home=tmp_path, hash_key=SecretStr(f"2:{'n' * 32}, 1:{'o' * 32}"))

    assert load_hash_keys(given) == {2: b"n" * 32, 1: b"o" * 32}


@pytest.mark.parametrize("keys", [f"2:{'n' * 32},{'o' * 32}", f"1:{'n' * 32},1:{'o' * 32}"])
def test_keys_that_can_be_read_in_two_ways_are_refused(tmp_path: Path, keys: str) -> None:
    with pytest.raises(SetupError, match="neither one key nor"):
        load_hash_keys(Settings.load(home=tmp_path, hash_key=SecretStr(keys)))


def test_a_new_key_is_known_at_once_to_who_runs_already(tmp_path: Path) -> None:
    keep(tmp_path, "o" * 32)
    settings = Settings.load(home=tmp_path)
    hasher = Hasher("demo", load_hash_keys(settings))
    before = hasher("email", "tom@example.org")

    KeyDraft.write(settings, {1: b"o" * 32}, 2).use()

    assert hasher.version == 2
    assert hasher.every("email", "tom@example.org") == (hasher("email", "tom@example.org"), before)
    assert hasher("email", "tom@example.org") != before
    assert stat.S_IMODE((tmp_path / "hash.key").stat().st_mode) == 0o600


@pytest.mark.parametrize("later", [None, "x" * 32, "", f"2:{'n' * 32}"])
def test_a_key_that_is_in_use_is_not_replaced_under_way(tmp_path: Path, later: str | None) -> None:
    file = keep(tmp_path, "o" * 32)
    hasher = Hasher("demo", load_hash_keys(Settings.load(home=tmp_path)))
    before = hasher("email", "tom@example.org")

    file.unlink()
    if later is not None:
        keep(tmp_path, later)

    assert before in hasher.every("email", "tom@example.org")


def test_a_key_that_is_too_short_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="shorter than 32"):
        load_hash_keys(Settings.load(home=tmp_path, hash_key=SecretStr("short")))


@pytest.mark.parametrize(
    ("type_", "one", "other", "same"),
    [
        ("email", " Tom@Example.org", "tom@example.org ", True),
        ("phone", "+49 (170) 123-456", "+49170123456", True),
        ("phone", "+49170", "49170", False),
        ("cookie", "aB3", "ab3", False),
        ("card", "12\u00a034", "12 34", True),
    ],
)
def test_spellings_of_one_identifier_are_one(type_: str, one: str, other: str, same: bool) -> None:
    digest = Hasher("demo", {1: b"k" * 32})

    assert (digest(type_, one) == digest(type_, other)) is same


def test_tenant_type_and_key_tell_hashes_apart() -> None:
    hashes = {
        Hasher(tenant, {1: key})(type_, "1")
        for key in (b"k" * 32, b"l" * 32)
        for tenant in ("a", "b")
        for type_ in ("cookie", "device")
    }

    assert len(hashes) == 8
    assert {len(digest) for digest in hashes} == {64}
