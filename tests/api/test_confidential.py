"""What was sent stands in no log, on no terminal and in nobody else's answer, whatever goes wrong with it."""

import gc
import json
import logging
import traceback
from collections.abc import AsyncGenerator, Iterator, Mapping
from typing import Any, NoReturn
from uuid import uuid4

import httpx2
import pytest
import pytest_asyncio
from pydantic import SecretStr

from app.api.boundary import BrokenOffError
from app.graph.catalogue import Statement
from app.graph.database import Database
from app.services.export import Exporter
from app.settings import Settings
from tests.api.conftest import ServeWith, Shop
from tests.api.every_route import CALLS, SECRET, filled, furnish, names, send, signed

WORD = "quokka"
"""Stands in every value that is sent."""

OF_THE_TEST = ("httpx2", "httpcore2", "neo4j")
"""Loggers of the client that tests call with, and one that `plural serve` silences."""


@pytest_asyncio.fixture
async def mine(serve_with: ServeWith, settings: Settings, db: Database) -> AsyncGenerator[Shop]:
    tenant = f"{WORD}-{uuid4().hex[:12]}"
    known: dict[str, Any] = {"shopify_secret": SecretStr(SECRET), "shopify_shops": {f"{WORD}.example": tenant}}
    async with serve_with(settings.model_copy(update={**known, "key_cache_seconds": 3600.0})) as client:
        yield Shop(tenant, client, db)


class Told:
    """Everything that was logged or printed."""

    def __init__(self, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]) -> None:
        self._caplog = caplog
        self._capfd = capfd

    def text(self) -> str:
        gc.collect()  # a task's lost error is told when the task goes
        records = [one for one in self._caplog.records if not one.name.startswith(OF_THE_TEST)]
        return "\n".join([*map(logging.Formatter().format, records), *self._capfd.readouterr()])


@pytest.fixture
def told(caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]) -> Iterator[Told]:
    with caplog.at_level("DEBUG"):
        yield Told(caplog, capfd)


async def test_good_calls_are_told_to_nobody(mine: Shop, told: Told) -> None:
    ids = {**await furnish(mine, WORD), "shop_domain": f"{WORD}.example"}
    for operation in CALLS:
        await send(mine, operation, ids)

    text = told.text()
    assert '"route": "/v1/households/{household_id}"' in text
    assert_silent(text, mine)


async def test_bad_calls_are_told_to_nobody_and_answered_without_what_was_sent(mine: Shop, told: Told) -> None:
    ids = {**await furnish(mine, WORD), "shop_domain": WORD}
    for operation in CALLS:
        for body in ({WORD: WORD}, [WORD], WORD, f"{{{WORD}", *spoilt(filled(CALLS[operation].body, ids))):
            answer = await call(mine, operation, ids, body)
            assert answer.status_code < 500, (operation, body)
            if answer.status_code >= 400:
                said = json.loads(answer.content)
                told_of = [error["reason"] for error in said.get("errors", [])]
                assert WORD not in json.dumps([said["title"], said["detail"], said.get("path"), told_of])

    assert_silent(told.text(), mine)


async def test_a_fault_behind_the_service_is_told_without_what_it_quotes(
    mine: Shop, told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = {**await furnish(mine, WORD), "shop_domain": f"{WORD}.example"}

    def fail(_: Statement, params: Mapping[str, object]) -> NoReturn:
        raise ValueError(f"the database cannot take {params!r} for {WORD}")

    monkeypatch.setattr(Statement, "arguments", fail)
    answers = {operation: await send(mine, operation, ids) for operation in CALLS}
    monkeypatch.undo()

    broken = [operation for operation, answer in answers.items() if answer.status_code == 500]
    assert len(broken) > 0.8 * len(CALLS)
    for operation, answer in answers.items():
        assert WORD not in answer.text or answer.is_success, operation
    text = told.text()
    assert text.count("ended with ValueError") >= len(broken)
    assert_silent(text, mine)


async def test_an_answer_that_breaks_off_is_told_without_what_it_quotes(
    mine: Shop, told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = await furnish(mine, WORD)

    def fail(*_: object) -> NoReturn:
        raise ValueError(f"{WORD} cannot be written")

    monkeypatch.setattr(Exporter, "read", fail)
    with pytest.raises(BrokenOffError) as broken:
        await send(mine, "GET /v1/identities/{identity_id}/export", ids)

    text = told.text()
    assert "ended with ValueError" in text
    assert_silent(text + "".join(traceback.format_exception(broken.value)), mine)


async def test_another_shops_problems_do_not_know_what_was_sent(mine: Shop, other_shop: Shop) -> None:
    ids, theirs = await furnish(mine, WORD), Shop(other_shop.tenant, mine.client, mine.db)

    for operation in CALLS:
        answer = await send(theirs, operation, {**names("wombat"), **made_by(ids), "shop_domain": "wombat"})
        if not answer.is_success:
            assert WORD not in answer.text, operation


def made_by(ids: Mapping[str, str]) -> dict[str, str]:
    """Ids that the service made."""
    return {name: id_ for name, id_ in ids.items() if WORD not in id_}


def spoilt(body: Any) -> Iterator[Any]:
    """A good body, each time with one field's value of another kind."""
    if isinstance(body, dict):
        for name, value in body.items():  # pyright: ignore[reportUnknownVariableType]
            yield {**body, name: {WORD: [WORD]}}
            yield {**body, name: f"\x00{WORD}"}
            if isinstance(value, list) and value:
                yield from ({**body, name: [one]} for one in spoilt(value[0]))


async def call(shop: Shop, operation: str, ids: Mapping[str, str], body: Any) -> httpx2.Response:
    """Make the call of an operation with another body."""
    content = body.encode() if isinstance(body, str) else json.dumps(body).encode()
    headers = {"X-API-Key": await shop.token("ingest", "recommend", "admin"), "Content-Type": "application/json"}
    method, made = operation.partition(" ")[0], CALLS[operation]
    return await shop.client.request(
        method,
        filled(made.path, ids),
        content=content,
        params=filled(made.query, ids),
        headers={**headers, **signed(content)},
    )


def assert_silent(text: str, shop: Shop) -> None:
    """No value that was sent, no tenant and no secret of a key stands in the text."""
    secrets = [WORD, shop.tenant, SECRET, *(token.split("_")[-1] for token in shop.tokens.values())]
    lines = [line for line in text.splitlines() for secret in secrets if secret in line]
    assert lines == []
