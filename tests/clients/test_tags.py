"""SDKs and tags that shops have already, as published: nothing in them is changed but host and key."""

import json
import subprocess
import sys
from collections.abc import AsyncGenerator
from pathlib import Path
from shutil import which
from uuid import uuid4

import pytest
import pytest_asyncio
from playwright.async_api import Page, async_playwright

from app.domain.keys import KeyRequest
from app.graph.audit import AuditTrail
from app.graph.database import Database
from app.graph.keys import KeyGraph
from app.services.keys import create_key
from tests.browser.conftest import ARGUMENTS
from tests.browser.origins import origin_of
from tests.clients.conftest import Address
from tests.clients.test_clients import run
from tests.graph.shop import HASHER

pytestmark = pytest.mark.long

PYTHON_SDKS = ("segment-analytics-python==2.4.0", "rudder-sdk-python==2.1.9")
NODE_SDKS = ("@segment/analytics-node@3.1.0", "@rudderstack/rudder-sdk-node@3.0.13", "@segment/analytics-next@1.84.3")

CALLS = """
sdk.identify(user_id="ann", anonymous_id="a-1", traits={"email": "ann@example.org"})
sdk.track("ann", "Product Viewed", {"product_id": "p1", "price": 9.95, "currency": "EUR"})
sdk.track("ann", "Order Completed", {"order_id": "o-1", "products": [{"product_id": "p1"}, {"product_id": "p2"}]})
sdk.track(anonymous_id="a-1", event="Product Added", properties={"product_id": "p2"})
sdk.page("ann", "Shop")
sdk.alias("a-1", "ann")
sdk.flush()
"""

SEGMENT_PYTHON = (
    """
import sys
from segment.analytics import Client
failed = []
sdk = Client(sys.argv[2], host=sys.argv[1], on_error=lambda error, items: failed.append((error, len(items))))
"""
    + CALLS
    + """
sdk.join()
assert not failed, failed
"""
)

RUDDER_PYTHON = (
    """
import sys
import rudderstack.analytics as sdk
failed = []
sdk.write_key, sdk.dataPlaneUrl = sys.argv[2], sys.argv[1]
sdk.on_error = lambda error, items: failed.append((error, len(items)))
"""
    + CALLS
    + """
sdk.join()
assert not failed, failed
"""
)

CALLS_IN_JAVASCRIPT = """
sdk.identify({ userId: "ann", anonymousId: "a-1", traits: { email: "ann@example.org" } });
sdk.track({ userId: "ann", event: "Product Viewed", properties: { product_id: "p1", price: 9.95 } });
sdk.track({ userId: "ann", event: "Order Completed", properties: {
  order_id: "o-1", products: [{ product_id: "p1" }, { product_id: "p2" }] } });
sdk.track({ anonymousId: "a-1", event: "Product Added", properties: { product_id: "p2" } });
sdk.page({ userId: "ann", name: "Shop" });
sdk.alias({ userId: "ann", previousId: "a-1" });
"""

SEGMENT_NODE = (
    """
import { Analytics } from "@segment/analytics-node";
const [host, writeKey] = process.argv.slice(2);
const sdk = new Analytics({ writeKey, host });
const failed = [];
sdk.on("error", (error) => failed.push(error));
"""
    + CALLS_IN_JAVASCRIPT
    + """
await sdk.closeAndFlush();
if (failed.length) { console.error(JSON.stringify(failed)); process.exit(1); }
"""
)

RUDDER_NODE = (
    """
import RudderAnalytics from "@rudderstack/rudder-sdk-node";
const [host, writeKey] = process.argv.slice(2);
const sdk = new RudderAnalytics(writeKey, { dataPlaneUrl: host });
"""
    + CALLS_IN_JAVASCRIPT
    + """
await sdk.flush();
process.exit(0);
"""
)

SEGMENT_IN_A_PAGE = """
async ([host, writeKey]) => {
  const settings = { writeKey, cdnSettings: { integrations: { "Segment.io": {
    apiKey: writeKey, apiHost: `${host}/v1`, protocol: "http" } } } };
  const [sdk] = await window.AnalyticsNext.AnalyticsBrowser.load(settings, { disableClientPersistence: true });
  await sdk.track("Product Viewed", { product_id: "p1" });
  await sdk.identify("ann", { email: "ann@example.org" });
  await sdk.track("Order Completed", { order_id: "o-1", products: [{ product_id: "p1" }] });
  await sdk.alias("ann", "before");
  await sdk.page("Shop");
  await new Promise((ready) => setTimeout(ready, 500));
}
"""

DONE = [("cart", "a-1"), ("purchase", "ann"), ("view", "ann")]


class Seen:
    """What is in the graph of one shop."""

    def __init__(self, db: Database, key: str) -> None:
        self._db = db
        self.tenant = key.split("_")[1]

    async def done(self) -> list[tuple[str, str]]:
        """Type and identity of every interaction, in order."""
        text = "MATCH (i:Identity {tenant: $tenant})-[:DID]->(x) RETURN x.type AS type, i.id AS id ORDER BY type, id"
        return [(row["type"], row["id"]) for row in await self._rows(text)]

    async def proposed(self) -> list[str]:
        """Identities that a link was proposed for."""
        text = "MATCH (i:Identity {tenant: $tenant})-[r:KNOWN_BY {source: 'segment'}]->() RETURN i.id AS id"
        return [row["id"] for row in await self._rows(text)]

    async def _rows(self, text: str) -> list[dict[str, str]]:
        async with self._db._session("READ") as session:  # pyright: ignore[reportPrivateUsage]
            return await (await session.run(text, {"tenant": self.tenant})).data()  # pyright: ignore[reportArgumentType]


@pytest_asyncio.fixture
async def shop_key(db: Database) -> str:
    """A server's key of a shop of this test's own."""
    keys = KeyGraph(db, AuditTrail(HASHER))
    return (await create_key(keys, f"shop-{uuid4().hex[:12]}", KeyRequest(("ingest",)))).token


@pytest.fixture(scope="module")
def python_sdks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An interpreter that has the SDKs and nothing of ours."""
    folder = tmp_path_factory.mktemp("sdks")
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    command = [folder / "bin/pip", "install", "--quiet", "--disable-pip-version-check", *PYTHON_SDKS]
    subprocess.run(command, check=True)
    return folder / "bin/python"


@pytest.fixture(scope="module")
def node_sdks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which the SDKs are installed."""
    if which("npm") is None:
        pytest.skip("npm is not here: the SDKs of Node and of browsers were not tried")
    folder = tmp_path_factory.mktemp("sdks")
    (folder / "package.json").write_text('{"type": "module", "private": true}')
    command = ["npm", "install", "--silent", "--no-package-lock", "--no-audit", "--no-fund", *NODE_SDKS]
    subprocess.run(command, cwd=folder, check=True)
    return folder


@pytest_asyncio.fixture
async def page() -> AsyncGenerator[Page]:
    chromium = which("chromium")
    if chromium is None:
        pytest.skip("no chromium here (Debian: apt-get install chromium): no tag was tried in a page")
    async with async_playwright() as playwright:
        program = await playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        yield await program.new_page()
        await program.close()


@pytest.mark.parametrize("script", [SEGMENT_PYTHON, RUDDER_PYTHON], ids=["segment", "rudder"])
async def test_a_python_sdk_works_unchanged(
    script: str, python_sdks: Path, address: Address, db: Database, shop_key: str
) -> None:
    await run(python_sdks, "-c", script, address.url, shop_key)

    seen = Seen(db, shop_key)
    assert await seen.done() == DONE
    assert await seen.proposed() == ["ann"]


@pytest.mark.parametrize("script", [SEGMENT_NODE, RUDDER_NODE], ids=["segment", "rudder"])
async def test_a_node_sdk_works_unchanged(
    script: str, node_sdks: Path, address: Address, db: Database, shop_key: str
) -> None:
    (node_sdks / "calls.js").write_text(script)

    await run("node", "calls.js", address.url, shop_key, cwd=node_sdks)

    seen = Seen(db, shop_key)
    assert await seen.done() == DONE
    assert await seen.proposed() == ["ann"]


@pytest.mark.browser
async def test_segments_tag_works_unchanged_in_a_page_of_another_origin(
    node_sdks: Path, address: Address, db: Database, page: Page
) -> None:
    """It is its session's whoever the page says that it is."""
    (node_sdks / "page.html").write_text(
        '<script src="node_modules/@segment/analytics-next/dist/umd/index.js"></script>'
    )
    with origin_of(node_sdks) as origin:
        asked = KeyRequest(("browser",), origins=(origin,))
        token = (await create_key(KeyGraph(db, AuditTrail(HASHER)), f"shop-{uuid4().hex[:12]}", asked)).token
        answers: list[tuple[str, int]] = []
        page.on("response", lambda answer: answers.append((answer.request.method, answer.status)))
        await page.goto(f"{origin}/page.html")
        answers.clear()

        await page.evaluate(SEGMENT_IN_A_PAGE, [address.url.removeprefix("http://"), token])

    seen = Seen(db, token)
    done = await seen.done()
    assert [type_ for type_, _ in done] == ["purchase", "view"]
    assert all(whose.startswith("session:") for _, whose in done)
    assert await seen.proposed() == []
    assert {status for method, status in answers if method == "POST"} == {200}, json.dumps(answers)
