"""A machine notices by itself that the graph knows a hash key which it lacks."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from app.domain.errors import DatabaseGoneError, ForeignKeyError
from app.domain.hashing import fingerprint
from app.services.hashing import KeyDraft
from app.services.key_watch import KeyWatch
from app.settings import Settings

OLD, NEW = b"a" * 32, b"b" * 32


class Record:
    """What the graph knows."""

    def __init__(self) -> None:
        self.known = {1: fingerprint(OLD)}
        self.is_gone = False

    async def read(self) -> dict[int, str]:
        if self.is_gone:
            raise DatabaseGoneError("gone")
        return self.known

    async def record(self, fingerprints: Mapping[int, str]) -> dict[int, str]:
        raise AssertionError

    async def holds_hashes(self) -> bool:
        return True


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    (tmp_path / "hash.key").write_bytes(OLD)
    return Settings.load(home=tmp_path, hash_key=None, _env_file=None)


async def test_nobody_is_answered_while_a_key_is_missing(settings: Settings, caplog: pytest.LogCaptureFixture) -> None:
    record = Record()
    watch = KeyWatch(record, settings)
    await watch.look()
    watch.check()

    record.known = {**record.known, 2: fingerprint(NEW)}
    for _ in range(3):
        await watch.look()
        with pytest.raises(ForeignKeyError):
            watch.check()
    assert len(caplog.records) == 1, "said once"
    record.is_gone = True
    await watch.look()
    assert not watch.is_complete, "a database that is away says nothing of keys"

    record.is_gone = False
    (settings.home / "hash.key").write_text(f"2:{NEW.decode()},1:{OLD.decode()}")
    await watch.look()
    watch.check()


async def test_a_key_that_is_written_down_and_recorded_is_not_missing(settings: Settings) -> None:
    """A rotation on this machine is at that point for a moment."""
    record = Record()
    draft = KeyDraft.write(settings, {1: OLD}, 2)
    record.known = {version: fingerprint(key) for version, key in draft.keys.items()}
    watch = KeyWatch(record, settings)

    await watch.look()

    watch.check()
