"""Which failures pass by themselves, and how often a job or command tries again before it gives up."""

import logging

from neo4j import exceptions as driver_errors
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception, stop_after_attempt, wait_random_exponential

from app.domain.errors import BusyError, DatabaseGoneError, SlowError

ATTEMPTS = 20
FIRST_PAUSE_SECONDS = 0.05
LONGEST_PAUSE_SECONDS = 5.0
"""Pauses are drawn between 0 and a bound that doubles up to this one: some 35 seconds of them in all."""

_VANISHED = "Neo.ClientError.Statement.EntityNotFound"
"""What a statement had found was removed, by an erasure say, before it came to use it; running it again looks anew."""
_LOST = (driver_errors.ServiceUnavailable, driver_errors.SessionExpired, OSError, BusyError, DatabaseGoneError)
_TOO_LARGE = "OutOfMemoryError"
"""Transient by name only: what did not fit into memory will not fit the next time."""
_log = logging.getLogger("plural.retries")


def passes(error: BaseException, *, lost_too: bool) -> bool:
    """Whether to try again after ``error``.

    After a deadlock nothing was written. After a lost connection nobody knows, so only what may be done twice is, which
    ``lost_too`` says. What was given its time and did not end in it is not tried again.
    """
    if isinstance(error, SlowError):
        return False
    if isinstance(error, _LOST):
        return lost_too
    if isinstance(error, driver_errors.Neo4jError):
        code = error.code or ""
        return (error.is_retryable() or code == _VANISHED) and not code.endswith(_TOO_LARGE)
    return False


def retrying(*, lost_too: bool) -> AsyncRetrying:
    """Call with an async function and its arguments; raises the last error after ``ATTEMPTS``."""
    return AsyncRetrying(
        retry=retry_if_exception(lambda error: passes(error, lost_too=lost_too)),
        wait=wait_random_exponential(multiplier=FIRST_PAUSE_SECONDS, max=LONGEST_PAUSE_SECONDS),
        stop=stop_after_attempt(ATTEMPTS),
        before_sleep=_note,
        reraise=True,
    )


def _note(state: RetryCallState) -> None:
    error = state.outcome.exception() if state.outcome else None
    code = getattr(error, "code", None) or type(error).__name__
    _log.info("tried %d times, again after %s", state.attempt_number, code)
