"""Every error has one body, says what to do, and betrays nothing."""

from collections.abc import Iterator
from typing import Any

import pytest

import app.main
from app.api.errors import STATUSES, status_of
from app.domain.errors import (
    ConflictError,
    InvalidError,
    NotFoundError,
    PluralError,
    SetupError,
    UnavailableError,
)
from app.services.recommend import Recommender
from tests.api.conftest import Shop

assert app.main  # imports every room, so that every error class is known


def all_errors(base: type[PluralError] = PluralError) -> Iterator[type[PluralError]]:
    yield base
    for subclass in base.__subclasses__():
        yield from all_errors(subclass)


async def send(shop: Shop, content: bytes, content_type: str = "application/json") -> Any:
    headers = {"X-API-Key": await shop.token("recommend"), "Content-Type": content_type}
    return await shop.client.post("/v1/recommendations", content=content, headers=headers)


@pytest.mark.parametrize("error", list(all_errors()), ids=lambda error: error.__name__)
def test_every_error_of_ours_has_a_status(error: type[PluralError]) -> None:
    assert status_of(error("…")) in {404, 409, 422, 500, 503}


def test_every_error_of_the_domain_is_mapped_by_itself() -> None:
    assert {error for error in all_errors() if error.__module__ == "app.domain.errors"} == set(STATUSES)


@pytest.mark.parametrize(
    ("content", "status"),
    [
        (b"{", 400),
        (b'{"limit": 1,}', 400),
        (b'{"identity_id": "\xff"}', 400),
        (b"[" * 100_000, 400),
        (b'{"limit": ' + b"9" * 5000 + b"}", 400),
        (b"", 422),
        (b"[]", 422),
        (b"null", 422),
        (b'{"diversity": NaN}', 422),
        (b'{"identity_id": "\\ud800"}', 422),
    ],
    ids=lambda value: str(value)[:30],
)
async def test_what_cannot_be_read_is_the_senders_fault(shop: Shop, content: bytes, status: int) -> None:
    answer = await send(shop, content)

    assert answer.status_code == status, answer.text
    body = answer.json()
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert body["status"] == status
    assert body["request_id"] == answer.headers["X-Request-ID"]
    assert {"type", "title", "detail"} <= body.keys()


async def test_another_content_type_is_told_apart(shop: Shop) -> None:
    assert (await send(shop, b"<a/>", "text/xml")).status_code == 415


async def test_wrong_fields_are_named(shop: Shop) -> None:
    answer = await shop.call("POST", "/v1/recommendations", {"limit": 0, "rules": [{"field": "mood"}], "mood": 1})

    assert answer.status_code == 422
    reasons = {error["field"]: error["reason"] for error in answer.json()["errors"]}
    assert reasons["limit"] == "must be at least 1"
    assert reasons["mood"] == "is not a field that Plural takes"
    assert {"rules.0.field", "rules.0.values", "rules.0.action"} <= reasons.keys()


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/nothing", 404), ("GET", "/v1/nothing", 404), ("PATCH", "/v1/events", 405), ("GET", "/healthz/", 404)],
)
async def test_unknown_routes_have_the_same_body(shop: Shop, method: str, path: str, status: int) -> None:
    answer = await shop.call(method, path)

    assert answer.status_code == status
    assert answer.json()["request_id"] == answer.headers["X-Request-ID"]


@pytest.mark.parametrize(
    ("error", "status", "told"),
    [
        (InvalidError("Mend the rules."), 422, True),
        (NotFoundError("There is no such thing."), 404, True),
        (ConflictError("A refresh is under way."), 409, True),
        (UnavailableError("The database took too long; try again."), 503, True),
        (SetupError("The disk of /srv/plural is full."), 500, False),
        (PluralError("Something."), 500, False),
    ],
    ids=lambda value: type(value).__name__,
)
async def test_an_error_of_ours_tells_what_helps_its_reader(
    shop: Shop,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    error: PluralError,
    status: int,
    told: bool,
) -> None:
    async def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr(Recommender, "answer", fail)
    answer = await shop.call("POST", "/v1/recommendations", {})

    assert answer.status_code == status
    assert (str(error) in answer.text) == told
    assert (str(error) in caplog.text) != told  # then it is for the operator
    assert ("Retry-After" in answer.headers) == (status == 503)


async def test_what_nobody_foresaw_betrays_nothing(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    who = "tom@example.org"

    async def fail(*_: object) -> None:
        raise RuntimeError(f"{who} broke it")

    monkeypatch.setattr(Recommender, "answer", fail)
    answer = await shop.call("POST", "/v1/recommendations", {"identity_id": who})

    assert answer.status_code == 500
    assert set(answer.json()) == {"type", "title", "status", "detail", "request_id"}
    assert "RuntimeError" not in answer.text
    assert "test_errors.py" in caplog.text  # where it broke
    assert answer.json()["request_id"] in caplog.text
    assert who not in answer.text + caplog.text
