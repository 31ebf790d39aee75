"""The saved queries in the real Neo4j Browser: pasted, run and drawn with their style."""

import re
import shutil
from collections import Counter
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from urllib.parse import urlsplit

import pytest
import pytest_asyncio
from playwright.async_api import Locator, Page, Route, async_playwright, expect

from tests.browser.conftest import ARGUMENTS, QUERIES, STYLE, Viewer
from tests.conftest import Neo4jServer

pytestmark = pytest.mark.browser

COLORS = dict(re.findall(r"^node\.(\w+) \{.*?\n  color: (#\w+);", STYLE, re.MULTILINE | re.DOTALL))
DROPPED_FILE = """([name, text]) => {
  const transfer = new DataTransfer()
  transfer.items.add(new File([text], name))
  return transfer
}"""
PATIENCE_MS = 60_000
"""How long one step may take; a busy machine is slow to start a page of this size."""


@dataclass(frozen=True)
class Browser:
    """Neo4j Browser, connected."""

    page: Page

    async def run(self, text: str) -> Locator:
        """Paste a statement or command and run it; the frame that it opens, alone on the page."""
        await self._enter(":clear")
        await expect(self.page.get_by_test_id("frame")).to_have_count(0)
        await self._enter(text)
        frame = self.page.get_by_test_id("frame")
        await expect(frame).to_have_count(1)
        return frame

    async def drop(self, name: str, text: str) -> None:
        """Drop a file on the page."""
        file = await self.page.evaluate_handle(DROPPED_FILE, [name, text])
        await self.page.dispatch_event(".filedrop", "drop", {"dataTransfer": file})

    async def _enter(self, text: str) -> None:
        # What is run leaves the editor a while later, and would take what is pasted before that along.
        editor = self.page.get_by_test_id("activeEditor").locator(".monaco-editor").first
        written = editor.locator(".view-lines")
        await expect(written).to_have_text("")
        await editor.click()
        await self.page.keyboard.insert_text(text)
        await expect(written).not_to_have_text("")
        await self.page.get_by_test_id("editor-Run").click()
        await expect(written).to_have_text("")


@pytest_asyncio.fixture(scope="module")
async def browser(neo4j_server: Neo4jServer) -> AsyncGenerator[Browser]:
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("no chromium here (Debian: apt-get install chromium): the saved queries were not drawn")
    expect.set_options(timeout=PATIENCE_MS)
    async with async_playwright() as playwright:
        program = await playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        page = await program.new_page(viewport={"width": 1600, "height": 1000})
        page.set_default_timeout(PATIENCE_MS)
        await page.route("**/*", _only_this_machine)
        await _connect(page, neo4j_server)
        yield Browser(page)
        await program.close()


async def _only_this_machine(route: Route) -> None:
    """Browser asks for fonts and counts its users elsewhere; a test does not."""
    if urlsplit(route.request.url).hostname in ("127.0.0.1", "localhost"):
        await route.continue_()
    else:
        await route.abort()


async def _connect(page: Page, server: Neo4jServer) -> None:
    await page.goto(f"{server.http_uri}/browser/")
    await page.get_by_test_id("bolt-scheme-select").select_option("bolt://")
    await page.get_by_test_id("boltaddress").fill(urlsplit(server.bolt_uri).netloc)
    if server.auth is None:
        await page.get_by_test_id("authenticationMethod").select_option("NO_AUTH")
    else:
        await page.get_by_test_id("username").fill(server.auth[0])
        await page.get_by_test_id("password").fill(server.auth[1])
    await page.get_by_test_id("connect").click()
    await expect(page.get_by_test_id("disconnectedBanner")).to_have_count(0)
    # Browser opens a frame of its own once it is connected, and that may be late.
    await expect(page.get_by_test_id("frame").filter(has_text=":play start")).to_have_count(1)


async def test_every_saved_query_is_drawn_whole_and_in_its_style(browser: Browser, viewer: Viewer):
    await browser.drop("plural.grass", STYLE)
    await expect(browser.page.get_by_test_id("frame").first).to_contain_text("node.Identity")
    await browser.run(":config autoComplete: false")

    for query in QUERIES:
        text = query.of(viewer.tenant)
        expected = await viewer.draws(text)
        frame = await browser.run(text)
        nodes = frame.locator("svg g.node")
        await expect(nodes, query.name).to_have_count(len(expected.nodes))
        await expect(frame.locator("svg g.relationship"), query.name).to_have_count(len(expected.relationships))
        fills = await nodes.locator("circle.b-outline").evaluate_all("all => all.map(one => one.getAttribute('fill'))")
        assert Counter(fills) == Counter(COLORS[label] for node in expected.nodes for label in node.labels), query.name


async def test_a_query_that_fails_shows_an_error_and_draws_nothing(browser: Browser):
    """What the other test looks for is not there by itself."""
    frame = await browser.run("MATCH (x) RETRUN x")

    await expect(frame).to_contain_text("Neo.ClientError")
    await expect(frame.locator("svg g.node")).to_have_count(0)
