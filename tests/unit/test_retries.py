"""What a job tries again, and how often."""

import pytest
from neo4j import exceptions as driver_errors

from app.domain.errors import BusyError, DatabaseBrokenError, DatabaseGoneError, NoRoomError, SlowError
from app.graph import retries
from app.graph.catalogue import CypherFileError, load_catalogue, parse_statement
from app.graph.retries import ATTEMPTS, passes, retrying

HEADER = "// Does a thing.\n// params:  tenant STRING\n// returns: nothing\n// needs:   nothing\n"
IN_PARTS = "MATCH (p:Product {tenant: $tenant})\nCALL (p) { SET p.seen = true } IN TRANSACTIONS OF 10 ROWS"


def of_server(code: str) -> driver_errors.Neo4jError:
    """Make the error that the driver makes of a server's code."""
    return driver_errors.Neo4jError._hydrate_neo4j(code=code, message="for a test")  # pyright: ignore


DEADLOCK = "Neo.TransientError.Transaction.DeadlockDetected"
VANISHED = "Neo.ClientError.Statement.EntityNotFound"


@pytest.mark.parametrize("code", [DEADLOCK, VANISHED, "Neo.TransientError.Transaction.LockAcquisitionTimeout"])
def test_what_left_nothing_behind_is_tried_again(code: str) -> None:
    assert passes(of_server(code), lost_too=False)


@pytest.mark.parametrize(
    "code",
    [
        "Neo.ClientError.Statement.SyntaxError",
        "Neo.DatabaseError.General.UnknownError",
        "Neo.TransientError.General.TransactionOutOfMemoryError",
    ],
)
def test_what_would_fail_again_is_not_tried_again(code: str) -> None:
    assert not passes(of_server(code), lost_too=True)


@pytest.mark.parametrize(
    "error",
    [
        driver_errors.ServiceUnavailable(),
        driver_errors.SessionExpired(),
        BusyError("busy"),
        DatabaseGoneError("gone"),
        OSError(),
    ],
)
def test_after_a_lost_connection_only_what_may_be_done_twice_is_tried_again(error: Exception) -> None:
    assert passes(error, lost_too=True)
    assert not passes(error, lost_too=False)


@pytest.mark.parametrize("error", [NoRoomError("full"), DatabaseBrokenError("broken"), SlowError("too long")])
def test_what_somebody_has_to_mend_or_takes_as_long_again_is_not_tried_again(error: Exception) -> None:
    assert not passes(error, lost_too=True)


async def test_a_job_gives_up_after_so_many_attempts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retries, "LONGEST_PAUSE_SECONDS", 0.0)
    attempts = 0

    async def fail() -> None:
        nonlocal attempts
        attempts += 1
        raise of_server(DEADLOCK)

    with pytest.raises(driver_errors.TransientError):
        await retrying(lost_too=False)(fail)

    assert attempts == ATTEMPTS


async def test_a_failure_that_passes_costs_one_attempt() -> None:
    errors: list[Exception] = [of_server(DEADLOCK), driver_errors.ServiceUnavailable()]

    async def succeed_at_last() -> str:
        if errors:
            raise errors.pop()
        return "done"

    assert await retrying(lost_too=True)(succeed_at_last) == "done"


def test_what_commits_in_parts_must_say_what_a_second_run_does() -> None:
    with pytest.raises(CypherFileError, match="second run"):
        parse_statement("a/b", HEADER + IN_PARTS)

    assert parse_statement("a/b", HEADER + "// again:   sets the same\n" + IN_PARTS).repeatable


def test_what_only_reads_may_be_run_twice() -> None:
    catalogue = load_catalogue()

    assert catalogue["refresh/read_likes"].repeatable
    assert not catalogue["refresh/write_followed"].repeatable
    assert not catalogue["refresh/begin_run"].repeatable
