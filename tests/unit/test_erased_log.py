"""Erasures stand outside the database too: on disk before they are acknowledged, and never forgotten."""

import os
import stat
from pathlib import Path

import pytest

from app.domain.errors import NoRoomError, SetupError
from app.services.erased_log import ErasedLog, note_erased, read_erased


class Graves:
    """The tombstones of a graph."""

    def __init__(self, graves: dict[tuple[str, str], list[str]]) -> None:
        self.graves = graves

    async def list_graves(self) -> dict[tuple[str, str], list[str]]:
        return self.graves


def test_what_is_noted_stays_and_is_read_by_tenant(tmp_path: Path) -> None:
    log = ErasedLog(tmp_path / "home")
    log.note({("tea", "e1"): ["b", "a"], ("cup", "e2"): ["c"]})
    log.note({("tea", "e3"): ["d"]})
    log.note({})

    assert read_erased(log.path) == {"tea": {"a", "b", "d"}, "cup": {"c"}}
    assert stat.S_IMODE(log.path.stat().st_mode) == 0o600
    assert read_erased(tmp_path / "none") == {}


def test_it_is_on_disk_when_it_is_noted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[int] = []

    def note_size(descriptor: int) -> None:
        synced.append(os.fstat(descriptor).st_size)

    monkeypatch.setattr("app.services.erased_log.os.fsync", note_size)
    log = ErasedLog(tmp_path)
    log.note({("tea", "e1"): ["a"]})

    assert synced == [log.path.stat().st_size]


def test_a_line_that_a_kill_broke_off_spoils_no_other(tmp_path: Path) -> None:
    log = ErasedLog(tmp_path)
    log.note({("tea", "e1"): ["a"]})
    with log.path.open("a") as file:
        file.write('{"tenant": "tea", "era')
    assert read_erased(log.path) == {"tea": {"a"}}

    log.note({("tea", "e2"): ["b"]})

    assert read_erased(log.path)["tea"] == {"a", "b"}


async def test_a_start_notes_what_the_graph_knows_and_the_log_does_not(tmp_path: Path) -> None:
    log = ErasedLog(tmp_path)
    log.note({("tea", "e1"): ["a"]})
    store = Graves({("tea", "e1"): ["a"], ("tea", "e2"): ["b"], ("cup", ""): ["c"]})

    await note_erased(store, log)
    size = log.path.stat().st_size
    await note_erased(store, log)

    assert read_erased(log.path) == {"tea": {"a", "b"}, "cup": {"c"}}
    assert log.path.stat().st_size == size


def test_what_cannot_be_noted_is_not_acknowledged(tmp_path: Path) -> None:
    (tmp_path / "erased.log").mkdir()

    with pytest.raises(NoRoomError, match="could not be noted"):
        ErasedLog(tmp_path).note({("tea", "e1"): ["a"]})


def test_another_file_is_not_taken_for_it(tmp_path: Path) -> None:
    (tmp_path / "other").write_text("[1]\n")

    with pytest.raises(SetupError, match="no log of erasures"):
        read_erased(tmp_path / "other")
