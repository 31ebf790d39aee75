"""The saved queries, a small demo shop on the real server for them to draw, and a page of the real Chromium."""

# The driver declares its configuration as **Unknown.
# pyright: reportUnknownMemberType=false

import shutil
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from importlib.resources import files
from typing import LiteralString, cast
from uuid import uuid4

import pytest
import pytest_asyncio
from neo4j import READ_ACCESS, AsyncGraphDatabase, AsyncSession
from neo4j.graph import Graph
from playwright.async_api import Page, async_playwright

from app.graph.database import Database
from tests.browser.crowd import open_shop
from tests.conftest import Neo4jServer
from tests.graph.shop import Shop

ARGUMENTS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update")
FOLDER = files("cypher") / "browser"
TENANT = "'demo' AS tenant"


@dataclass(frozen=True)
class SavedQuery:
    """One file of cypher/browser/."""

    name: str
    text: str

    @property
    def header(self) -> str:
        """The leading comment."""
        return "\n".join(line for line in self.text.splitlines() if line.startswith("//"))

    @property
    def title(self) -> str:
        """What Browser shows above the picture."""
        return self.text.partition("\n")[0].removeprefix("// ")

    def of(self, tenant: str) -> str:
        """The query as someone with another tenant adapts it."""
        assert self.text.count(TENANT) == 1
        return self.text.replace(TENANT, f"'{tenant}' AS tenant")


QUERIES = [
    SavedQuery(file.name.removesuffix(".cypher"), file.read_text(encoding="utf-8"))
    for file in sorted(FOLDER.iterdir(), key=lambda file: file.name)
    if file.name.endswith(".cypher")
]
STYLE = (FOLDER / "plural.grass").read_text(encoding="utf-8")


@dataclass(frozen=True)
class Viewer:
    """Looks at one tenant's graph the way Browser does: any text, read only."""

    session: AsyncSession
    tenant: str

    async def draws(self, text: str) -> Graph:
        """Nodes and relationships of a result; fails on any notification of the server."""
        result = await self.session.run(cast("LiteralString", text))
        graph = await result.graph()
        status = (await result.consume()).gql_status_objects
        assert [one.status_description for one in status if one.is_notification] == []
        return graph


@pytest_asyncio.fixture(scope="session")
async def viewer(db: Database, neo4j_server: Neo4jServer) -> AsyncGenerator[Viewer]:
    """A shop with the cast in it, and learnt from."""
    tenant = f"demo-{uuid4().hex[:12]}"
    await open_shop(Shop(db, tenant))
    async with (
        AsyncGraphDatabase.driver(neo4j_server.bolt_uri, auth=neo4j_server.auth) as driver,
        driver.session(database="neo4j", default_access_mode=READ_ACCESS) as session,
    ):
        yield Viewer(session, tenant)


@pytest_asyncio.fixture
async def page() -> AsyncGenerator[Page]:
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("no chromium here (Debian: apt-get install chromium): the report was not looked at")
    async with async_playwright() as playwright:
        program = await playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        yield await program.new_page()
        await program.close()
