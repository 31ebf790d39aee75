"""Pages load nothing from elsewhere, and no answer is taken for something that it is not."""

import re
from html.parser import HTMLParser

import httpx2
import pytest
from fastapi import FastAPI
from fastapi.responses import HTMLResponse

from app.api.boundary import Boundary
from app.api.metrics import Metrics
from app.main import create_app
from app.settings import Settings
from tests.api.conftest import Shop

FILES = ("swagger-ui-bundle.js", "swagger-ui.css", "favicon.png", "start.js")


class Addresses(HTMLParser):
    """Whatever a page loads, and the scripts that stand in it."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.loaded: list[str] = []
        self.inline: list[str] = []
        self._in_script = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._in_script = tag == "script"
        self.loaded += [value or "" for name, value in attrs if name in ("src", "href")]
        self.inline += [name for name, _ in attrs if name.startswith("on") or name == "style"]

    def handle_data(self, data: str) -> None:
        if self._in_script and data.strip():
            self.inline.append(data)


async def test_the_documentation_loads_only_what_we_serve(client: httpx2.AsyncClient) -> None:
    page = await client.get("/docs")
    found = Addresses(page.text)

    assert sorted(found.loaded) == sorted(f"/docs/{name}" for name in FILES)
    assert found.inline == []
    for address in found.loaded:
        assert (await client.get(address)).status_code == 200
    start = await client.get("/docs/start.js")
    assert not re.search(r"https?:", start.text)


async def test_the_pages_policy_names_no_other_origin_and_no_script_in_the_page(client: httpx2.AsyncClient) -> None:
    policy = (await client.get("/docs")).headers["Content-Security-Policy"]
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))

    assert rules["default-src"] == "'none'"
    assert rules["script-src"] == "'self'"
    assert {source for sources in rules.values() for source in sources.split()} <= {
        "'none'",
        "'self'",
        "'unsafe-inline'",
        "data:",
    }


async def test_behind_a_path_of_a_proxy_the_page_asks_there(settings: Settings) -> None:
    under = httpx2.ASGITransport(create_app(settings), root_path="/plural")
    async with httpx2.AsyncClient(transport=under, base_url="http://plural.test") as client:
        found = Addresses((await client.get("/plural/docs")).text)

    assert len(found.loaded) == len(FILES)
    assert all(address.startswith("/plural/docs/") for address in found.loaded)


@pytest.mark.parametrize(
    "path", ["/redoc", "/docs/oauth2-redirect", "/docs/..%2f__init__.py", "/docs/redoc.standalone.js"]
)
async def test_there_is_no_other_page_or_file(client: httpx2.AsyncClient, path: str) -> None:
    assert (await client.get(path)).status_code == 404


@pytest.mark.parametrize(
    "path", ["/docs", "/docs/start.js", "/openapi.json", "/healthz", "/metrics", "/nowhere", "/v1/x"]
)
async def test_no_answers_type_is_guessed(client: httpx2.AsyncClient, path: str) -> None:
    assert (await client.get(path)).headers["X-Content-Type-Options"] == "nosniff"


async def test_an_answer_with_a_good_key_has_a_type_too(shop: Shop) -> None:
    answer = await shop.call("POST", "/v1/recommendations", {})

    assert (answer.status_code, answer.headers["X-Content-Type-Options"]) == (200, "nosniff")


async def test_a_page_without_a_policy_of_its_own_may_load_nothing() -> None:
    app = FastAPI()

    @app.get("/page")
    async def read_page() -> HTMLResponse:  # pyright: ignore[reportUnusedFunction] (the app keeps it)
        return HTMLResponse("<p>hello</p>")

    app.add_middleware(Boundary, metrics=Metrics())
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://plural.test") as client:
        answer = await client.get("/page")

    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none';")
