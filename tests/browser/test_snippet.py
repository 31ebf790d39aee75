"""`/plural.js` in a real page of another origin: what it sends, what it keeps, what it shows."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import nullcontext
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from uuid import uuid4

import pytest
import pytest_asyncio
import uvicorn
from playwright.async_api import Page, expect

from app.domain.keys import KeyRequest
from app.graph.audit import AuditTrail
from app.graph.database import Database
from app.graph.keys import KeyGraph
from app.main import create_app
from app.services.keys import create_key
from app.settings import Settings
from tests.browser.origins import origin_of
from tests.graph.shop import HASHER, Shop

pytestmark = pytest.mark.browser

PAGE = """<!DOCTYPE html><title>Shop</title>
<body data-plural-view="{viewed}">
<button data-plural-cart="{viewed}">Buy</button>
<div data-plural-shelf="home" data-plural-limit="3">nothing yet</div>
<script src="{service}/plural.js" data-key="{key}" data-link="/p/{{id}}" async></script>
"""


@dataclass(frozen=True)
class Visited:
    """A page of a shop, open in a browser."""

    page: Page
    address: str
    shop: Shop

    async def done(self, type_: str, count: int) -> bool:
        """Whether so many events of a type arrive, in a session of the page's own."""
        pattern = "(:Identity {tenant: $tenant, kind: 'anonymous'})-[:DID]->({type: $type})"
        for _ in range(100):
            if await self.shop.count(pattern, type=type_) == count:
                return True
            await asyncio.sleep(0.1)
        return False


@pytest_asyncio.fixture
async def service(db: Database, tmp_path: Path) -> AsyncGenerator[str]:
    settings = Settings(home=tmp_path, _env_file=None)  # pyright: ignore[reportCallIssue]
    server = uvicorn.Server(uvicorn.Config(create_app(settings, partial(nullcontext, db)), port=0, log_config=None))
    serving = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.05)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    await serving


@pytest_asyncio.fixture
async def visited(service: str, db: Database, page: Page, tmp_path: Path) -> AsyncGenerator[Visited]:
    tenant = f"shop-{uuid4().hex[:12]}"
    shop = Shop(db, tenant)
    sold = ("p1", "p2", "<img src=x>")  # a product's title is its id
    await shop.offers(*sold, "seen")
    await shop.grants("ann", "ben", "cem")
    for buyer in ("ann", "ben", "cem"):
        await shop.buys(buyer, *sold)
    await shop.refreshes()
    folder = tmp_path / "pages"
    folder.mkdir()
    with origin_of(folder) as origin:
        asked = KeyRequest(("browser",), origins=(origin,))
        key = (await create_key(KeyGraph(db, AuditTrail(HASHER)), tenant, asked)).token
        (folder / "index.html").write_text(PAGE.format(service=service, key=key, viewed="seen"))
        await page.goto(f"{origin}/index.html")
        yield Visited(page, origin, shop)


async def test_a_page_tells_what_is_seen_and_bought_and_fills_its_shelf(visited: Visited) -> None:
    page = visited.page

    await expect(page.locator("[data-plural-shelf] a.plural-item")).to_have_count(3)
    link = page.locator("a.plural-item").first
    product_id = await link.get_attribute("data-product-id")
    assert (await link.get_attribute("href") or "").startswith(f"{visited.address}/p/")
    assert product_id
    assert await visited.done("view", 1)
    await page.get_by_role("button").click()
    assert await visited.done("cart", 1)
    assert await page.locator("a.plural-item img").count() == 0


async def test_nothing_is_kept_in_the_browser_before_the_visitor_agrees(visited: Visited) -> None:
    page = visited.page
    await expect(page.locator("a.plural-item")).to_have_count(3)
    kept = "() => [document.cookie, localStorage.length, sessionStorage.length]"

    assert await page.evaluate(kept) == ["", 0, 0]
    await page.evaluate("() => plural.consent({personalise_content: true})")
    assert await page.evaluate(kept) == ["", 0, 1]
    first = await page.evaluate("() => JSON.parse(sessionStorage['plural.session']).id")
    await page.reload()
    await expect(page.locator("a.plural-item")).to_have_count(3)
    assert await page.evaluate("() => JSON.parse(sessionStorage['plural.session']).id") == first
    await page.evaluate("() => plural.consent({personalise_content: false})")
    assert await page.evaluate(kept) == ["", 0, 0]


async def test_a_shop_may_draw_its_shelf_itself(visited: Visited) -> None:
    page = visited.page
    await expect(page.locator("a.plural-item")).to_have_count(3)

    drawn = await page.evaluate(
        """async () => {
          const shelf = document.querySelector("[data-plural-shelf]");
          shelf.addEventListener("plural:answer", (event) => {
            event.preventDefault();
            shelf.textContent = `${event.detail.items.length} of ${event.detail.decision_id.length > 0}`;
          });
          await plural.fill(shelf);
          return shelf.textContent;
        }"""
    )

    assert drawn == "3 of true"


async def test_a_shelf_keeps_what_stands_in_it_when_the_service_is_away(visited: Visited) -> None:
    page = visited.page
    await page.route("**/v1/**", lambda route: route.abort())

    await page.reload()

    await page.wait_for_timeout(300)
    await expect(page.locator("[data-plural-shelf]")).to_have_text("nothing yet")
