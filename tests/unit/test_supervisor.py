"""What becomes of a server that ends, hangs or runs out of room; the real one is in tests/embedded."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from types import SimpleNamespace

import pytest

from app.domain.errors import BusyError, DatabaseBrokenError, DatabaseGoneError, NoRoomError, UnavailableError
from app.embedded.disk import Room
from app.embedded.errors import DiskFullError, EmbeddedError, StartError
from app.embedded.supervisor import Care, Supervisor

QUICK = Care(restarts=3, every=0.002, look=0.001, silence=0.05, steady=60, start=1)
PATIENCE_SECONDS = 20.0


class Server:
    """A server whose process the test ends, and whose starts the test lets fail."""

    def __init__(self) -> None:
        self.has_ended = False
        self.starts = 0
        self.rotations = 0
        self.failing: list[EmbeddedError] = []
        self.trouble: UnavailableError | None = None

    def restart(self) -> None:
        self.starts += 1
        self.has_ended = True
        if self.failing:
            raise self.failing.pop(0)
        self.has_ended, self.trouble = False, None

    def rotate_log(self) -> None:
        self.rotations += 1

    def explain_end(self) -> EmbeddedError:
        return StartError("Neo4j ended (exit code -9); the last lines of its log:\nthe last line")

    async def ask(self) -> None:
        if self.has_ended:
            raise DatabaseGoneError("nothing answers")
        if self.trouble:
            raise self.trouble


@pytest.fixture(autouse=True)
def disk(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """The disk, whose free room the test sets."""
    usage = SimpleNamespace(free=10**9)

    def look(_: Path) -> SimpleNamespace:
        return usage

    monkeypatch.setattr("app.embedded.disk.shutil.disk_usage", look)
    return usage


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Back-off takes no time here; what it would have taken, in order."""
    pauses: list[float] = []
    sleep = asyncio.sleep

    async def noted(seconds: float) -> None:
        task = asyncio.current_task()  # a service of another test may sleep beside it
        if seconds >= 1 and task is not None and task.get_name() == Supervisor.name:
            pauses.append(seconds)
        await sleep(min(seconds, 0.002))

    monkeypatch.setattr("app.embedded.supervisor.asyncio.sleep", noted)
    return pauses


@asynccontextmanager
async def supervised(server: Server, care: Care = QUICK) -> AsyncGenerator[Supervisor]:
    async with Supervisor(server, server.ask, Room(Path("home"), 100_000_000), care) as supervisor:
        yield supervisor


async def until(holds: Callable[[], object]) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not holds():
            await asyncio.sleep(0.001)


def is_up(supervisor: Supervisor) -> bool:
    try:
        supervisor.check_up()
    except DatabaseGoneError:
        return False
    return True


@contextmanager
def refused() -> Generator[None]:
    with pytest.raises(DatabaseGoneError, match="being started again"):
        yield


async def test_a_server_that_ended_is_started_again_and_refuses_meanwhile() -> None:
    server = Server()
    async with supervised(server) as supervisor:
        await until(lambda: server.rotations > 2)
        assert server.starts == 0
        server.failing = [StartError("not yet")]
        server.has_ended = True
        await until(lambda: server.starts)

        await until(lambda: is_up(supervisor))

        assert server.starts == 2
        assert supervisor.failure is None


async def test_no_statement_is_tried_while_it_is_started(disk: SimpleNamespace) -> None:
    server = Server()
    async with supervised(server) as supervisor:
        disk.free, server.has_ended = 0, True
        await until(lambda: not is_up(supervisor))

        with refused():
            supervisor.check_up()


async def test_starts_that_fail_are_further_and_further_apart_until_it_is_given_up_with_the_logs_last_lines(
    no_pauses: list[float],
) -> None:
    server = Server()
    server.failing = [StartError("in vain")] * 9
    async with supervised(server, Care(restarts=4, every=0.002, look=0.001)) as supervisor:
        server.has_ended = True
        await until(lambda: supervisor.failure)

        assert server.starts == 4
        assert no_pauses == [1, 2, 4]
        assert str(supervisor.failure).endswith("given up after 4 starts. Neo4j ended (exit code -9); " + LAST_LINES)
        assert not is_up(supervisor)


LAST_LINES = "the last lines of its log:\nthe last line"


async def test_a_server_that_keeps_ending_is_given_up_although_each_start_succeeds() -> None:
    server = Server()
    async with supervised(server) as supervisor:
        for _ in range(QUICK.restarts):
            server.has_ended = True
            await until(lambda: not server.has_ended and is_up(supervisor))
        server.has_ended = True

        await until(lambda: supervisor.failure)
        assert server.starts == QUICK.restarts


async def test_a_steady_time_forgives() -> None:
    server = Server()
    async with supervised(server, Care(restarts=1, every=0.002, look=0.001, steady=0)) as supervisor:
        for starts in range(1, 6):
            rotations = server.rotations
            await until(lambda: server.rotations > rotations + 3)  # noqa: B023 (awaited at once)
            server.has_ended = True
            await until(lambda: server.starts == starts and is_up(supervisor))  # noqa: B023

        assert supervisor.failure is None


async def test_a_server_that_cannot_use_its_store_is_started_again() -> None:
    server = Server()
    async with supervised(server) as supervisor:
        server.trouble = DatabaseBrokenError("broken")

        await until(lambda: server.starts == 1 and is_up(supervisor))
        assert supervisor.failure is None
        assert supervisor.starts == 1


async def test_one_that_lives_and_says_nothing_is_started_again_but_not_one_that_is_slow_once() -> None:
    server = Server()
    async with supervised(server) as supervisor:
        server.trouble = BusyError("too slow")
        await asyncio.sleep(0.005)
        server.trouble = None
        await asyncio.sleep(0.02)
        assert server.starts == 0

        server.trouble = BusyError("never")
        await until(lambda: server.starts == 1 and is_up(supervisor))
        assert supervisor.failure is None


async def test_a_full_disk_is_waited_for_however_long_and_counts_as_no_start(disk: SimpleNamespace) -> None:
    server = Server()
    async with supervised(server) as supervisor:
        disk.free = 99_000_000
        server.has_ended = True
        await asyncio.sleep(0.05)
        assert (server.starts, supervisor.failure) == (0, None)

        server.failing = [DiskFullError("somebody was quicker")] * 10
        disk.free = 10**9

        await until(lambda: server.starts == 11 and is_up(supervisor))
        assert supervisor.failure is None


async def test_what_takes_no_writes_since_its_disk_was_full_reads_on_and_is_started_again_when_there_is_room(
    disk: SimpleNamespace,
) -> None:
    server = Server()
    async with supervised(server) as supervisor:
        disk.free = 0
        supervisor.note_trouble(NoRoomError("full"))
        await asyncio.sleep(0.05)
        assert server.starts == 0
        assert is_up(supervisor)

        disk.free = 10**9
        await until(lambda: server.starts == 1 and is_up(supervisor))
        await asyncio.sleep(0.05)
        assert server.starts == 1


def test_a_store_that_broke_while_its_disk_is_full_is_called_full(disk: SimpleNamespace) -> None:
    server, broken = Server(), DatabaseBrokenError("broken")
    supervisor = Supervisor(server, server.ask, Room(Path("home"), 0), QUICK)
    assert supervisor.note_trouble(broken) is broken

    disk.free = 1_000_000
    assert isinstance(supervisor.note_trouble(broken), NoRoomError)
    assert isinstance(supervisor.note_trouble(BusyError("busy")), BusyError)


def test_writing_is_refused_below_the_least_room_and_taken_again_above_it(disk: SimpleNamespace) -> None:
    room = Room(Path("home"), 100_000_000)
    disk.free = 99_999_999
    with pytest.raises(NoRoomError, match=r"less than 100 MB of room \(100 MB now\): free some"):
        room.check_room()

    disk.free = 100_000_000
    room.check_room()
