"""What is wrong with the database is named: gone, broken, full or busy; by errors as Neo4j 2026.01 gives them."""

from typing import Any, Self, cast

import pytest
from neo4j import AsyncDriver
from neo4j import exceptions as driver_errors

from app.api.errors import problem_of
from app.cli import main as command
from app.domain.errors import (
    BusyError,
    DatabaseBrokenError,
    DatabaseGoneError,
    NoRoomError,
    PluralError,
    SetupError,
    SlowError,
    UnreachableError,
)
from app.embedded.errors import DiskFullError, StartError
from app.graph import troubles
from app.graph.catalogue import load_catalogue
from app.graph.troubles import Troubles

PANIC = "The database has encountered a critical error, and needs to be restarted. Please see database logs."


def neo4j_error(code: str, message: str = "") -> driver_errors.Neo4jError:
    """The error that the driver makes of a server's answer."""
    return driver_errors.Neo4jError._hydrate_neo4j(code=code, message=message)  # pyright: ignore


class Server:
    """A driver whose server says of its database what the test wants; also its session and its result."""

    def __init__(self, answer: tuple[str, str] | Exception | None = ("online", "")) -> None:
        self.answer = answer
        self.asked = 0

    def session(self, **_: object) -> Self:
        return self

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        pass

    async def run(self, *_: object) -> Self:
        self.asked += 1
        if isinstance(self.answer, Exception):
            raise self.answer
        return self

    async def single(self) -> dict[str, str] | None:
        return dict(zip(("status", "message"), cast("Any", self.answer), strict=True)) if self.answer else None


def explainer(server: Server) -> Troubles:
    return Troubles(cast("AsyncDriver", server), "neo4j", load_catalogue()["status/read_database_status"])


GONE = driver_errors.ServiceUnavailable("refused")
AWAY = neo4j_error("Neo.TransientError.General.DatabaseUnavailable")
OFFLINE = ("offline", "An error occurred! Unable to start `DatabaseId{1581a2c0[neo4j]}`.")
FULL = ("online", "No space left on device")


@pytest.mark.parametrize(
    ("error", "says", "named"),
    [
        (GONE, GONE, DatabaseGoneError),
        (driver_errors.SessionExpired("reset"), GONE, DatabaseGoneError),
        (ConnectionResetError(), GONE, DatabaseGoneError),
        (TimeoutError(), ("online", ""), SlowError),
        (TimeoutError(), TimeoutError(), SlowError),
        (TimeoutError(), GONE, DatabaseGoneError),
        (TimeoutError(), OFFLINE, DatabaseBrokenError),
        (driver_errors.ConnectionAcquisitionTimeoutError("pool"), ("online", ""), BusyError),
        (neo4j_error("Neo.TransientError.Transaction.DeadlockDetected"), ("online", ""), BusyError),
        (neo4j_error("Neo.TransientError.General.MemoryPoolOutOfMemoryError"), ("online", ""), BusyError),
        (AWAY, ("starting", ""), DatabaseGoneError),
        (AWAY, OFFLINE, DatabaseBrokenError),
        (AWAY, FULL, NoRoomError),
        (neo4j_error("Neo.DatabaseError.Transaction.TransactionStartFailed", PANIC), FULL, NoRoomError),
        (
            neo4j_error("Neo.DatabaseError.Transaction.TransactionStartFailed", PANIC),
            ("online", ""),
            DatabaseBrokenError,
        ),
        (neo4j_error("Neo.ClientError.General.ForbiddenOnReadOnlyDatabase"), ("online", ""), NoRoomError),
        (neo4j_error("Neo.DatabaseError.Transaction.TransactionLogError", "append"), FULL, NoRoomError),
        (neo4j_error("Neo.DatabaseError.General.UnknownError", "No space left on device"), GONE, NoRoomError),
        (neo4j_error("Neo.TransientError.General.ForbiddenOnReadOnlyDatabase"), FULL, NoRoomError),
        (neo4j_error("Neo.ClientError.Database.DatabaseNotFound"), None, SetupError),
    ],
    ids=str,
)
async def test_the_error_says_what_is_wrong(error: Exception, says: Any, named: type[PluralError]) -> None:
    found = await explainer(Server(says)).explain(error)

    assert type(found) is named
    busy = any(words in str(found) for words in ("busy", "too long", "in use", "too little memory"))
    assert busy == issubclass(named, BusyError)
    if "OutOfMemory" in str(getattr(error, "code", "")):
        assert "PLURAL_HEAP_MB" in str(found), "what helps is said"


@pytest.mark.parametrize(
    "error",
    [
        neo4j_error("Neo.ClientError.Statement.SyntaxError"),
        neo4j_error("Neo.DatabaseError.Statement.ExecutionFailed"),
        driver_errors.ResultConsumedError("ours"),
    ],
    ids=str,
)
async def test_a_mistake_of_ours_is_not_the_databases_trouble(error: Exception) -> None:
    assert await explainer(Server()).explain(error) is None


async def test_what_fails_together_asks_once(monkeypatch: pytest.MonkeyPatch) -> None:
    server = Server()
    troubled = explainer(server)
    for _ in range(5):
        await troubled.explain(TimeoutError())
    assert server.asked == 1

    monkeypatch.setattr(troubles, "LOOK_LASTS_SECONDS", -1)
    await troubled.explain(TimeoutError())
    assert server.asked == 2


KINDS: list[tuple[PluralError, str, int, int]] = [
    (BusyError("…"), "busy", 1, 75),
    (SlowError("…"), "busy", 1, 75),
    (DatabaseGoneError("…"), "database-gone", 5, 69),
    (UnreachableError("…"), "database-gone", 0, 69),
    (DatabaseBrokenError("…"), "database-broken", 30, 74),
    (NoRoomError("…"), "disk-full", 30, 73),
    (DiskFullError("…"), "disk-full", 0, 73),
]


@pytest.mark.parametrize(("error", "kind", "retry_seconds", "exit_code"), KINDS, ids=str)
def test_each_kind_has_its_problem_type_and_its_exit_code(
    error: PluralError, kind: str, retry_seconds: int, exit_code: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = problem_of(error, "r1")
    assert f'"type":"urn:plural:problem:{kind}"' in bytes(answer.body).decode()
    assert answer.headers.get("Retry-After", "0") == str(retry_seconds)

    assert exit_code_of(error, monkeypatch) == exit_code


def test_an_error_without_a_kind_ends_with_1(monkeypatch: pytest.MonkeyPatch) -> None:
    assert exit_code_of(StartError("…"), monkeypatch) == 1
    assert '"type":"about:blank"' in bytes(problem_of(SetupError("…"), "r1").body).decode()


def exit_code_of(error: PluralError, monkeypatch: pytest.MonkeyPatch) -> object:
    def fail() -> None:
        raise error

    monkeypatch.setattr(command, "app", fail)
    with pytest.raises(SystemExit) as ended:
        command.main()
    return ended.value.code
