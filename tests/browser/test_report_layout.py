"""A page of many communities with long names, drawn in the real Chromium: nothing lies on anything else."""

import json
from pathlib import Path

import pytest
from playwright.async_api import Page

from app.domain.brands import BrandRun, Facet, Niche
from app.domain.communities import Match, Neighbour, Told
from app.domain.disclosure import UNKNOWN, Figure
from app.report.page import write_page
from app.report.values import BrandView, Report

pytestmark = pytest.mark.browser

COUNT = 30
WIDTHS = (1280, 390)
LEGIBLE = 8.5
"""Pixels that the smallest letters are high on a phone."""
OVERLAPS = """() => JSON.stringify([...document.querySelectorAll('.plot svg')].flatMap(svg => {
  const texts = [...svg.querySelectorAll('text')].filter(one => one.parentNode.tagName !== 'g')
    .map(one => ({words: one.textContent, box: one.getBoundingClientRect()}))
  const apart = (a, b) =>
    a.right <= b.left + 1 || b.right <= a.left + 1 || a.bottom <= b.top + 4 || b.bottom <= a.top + 4
  return texts.flatMap((one, place) => texts.slice(place + 1)
    .filter(other => !apart(one.box, other.box)).map(other => [one.words, other.words]))
}))"""
"""Pairs of words of a drawing that lie on each other."""
CUT = """() => JSON.stringify([...document.querySelectorAll('.plot svg')].flatMap(svg => {
  const edge = svg.getBoundingClientRect()
  return [...svg.querySelectorAll('text')].filter(one => {
    const box = one.getBoundingClientRect()
    const inside = box.left > edge.left - 2 && box.right < edge.right + 2
    return !inside || box.top < edge.top - 2 || box.bottom > edge.bottom + 2
  }).map(one => one.textContent)
}))"""
"""Words that the edge of their drawing cuts."""
SMALLEST = """() => Math.min(...[...document.querySelectorAll('.plot svg')].flatMap(svg => {
  const scale = svg.getBoundingClientRect().width / svg.viewBox.baseVal.width
  return [...svg.querySelectorAll('text')].map(one => scale * one.getAttribute('font-size'))
}))"""


def share(value: float, n: int = 76) -> Figure:
    return Figure(value, max(0.0, value - 0.04), min(1.0, value + 0.04), n)


def community(place: int) -> Told:
    """Many share their place on the scatter, as rounded figures do."""
    figures = {
        "growth": UNKNOWN,
        "deal_share": share(0.5 + place % 3 / 100),
        "repeat_share": share(0.2 + place % 4 / 100),
    }
    shared = (Neighbour(f"c{place + 1}", None, share(0.2)),) if place % 2 else ()
    return Told(
        f"c{place}", "run", False, long_name(place), size=1_000 - 25 * place, figures=figures, neighbours=shared
    )


def long_name(place: int) -> str:
    return f"wonderfully MODERN shelf-stable vegetables {place}, household cleaning products and warehouse snacks"


@pytest.fixture
def page_of_many(tmp_path: Path) -> Path:
    told = [community(place) for place in range(COUNT)]
    matches = [
        Match(one.id, one.label, "microgenre", f"g{other}", f"microwave popcorn and chips {other}", lift)
        for place, one in enumerate(told)
        for other in range(COUNT)
        for lift in [Figure(8.0 if place == other else 1.1 + other / 100, 1.0, 9.0, 76)]
    ]
    facets = [Facet(one.id, one.label, 76, share(0.9 - place / 40), share(0.4), ()) for place, one in enumerate(told)]
    unknown = Figure(None, 0.0, 0.3, 76, "not enough data")
    niches = [
        Niche(one.id, one.label, 76, share(0.5), unknown if place % 2 else share(0.3), share(40), (), (), ())
        for place, one in enumerate(told)
    ]
    view = BrandView(BrandRun("acme", "Acme", "run"), facets, niches)
    report = Report("shop", "run", "2026-01-01 00:00 UTC", 50, told, 3, matches, view)
    path = tmp_path / "many.html"
    path.write_text(write_page(report), encoding="utf-8")
    return path


@pytest.mark.parametrize("width", WIDTHS)
async def test_no_words_are_cut_or_lie_on_others_or_are_too_small_to_read(
    page_of_many: Path, page: Page, width: int
) -> None:
    await page.set_viewport_size({"width": width, "height": 900})
    await page.goto(page_of_many.as_uri())

    assert json.loads(await page.evaluate(OVERLAPS)) == []
    assert json.loads(await page.evaluate(CUT)) == []
    assert await page.evaluate(SMALLEST) >= LEGIBLE
    assert await page.evaluate("document.documentElement.scrollWidth") <= width


async def test_every_drawn_community_is_named_whole_below_the_map(page_of_many: Path, page: Page) -> None:
    await page.goto(page_of_many.as_uri())
    key = await page.locator(".key li").all_inner_texts()

    assert [words.replace("\n", "") for words in key] == [f"c{place}{long_name(place)}" for place in range(COUNT)]


async def test_a_share_is_drawn_with_its_interval_and_n(page_of_many: Path, page: Page) -> None:
    await page.goto(page_of_many.as_uri())
    words = await page.locator("svg[aria-label='The brand in each community'] text").all_text_contents()

    assert "everybody: 40% (36% to 44%), n ~76" in words
    assert "90% (86% to 94%), n ~76" in words


async def test_what_each_community_is_most_associated_with_makes_a_staircase(page_of_many: Path, page: Page) -> None:
    await page.goto(page_of_many.as_uri())
    cells = await page.locator("svg[aria-label='Communities by microgenre'] rect title").all_text_contents()
    strongest = [place for place, hint in enumerate(cells) if "association 8x" in hint]

    assert strongest == [13 * place for place in range(12)]
