"""A command beside a service: uses the database that the service runs, waits for one that starts, names its end."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from app import opening as wiring
from app.domain.errors import BusyError, DatabaseGoneError
from app.embedded import FolderBusyError, Room, RunningServer, is_owned
from app.opening import open_database
from app.settings import Settings
from app.upkeep import OWNER_GONE, Guest


def note(home: Path, owner_pid: int) -> None:
    facts = {"owner_pid": owner_pid, "pid": 0, "bolt_port": 0, "http_port": 0}
    (home / "server.json").write_text(json.dumps(facts))


def ended_pid() -> int:
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def test_a_database_that_ended_with_its_owner_is_named_so(tmp_path: Path) -> None:
    guest = Guest(Room(tmp_path, 0), tmp_path)
    gone, busy = DatabaseGoneError("does not answer"), BusyError("busy")

    note(tmp_path, os.getpid())
    assert guest.note_trouble(gone) is gone, "its owner starts it again"
    note(tmp_path, ended_pid())
    assert str(guest.note_trouble(gone)) == OWNER_GONE
    assert guest.note_trouble(busy) is busy


def test_whoever_has_ended_and_was_not_waited_for_owns_nothing(tmp_path: Path) -> None:
    assert not is_owned(tmp_path)
    zombie = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    note(tmp_path, zombie.pid)
    assert is_owned(tmp_path)

    zombie.kill()
    os.waitid(os.P_PID, zombie.pid, os.WEXITED | os.WNOWAIT)

    assert not is_owned(tmp_path)
    zombie.communicate()


class OfAnother:
    """An embedded server whose folder another process has."""

    def __init__(self, *_: object, **__: object) -> None:
        pass

    def start(self) -> None:
        raise FolderBusyError("another's")


@pytest.fixture
def busy_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wiring, "EmbeddedServer", OfAnother)
    monkeypatch.setattr(wiring, "_LOOK_SECONDS", 0.0)


async def opened(settings: Settings, *, share: bool) -> None:
    async with open_database(settings, share=share):
        pass


@pytest.mark.usefixtures("busy_folder")
async def test_a_command_waits_for_a_service_that_is_starting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = Settings.load(home=tmp_path, neo4j_uri=None, start_timeout_seconds=60)
    looks: list[RunningServer | None] = [None, None, RunningServer(tmp_path, 1, 1, 1, 1)]
    connected: list[str] = []

    async def connect(uri: str, *_: object, **__: object) -> None:
        connected.append(uri)
        raise InterruptedError

    def look(_: Path) -> RunningServer | None:
        return looks.pop(0)

    monkeypatch.setattr(wiring, "find_running", look)
    monkeypatch.setattr(wiring.Database, "connect", connect)
    monkeypatch.setattr(RunningServer, "password", "only-for-tests")

    with pytest.raises(InterruptedError):
        await opened(settings, share=True)

    assert connected == ["bolt://127.0.0.1:1"]


@pytest.mark.usefixtures("busy_folder")
async def test_a_second_service_does_not_wait(tmp_path: Path) -> None:
    with pytest.raises(FolderBusyError):
        await opened(Settings.load(home=tmp_path, neo4j_uri=None), share=False)


@pytest.mark.usefixtures("busy_folder")
async def test_a_command_waits_no_longer_than_a_start_takes(tmp_path: Path) -> None:
    with pytest.raises(FolderBusyError):
        await opened(Settings.load(home=tmp_path, neo4j_uri=None, start_timeout_seconds=0.01), share=True)
