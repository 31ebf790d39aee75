"""What went wrong becomes one body: application/problem+json (RFC 9457) with the request id, never a trace."""

import logging
import traceback
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Annotated, Any, cast

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from pydantic import BaseModel, Field
from pydantic_core import ErrorDetails, from_json, to_json
from starlette.exceptions import HTTPException

from app.api.tag_paths import BASIC_OR_BODY
from app.domain.errors import (
    BusyError,
    ConflictError,
    DatabaseBrokenError,
    DatabaseGoneError,
    ForeignKeyError,
    HeldError,
    InvalidError,
    MissingKeyError,
    NoRoomError,
    NotFoundError,
    PluralError,
    SetupError,
    SlowError,
    UnavailableError,
    UnreachableError,
)
from app.intake.reasons import describe, dotted

STATUSES: Mapping[type[PluralError], int] = {
    InvalidError: 422,
    NotFoundError: 404,
    ConflictError: 409,
    UnavailableError: 503,
    BusyError: 503,
    SlowError: 503,
    HeldError: 503,
    DatabaseGoneError: 503,
    ForeignKeyError: 503,
    DatabaseBrokenError: 503,
    NoRoomError: 503,
    SetupError: 500,
    MissingKeyError: 500,
    UnreachableError: 500,
    PluralError: 500,
}
"""Status by error; a subclass has its nearest base's."""

PROBLEM_TYPE = "application/problem+json"
_PROBLEM_KINDS = "urn:plural:problem:"
"""What comes before the kind of an error in a problem's ``type``."""
_SHOWN_ERRORS = 20
_log = logging.getLogger("plural.errors")
_BROKEN = "Something broke here; the request id finds it in the log."


class FieldError(BaseModel):
    """What is wrong with one field of a request."""

    field: Annotated[str, Field(description="Path of the field, e.g. `rules.0.action`; empty for the whole body.")]
    reason: str


class Problem(BaseModel):
    """Body of every error (RFC 9457)."""

    type: Annotated[
        str,
        Field(description="`about:blank`, or the kind of trouble, such as `urn:plural:problem:disk-full`."),
    ] = "about:blank"
    title: str
    status: int
    detail: str
    request_id: Annotated[str, Field(description="Finds the request in the log; also in the header `X-Request-ID`.")]
    errors: list[FieldError] | None = None
    path: Annotated[
        list[str] | None, Field(description="Of a conflict: the way from one contradicting thing to the other.")
    ] = None


class SegmentProblem(Problem):
    """A problem with what Segment's clients look for; without `code` and `message` some send the same again."""

    success: Annotated[bool, Field(description="Always false.")] = False
    code: Annotated[str, Field(description="The title in lower case, e.g. `unauthorized`.")]
    message: Annotated[str, Field(description="The same as `detail`.")]


def problems(*statuses: int, model: type[Problem] = Problem) -> dict[int | str, dict[str, Any]]:
    """Declare errors that a route may answer, for the OpenAPI document."""
    return {status: {"description": HTTPStatus(status).phrase, "model": model} for status in statuses}


PROBLEM_RESPONSES = problems(400, 401, 403, 413, 415, 422, 429, 503)
"""What any route below /v1 may answer, for the OpenAPI document."""


def add_error_handlers(app: FastAPI) -> None:
    """Give every error raised behind the router its body."""
    for error_class in (PluralError, HTTPException, RequestValidationError):
        app.add_exception_handler(error_class, _answer)


async def _answer(request: Request, error: Exception) -> Response:
    return problem_of(error, request.state.request_id, dict(request.headers), request.scope["path"])


def problem_of(
    error: Exception, request_id: str, request_headers: Mapping[str, str] | None = None, path: str = ""
) -> Response:
    """Turn any error into its answer; one that nobody foresaw becomes a 500 that says nothing of its cause."""
    if path not in BASIC_OR_BODY:
        return _answer_to(error, request_id, request_headers or {})
    return _as_segment_reads_it(_answer_to(error, request_id, {}))  # any Content-Type is JSON there


def _answer_to(error: Exception, request_id: str, request_headers: Mapping[str, str]) -> Response:
    match error:
        case PluralError():
            return _problem_of_ours(error, request_id)
        case HTTPException():
            return problem(error.status_code, str(error.detail), request_id, headers=error.headers)
        case RequestValidationError():
            return _problem_of_fields(error, request_id, request_headers)
        case _:
            log_unforeseen(error, request_id)
            return problem(500, _BROKEN, request_id)


def problem(
    status: int,
    detail: str,
    request_id: str,
    *,
    errors: Sequence[FieldError] | None = None,
    path: Sequence[str] = (),
    headers: Mapping[str, str] | None = None,
    kind: str | None = None,
) -> Response:
    """Build the one error body."""
    body = Problem(
        type=f"{_PROBLEM_KINDS}{kind}" if kind else "about:blank",
        title=HTTPStatus(status).phrase,
        status=status,
        detail=detail,
        request_id=request_id,
        errors=list(errors) if errors else None,
        path=list(path) or None,
    )
    return Response(
        to_json(body, exclude_none=True),
        status,
        {"Cache-Control": "no-store", **(headers or {})},
        media_type=PROBLEM_TYPE,
    )


def _as_segment_reads_it(answer: Response) -> Response:
    body = from_json(bytes(answer.body))
    more = {"success": False, "code": body["title"].lower().replace(" ", "_"), "message": body["detail"]}
    headers = {name: value for name, value in answer.headers.items() if name != "content-length"}
    return Response(to_json({**body, **more}), answer.status_code, headers)


def status_of(error: PluralError) -> int:
    """Status of one of our errors, from its nearest mapped base."""
    return next(STATUSES[cls] for cls in type(error).__mro__ if cls in STATUSES)


def _problem_of_ours(error: PluralError, request_id: str) -> Response:
    status = status_of(error)
    if status == HTTPStatus.INTERNAL_SERVER_ERROR:  # its sentence is for the operator: it may name folders
        _log.error("request %s: %s", request_id, error)
        return problem(status, _BROKEN, request_id, kind=error.kind)
    headers = {"Retry-After": str(error.retry_seconds)} if isinstance(error, UnavailableError) else None
    path = error.path if isinstance(error, ConflictError) else ()
    fields = error.fields if isinstance(error, InvalidError) else ()
    errors = [FieldError(field=field, reason=reason) for field, reason in fields[:_SHOWN_ERRORS]]
    return problem(status, str(error), request_id, errors=errors, path=path, headers=headers, kind=error.kind)


def log_unforeseen(error: Exception, request_id: str) -> None:
    """Log where it broke, without the message: a database error quotes the values it was given."""
    where = "".join(traceback.format_tb(error.__traceback__))
    _log.error("request %s ended with %s\n%s", request_id, type(error).__qualname__, where)


def _problem_of_fields(error: RequestValidationError, request_id: str, headers: Mapping[str, str]) -> Response:
    found = cast("Sequence[ErrorDetails]", error.errors())
    if any(one["type"] == "json_invalid" for one in found):
        return problem(400, "The body is not JSON.", request_id)
    if any(one["loc"] == ("body",) for one in found) and not _says_json(headers):
        return problem(415, "Send the body as Content-Type: application/json.", request_id)
    errors = [FieldError(field=_path(one["loc"]), reason=describe(one)) for one in found[:_SHOWN_ERRORS]]
    return problem(422, "The request cannot be used as it is; errors says why.", request_id, errors=errors)


def _says_json(headers: Mapping[str, str]) -> bool:
    return "json" in headers.get("content-type", "json")


def _path(location: tuple[int | str, ...]) -> str:
    """Path inside the body, or with the part of the request in front: ``query.limit``."""
    return dotted(location[1:] if location[0] == "body" else location)
