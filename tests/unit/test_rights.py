"""Each route below /v1 declares whose keys open it, as it was decided, and nothing is open by default."""

from collections.abc import Callable
from typing import Annotated, Any

import pytest
from fastapi import APIRouter, Depends, FastAPI

from app.api import gate
from app.api.deps import Administering, Allows, Caller
from app.api.document import BOUND_KEYS
from app.api.rights import rights_of
from app.main import create_app
from app.settings import Settings
from tests.api.rights import DECISIONS
from tests.docs import DOCS, rights_table


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return create_app(Settings(_env_file=None)).openapi()  # pyright: ignore[reportCallIssue]


def operations(document: dict[str, Any]) -> dict[str, Any]:
    every = {
        f"{method.upper()} {path}": told for path, item in document["paths"].items() for method, told in item.items()
    }
    return {operation: told for operation, told in every.items() if gate.is_keyed(operation.split(" ")[1])}


def test_each_route_declares_what_was_decided(document: dict[str, Any]) -> None:
    declared = {
        operation: (tuple(scheme["key"][0] for scheme in told["security"]), told[BOUND_KEYS])
        for operation, told in operations(document).items()
    }

    assert len(declared) > 50
    assert declared == {operation: (one.scopes, one.bound) for operation, one in DECISIONS.items()}


def test_what_a_page_may_ask_beforehand_is_what_a_browser_key_opens() -> None:
    opened = {operation.split(" ")[1] for operation, one in DECISIONS.items() if "browser" in one.scopes}

    assert opened == set(gate.OF_BROWSERS)


async def _nothing_declared() -> None: ...


async def _declared_twice(one: Administering, other: Annotated[Caller, Depends(Allows("ingest"))]) -> None: ...


async def _no_identity_in_the_path(caller: Annotated[Caller, Depends(Allows("ingest", subject="path"))]) -> None: ...


@pytest.mark.parametrize("route", [_nothing_declared, _declared_twice, _no_identity_in_the_path])
def test_a_route_that_does_not_declare_it_is_not_served(route: Callable[..., Any]) -> None:
    app, router = FastAPI(), APIRouter(prefix="/v1")
    router.get("/secrets")(route)
    app.include_router(router)

    with pytest.raises(RuntimeError, match="/v1/secrets"):
        rights_of(app)


def test_the_service_checks_it_at_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    router = APIRouter(prefix="/v1")
    router.get("/secrets")(_nothing_declared)
    monkeypatch.setattr("app.main._ROUTERS", (router,))

    with pytest.raises(RuntimeError, match="/v1/secrets"):
        create_app(Settings(_env_file=None))  # pyright: ignore[reportCallIssue]


def test_the_docs_show_the_rights_that_hold() -> None:
    table = rights_table(DECISIONS)

    assert table in (DOCS / "api.md").read_text(encoding="utf-8"), (
        "put into docs/api.md what `python -m tests.docs` prints"
    )
