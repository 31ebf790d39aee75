"""`plural report` in the real Chromium: drawn whole at a desk and on a phone, and asking nobody for anything."""

import asyncio
import json
import re
from pathlib import Path
from uuid import uuid4

import pytest
from playwright.async_api import Page, Route
from typer.testing import CliRunner

from app.cli.main import app
from app.graph.database import Database
from tests.conftest import Neo4jServer
from tests.graph.taste import Taste, people

pytestmark = pytest.mark.browser

KINDS = ("cats & dogs", "weekday lunch", "baking <fine>", "coffee", "barbecue", "babies", "wine")
WIDTHS = {"desktop": 1280, "phone": 390}
CAUSAL = re.compile(r"\b(influenc\w*|caus\w*|driv\w*|because|effect\w*)\b", re.IGNORECASE)


async def furnish(db: Database, tenant: str) -> None:
    """Communities of several sizes that overlap; each has a microgenre, and all know one brand unequally well."""
    taste = await Taste.begins(db, tenant)
    genres = [f"g{place}" for place, _ in enumerate(KINDS)]
    await taste.finds(*(f"c{place}" for place, _ in enumerate(KINDS)), "small")
    await taste.forms(*genres)
    for place, kind in enumerate(KINDS):
        await taste.shop.query(
            "MATCH (c:TasteCommunity {tenant: $tenant, community: 'c' + $place}) SET c.label = $kind "
            "WITH c MATCH (g:MicroGenre {tenant: $tenant, genre: 'g' + $place}) SET g.label = $kind",
            place=str(place),
            kind=kind,
        )
        await taste.stocks("acme", f"acme {kind}", tags=[kind], genre=genres[place])
    for place, kind in enumerate(KINDS):
        await taste.stocks(f"own {place}", f"{kind} 1", f"{kind} 2", tags=[kind], genre=genres[place])
        crowd = people(f"{place}-person", 90 + 60 * place)
        await taste.learns_from(
            {
                id_: {f"c{place}": 0.5, f"c{(place + 1) % len(KINDS)}": 0.3} if spot % 3 == 0 else {f"c{place}": 0.8}
                for spot, id_ in enumerate(crowd)
            }
        )
        await taste.buy(crowd, f"{kind} 1", times=1 + place % 3, paid=8.0 + place % 3)
        await taste.buy(crowd[: len(crowd) * (place + 1) // 3], f"{kind} 2", days_ago=40, paid=10.0)
        if place % 3:
            await taste.buy(crowd[: len(crowd) * 9 // 10], f"acme {kind}", paid=7.0)
        if place in (4, 5):  # others who buy in the microgenres of those who do not know acme
            await taste.buy(crowd, *(f"acme {KINDS[other]}" for other in (0, 3)), days_ago=50)
        await taste.matches(f"c{place}", genres[place], 4.0, 90 + 60 * place)
        await taste.matches(f"c{place}", genres[(place + 1) % len(KINDS)], 1.3, 60)
        await taste.matches(f"c{place}", "acme", 1.1, 70)
    await taste.draws()


@pytest.fixture
async def report(
    db: Database, tenant: str, neo4j_server: Neo4jServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """The page, as the command writes it."""
    await furnish(db, tenant)
    given = {"NEO4J_URI": neo4j_server.bolt_uri, "NEO4J_USER": neo4j_server.user, "PLURAL_HOME": str(tmp_path / "home")}
    for name, value in {**given, "NEO4J_PASSWORD": neo4j_server.password}.items():
        if value:
            monkeypatch.setenv(name, value)
    out = tmp_path / "report.html"
    words = ["report", "--tenant", tenant, "--brand", "acme", "--out", str(out)]
    result = await asyncio.to_thread(CliRunner().invoke, app, words)
    assert result.exit_code == 0, result.output
    return out


async def test_the_page_is_drawn_whole_at_a_desk_and_on_a_phone(report: Path, page: Page) -> None:
    asked: list[str] = []
    broken: list[str] = []

    async def note(route: Route) -> None:
        asked.append(route.request.url)
        await route.continue_()

    await page.route("**/*", note)
    page.on("console", lambda message: broken.append(message.text) if message.type in ("error", "warning") else None)
    for name, width in WIDTHS.items():
        await page.set_viewport_size({"width": width, "height": 900})
        await page.goto(report.as_uri())
        await page.screenshot(path=report.with_name(f"{name}.png"), full_page=True)

        assert await page.locator("section").count() == 6
        for place in range(6):
            box = await page.locator(".plot svg").nth(place).bounding_box()
            assert box is not None
            assert box["width"] > 300
            assert box["height"] > 60
        assert await page.evaluate("document.documentElement.scrollWidth") <= width
        assert json.loads(await page.evaluate(OUTSIDE)) == []
    assert set(asked) == {report.as_uri()}
    assert broken == []


OUTSIDE = """() => JSON.stringify([...document.querySelectorAll('.plot svg')].flatMap(svg => {
  const canvas = svg.viewBox.baseVal
  return [...svg.querySelectorAll('text')].map(text => {
    const box = text.getBBox(), at = text.getCTM().multiply(svg.getCTM().inverse())
    return {words: text.textContent, x: box.x, end: box.x + box.width, turned: text.parentNode.tagName === 'g'}
  }).filter(one => !one.turned && (one.x < -2 || one.end > canvas.width + 2)).map(one => one.words)
}))"""
"""Words that stick out of their drawing."""


async def test_every_figure_of_the_page_has_an_interval_and_n(report: Path, page: Page) -> None:
    await page.goto(report.as_uri())
    await page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    rows = await page.locator("tbody tr").all_inner_texts()

    assert len(rows) > 40
    for row in rows:
        assert "not enough data" in row or (" to " in row and re.search(r"~\d", row)), row
    text = await page.locator("main").inner_text()
    assert "association" in text
    assert not CAUSAL.search(text)
    assert not re.search(r"\d-person-\d", text)
    assert "baking <fine>" in text
    assert "small" not in text


async def test_before_the_first_run_the_page_says_that_there_is_not_enough_data(
    report: Path, page: Page, tmp_path: Path
) -> None:
    out = tmp_path / "empty.html"
    words = ["report", "--tenant", f"shop-{uuid4().hex[:12]}", "--out", str(out)]
    result = await asyncio.to_thread(CliRunner().invoke, app, words)
    assert result.exit_code == 0, result.output
    await page.goto(out.as_uri())

    assert await page.locator("section em", has_text="not enough data").count() == 6
