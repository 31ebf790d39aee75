"""The key of identifiers is made once, kept from others' eyes, and used everywhere."""

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from pydantic import SecretStr

from app.domain.errors import SetupError
from app.domain.hashing import Hasher
from app.services.hashing import add_hash_key, load_hash_keys
from app.settings import Settings


def test_a_key_is_made_once_and_only_its_owner_may_read_it(tmp_path: Path) -> None:
    settings = Settings.load(home=tmp_path / "new")
    key = load_hash_keys(settings)

    assert load_hash_keys(settings) == key
    assert [len(one) for one in key.values()] == [64]
    assert stat.S_IMODE((tmp_path / "new" / "hash.key").stat().st_mode) == 0o600
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["hash.key"]


def test_two_that_start_at_once_have_one_key(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as threads:
        keys = list(threads.map(load_hash_keys, [Settings.load(home=tmp_path)] * 16))

    assert len({one[1] for one in keys}) == 1


def test_a_given_key_is_used_and_none_is_made(tmp_path: Path) -> None:
    given = Settings.load(home=tmp_path, hash_key=SecretStr("k" * 32))

    assert load_hash_keys(given) == {1: b"k" * 32}
    assert not list(tmp_path.iterdir())


def test_several_keys_may_be_given_with_their_versions(tmp_path: Path) -> None:
    given = Settings.load(home=tmp_path, hash_key=SecretStr(f"2:{'n' * 32}, 1:{'o' * 32}"))

    assert load_hash_keys(given) == {2: b"n" * 32, 1: b"o" * 32}
    with pytest.raises(SetupError, match="in front there"):
        add_hash_key(given)


@pytest.mark.parametrize("keys", [f"2:{'n' * 32},{'o' * 32}", f"1:{'n' * 32},1:{'o' * 32}"])
def test_keys_that_can_be_read_in_two_ways_are_refused(tmp_path: Path, keys: str) -> None:
    with pytest.raises(SetupError, match="neither one key nor"):
        load_hash_keys(Settings.load(home=tmp_path, hash_key=SecretStr(keys)))


def test_a_new_key_is_known_at_once_to_who_runs_already(tmp_path: Path) -> None:
    settings = Settings.load(home=tmp_path)
    hasher = Hasher("demo", load_hash_keys(settings))
    before = hasher("email", "tom@example.org")

    assert add_hash_key(settings) == 2

    assert hasher.version == 2
    assert hasher.every("email", "tom@example.org") == (hasher("email", "tom@example.org"), before)
    assert hasher("email", "tom@example.org") != before
    assert load_hash_keys(settings) == hasher.keys
    assert stat.S_IMODE((tmp_path / "hash.key").stat().st_mode) == 0o600


def test_keys_that_are_added_at_once_all_stay(tmp_path: Path) -> None:
    with ThreadPoolExecutor(4) as threads:
        versions = list(threads.map(add_hash_key, [Settings.load(home=tmp_path)] * 8))

    assert sorted(versions) == list(range(2, 10))
    assert sorted(load_hash_keys(Settings.load(home=tmp_path))) == list(range(1, 10))


def test_a_key_that_is_too_short_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="shorter than 32"):
        load_hash_keys(Settings.load(home=tmp_path, hash_key=SecretStr("short")))


def test_a_folder_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(SetupError, match="PLURAL_HASH_KEY"):
        load_hash_keys(Settings.load(home=tmp_path / "file"))


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
