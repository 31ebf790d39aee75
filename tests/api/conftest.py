"""The whole service in this process, on the run's real Neo4j; every test is a tenant of its own."""

import base64
import hashlib
import hmac
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, LiteralString, cast
from uuid import uuid4

import httpx2
import pytest
import pytest_asyncio

from app.domain.keys import SCOPES, KeyRequest, Scope
from app.graph.audit import AuditTrail
from app.graph.database import Database, Row
from app.graph.keys import KeyGraph
from app.main import create_app
from app.services.keys import IssuedKey, create_key
from app.settings import Settings
from tests.graph.shop import HASHER

ServeWith = Callable[[Settings], AbstractAsyncContextManager[httpx2.AsyncClient]]


ORIGIN = "https://shop.example"
"""Where the pages of a shop are."""

WHEN_DUE = (
    "audit/list_heads",
    "keys/find_key",
    "rules/read_rules",
    "decisions/",
    "status/",
    "consents/read_clock",
    "hold/read_holds",
    "hash_keys/read_keys",
    "attribution/find_open",
    "creatives/read_creatives",
    "experiments/read_experiments",
    "outcomes/",
)
"""Statements that run when a memory is too old, a queue is full or time has passed, whoever asks."""


def signature_of(content: bytes, secret: str) -> str:
    """What Shopify and WooCommerce sign a webhook's body with."""
    return base64.b64encode(hmac.new(secret.encode(), content, hashlib.sha256).digest()).decode()


@dataclass
class Shop:
    """One tenant with the means to talk for it."""

    tenant: str
    client: httpx2.AsyncClient
    db: Database
    tokens: dict[tuple[Scope, ...], str] = field(default_factory=dict[tuple[Scope, ...], str])

    async def token(self, *scopes: Scope) -> str:
        if scopes not in self.tokens:
            asked = KeyRequest(scopes, origins=(ORIGIN,) if "browser" in scopes else ())
            self.tokens[scopes] = (await self.issue(asked)).token
        return self.tokens[scopes]

    async def issue(self, asked: KeyRequest) -> IssuedKey:
        """Make a key of any kind."""
        return await create_key(KeyGraph(self.db, AuditTrail(HASHER)), self.tenant, asked)

    async def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        headers: dict[str, str] | None = None,
        params: dict[str, str] | None = None,
    ) -> httpx2.Response:
        """Call with a key that may do everything."""
        key = {"X-API-Key": await self.token(*SCOPES)}
        return await self.client.request(method, path, json=body, headers={**key, **(headers or {})}, params=params)

    async def query(self, text: str, **params: object) -> list[Row]:
        """Look into the graph past the catalogue of statements; ``$tenant`` is this shop."""
        async with self.db._session("WRITE") as session:  # pyright: ignore[reportPrivateUsage]
            result = await session.run(cast("LiteralString", text), {"tenant": self.tenant, **params})
            return await result.data()

    async def count(self, pattern: str, **params: object) -> int:
        """How many there are of a pattern that names ``$tenant``."""
        return (await self.query(f"MATCH {pattern} RETURN count(*) AS n", **params))[0]["n"]


@pytest.fixture(scope="session")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    home: Path = tmp_path_factory.mktemp("home")
    return Settings(home=home, rate_limit_per_minute=1_000_000, unknown_keys_per_minute=1_000_000, _env_file=None)  # pyright: ignore[reportCallIssue]


async def leave_as_it_is(tenant: str, *, force: bool) -> None:
    """Derive nothing, where a test only looks at who may ask; the real one is in ``test_refreshes.py``."""


@asynccontextmanager
async def _served(db: Database, settings: Settings) -> AsyncGenerator[httpx2.AsyncClient]:
    app = create_app(settings, partial(nullcontext, db), leave_as_it_is)
    transport = httpx2.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx2.AsyncClient(transport=transport, base_url="http://plural.test") as client,
    ):
        yield client


@pytest.fixture(scope="session")
def serve_with(db: Database) -> ServeWith:
    """Serve with other settings: ``async with serve_with(settings) as client``."""
    return partial(_served, db)


@pytest_asyncio.fixture(scope="session")
async def client(serve_with: ServeWith, settings: Settings) -> AsyncGenerator[httpx2.AsyncClient]:
    async with serve_with(settings) as client:
        yield client


@pytest.fixture
def shop(client: httpx2.AsyncClient, db: Database, tenant: str) -> Shop:
    return Shop(tenant, client, db)


@pytest.fixture
def other_shop(client: httpx2.AsyncClient, db: Database) -> Shop:
    return Shop(f"shop-{uuid4().hex[:12]}", client, db)
