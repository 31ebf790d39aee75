"""`/docs` in a real Chromium: it draws the API with every other address out of reach."""

import asyncio
from collections.abc import AsyncGenerator
from urllib.parse import urlsplit

import pytest
import pytest_asyncio
import uvicorn
from playwright.async_api import Page, Request, expect

from app.cli.serve import address_of, listen
from app.main import create_app
from app.settings import Settings

pytestmark = pytest.mark.browser


@pytest_asyncio.fixture
async def address() -> AsyncGenerator[str]:
    """The application without its database, which no page needs."""
    config = uvicorn.Config(create_app(Settings.load(neo4j_uri=None)), lifespan="off", log_config=None)
    server = uvicorn.Server(config)
    with listen("127.0.0.1", 0) as listener:
        serving = asyncio.create_task(server.serve([listener]))
        yield address_of(listener)
        server.should_exit = True
        await serving


async def test_the_documentation_is_drawn_without_any_other_address(page: Page, address: str) -> None:
    asked: list[str] = []
    complaints: list[str] = []

    def note(request: Request) -> None:
        asked.append(request.url)

    page.on("request", note)
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    await page.goto(f"{address}/docs")
    await expect(page.get_by_text("/v1/recommendations", exact=True).first).to_be_visible(timeout=60_000)

    ours = urlsplit(address).netloc
    assert {urlsplit(url).netloc for url in asked if not url.startswith("data:")} == {ours}
    assert complaints == []
