"""A graph is opened with the keys it was made with or not at all; no key is made for one that knows a key."""

import asyncio
import stat
from collections.abc import Mapping
from pathlib import Path

import pytest
from pydantic import SecretStr

from app.domain.errors import SetupError
from app.domain.hashing import fingerprint
from app.services.hash_keys import add_hash_key, check_hash_keys, confirm_hash_keys
from app.services.hashing import KeyDraft, find_hash_keys
from app.settings import Settings

OLD, NEW = "o" * 32, "n" * 32


class Graph:
    """What a graph knows; may have hashed something before it knew keys, or be killed when it is told of one."""

    def __init__(self, *, hashed: bool = False) -> None:
        self.known: dict[int, str] = {}
        self.hashed = hashed
        self.dies = ""

    async def read(self) -> dict[int, str]:
        return dict(self.known)

    async def record(self, fingerprints: Mapping[int, str]) -> dict[int, str]:
        if self.dies == "before":
            raise KeyboardInterrupt
        self.known = {**fingerprints, **self.known}
        if self.dies == "after":
            raise KeyboardInterrupt
        return await self.read()

    async def holds_hashes(self) -> bool:
        return self.hashed


@pytest.fixture(autouse=True)
def no_given_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PLURAL_HASH_KEY")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings.load(home=tmp_path / "home")


def given(keys: str, home: Path = Path("nowhere")) -> Settings:
    return Settings.load(home=home, hash_key=SecretStr(keys))


async def prints(settings: Settings) -> dict[int, str]:
    return {version: fingerprint(key) for version, key in (find_hash_keys(settings) or {}).items()}


async def test_a_key_is_made_once_for_a_new_graph_and_only_its_owner_may_read_it(settings: Settings) -> None:
    graph = Graph()
    await confirm_hash_keys(graph, settings)
    made = find_hash_keys(settings)
    await confirm_hash_keys(graph, settings)

    assert find_hash_keys(settings) == made
    assert [len(key) for key in (made or {}).values()] == [64]
    assert graph.known == await prints(settings)
    assert stat.S_IMODE((settings.home / "hash.key").stat().st_mode) == 0o600
    assert {path.name for path in settings.home.iterdir()} == {"hash.key", "hash.key.lock"}


async def test_a_fingerprint_gives_nothing_of_the_key_away() -> None:
    assert len({fingerprint(key) for key in (b"k" * 32, b"l" * 32)}) == 2
    assert fingerprint(b"k" * 32) == fingerprint(b"k" * 32)
    assert len(fingerprint(b"k" * 32)) == 16
    assert (b"k" * 32).hex()[:16] not in fingerprint(b"k" * 32)


async def test_a_lost_key_is_refused_and_none_is_made(settings: Settings) -> None:
    graph = Graph()
    await confirm_hash_keys(graph, settings)
    (settings.home / "hash.key").unlink()

    for attempt in (confirm_hash_keys, check_hash_keys, add_hash_key):
        with pytest.raises(SetupError, match=r"Hash key 1, .* is not in .*hash\.key: put hash\.key back .*second mac"):
            await attempt(graph, settings)
    assert not (settings.home / "hash.key").exists()


@pytest.mark.parametrize("keys", [NEW, f"2:{NEW}", f"2:{NEW},3:{NEW}"])
async def test_another_key_is_refused(tmp_path: Path, keys: str) -> None:
    graph = Graph()
    await confirm_hash_keys(graph, given(OLD))
    (tmp_path / "hash.key").write_text(keys)

    with pytest.raises(SetupError, match="PLURAL_HASH_KEY"):
        await confirm_hash_keys(graph, given(keys))
    with pytest.raises(SetupError, match=r"hash\.key"):
        await confirm_hash_keys(graph, Settings.load(home=tmp_path))
    assert graph.known == {1: fingerprint(OLD.encode())}
    assert (tmp_path / "hash.key").read_text() == keys


async def test_a_database_that_was_restored_alone_is_refused(tmp_path: Path) -> None:
    """Its folder has a key already: the one made for what was there before."""
    restored, before = Graph(), Graph()
    await confirm_hash_keys(restored, Settings.load(home=tmp_path / "first"))
    await confirm_hash_keys(before, Settings.load(home=tmp_path / "second"))

    with pytest.raises(SetupError, match="is another one than that in"):
        await confirm_hash_keys(restored, Settings.load(home=tmp_path / "second"))


async def test_a_second_machine_is_told_what_to_copy_and_then_serves(tmp_path: Path) -> None:
    graph, second = Graph(), Settings.load(home=tmp_path / "second")
    await confirm_hash_keys(graph, Settings.load(home=tmp_path / "first"))
    with pytest.raises(SetupError, match=r"copy hash\.key from PLURAL_HOME of the first or set PLURAL_HASH_KEY"):
        await confirm_hash_keys(graph, second)

    key = (tmp_path / "first" / "hash.key").read_text()
    await confirm_hash_keys(graph, given(key))
    second.home.mkdir(exist_ok=True)
    (second.home / "hash.key").write_text(key)
    await confirm_hash_keys(graph, second)


async def test_of_two_machines_that_begin_at_once_one_makes_the_key(tmp_path: Path) -> None:
    """The second has looked before the first recorded its key."""
    graph, first, second = Graph(), Settings.load(home=tmp_path / "first"), Settings.load(home=tmp_path / "second")

    class Late(Graph):
        async def record(self, fingerprints: Mapping[int, str]) -> dict[int, str]:
            await confirm_hash_keys(graph, first)
            self.known = await graph.record(fingerprints)
            return self.known

    with pytest.raises(SetupError, match="none is made"):
        await confirm_hash_keys(Late(), second)
    assert find_hash_keys(second) is None
    await confirm_hash_keys(graph, first)


async def test_a_graph_older_than_the_record_takes_the_key_that_is_there(settings: Settings) -> None:
    settings.home.mkdir()
    (settings.home / "hash.key").write_text(f"2:{NEW},1:{OLD}")
    graph = Graph(hashed=True)

    await confirm_hash_keys(graph, settings)

    assert graph.known == {1: fingerprint(OLD.encode()), 2: fingerprint(NEW.encode())}


async def test_a_graph_older_than_the_record_without_its_key_is_refused(settings: Settings) -> None:
    graph = Graph(hashed=True)

    with pytest.raises(SetupError, match="Hash key 1"):
        await confirm_hash_keys(graph, settings)
    assert graph.known == {}
    assert find_hash_keys(settings) is None


async def test_a_rotation_keeps_the_old_key_and_is_known_before_it_is_used(settings: Settings) -> None:
    seen: list[dict[int, str]] = []

    class Watched(Graph):
        async def record(self, fingerprints: Mapping[int, str]) -> dict[int, str]:
            seen.append(await prints(settings))
            return await super().record(fingerprints)

    graph = Watched()
    await confirm_hash_keys(graph, settings)
    first = await prints(settings)

    assert await add_hash_key(graph, settings) == 2

    assert seen == [{}, first]
    both = await prints(settings)
    assert both == graph.known
    assert both.items() > first.items()
    await confirm_hash_keys(graph, settings)
    (settings.home / "hash.key").write_bytes((find_hash_keys(settings) or {})[1])
    with pytest.raises(SetupError, match="Hash key 2"):
        await confirm_hash_keys(graph, settings)


async def test_a_new_key_in_front_of_given_ones_is_recorded_at_the_start(tmp_path: Path) -> None:
    graph = Graph()
    await confirm_hash_keys(graph, given(OLD))
    await confirm_hash_keys(graph, given(f"2:{NEW},1:{OLD}"))

    assert graph.known == {1: fingerprint(OLD.encode()), 2: fingerprint(NEW.encode())}
    with pytest.raises(SetupError, match="in front there"):
        await add_hash_key(graph, given(OLD))


@pytest.mark.parametrize("dies", ["before", "after"])
@pytest.mark.parametrize("rotates", [False, True])
async def test_a_key_is_lost_at_no_moment(settings: Settings, dies: str, *, rotates: bool) -> None:
    """Killed before or after the graph was told of the key: the next start goes on."""
    graph = Graph()
    if rotates:
        await confirm_hash_keys(graph, settings)
    graph.dies = dies
    with pytest.raises(KeyboardInterrupt):
        await (add_hash_key if rotates else confirm_hash_keys)(graph, settings)
    graph.dies = ""
    graph.hashed = rotates

    assert await check_hash_keys(graph, settings) or dies == "before"
    await confirm_hash_keys(graph, settings)

    assert await prints(settings) == graph.known
    assert len(graph.known) == (2 if rotates and dies == "after" else 1)


async def test_a_draft_that_is_not_whole_is_no_key(settings: Settings) -> None:
    settings.home.mkdir()
    (settings.home / "hash.key.new").write_text("1:abc")
    assert KeyDraft.find(settings) is None

    await confirm_hash_keys(Graph(), settings)

    assert len((find_hash_keys(settings) or {})[1]) == 64


async def test_keys_that_are_added_one_after_the_other_all_stay(settings: Settings) -> None:
    graph = Graph()
    await confirm_hash_keys(graph, settings)
    versions = [await add_hash_key(graph, settings) for _ in range(4)]

    assert versions == [2, 3, 4, 5]
    assert sorted(graph.known) == sorted(find_hash_keys(settings) or {}) == [1, 2, 3, 4, 5]


def test_a_folder_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(SetupError, match="PLURAL_HASH_KEY"):
        asyncio.run(confirm_hash_keys(Graph(), Settings.load(home=tmp_path / "file")))
