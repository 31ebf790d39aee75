"""`plural report`: one page about a tenant's communities that can be opened anywhere, without a network."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from app.cli.options import Tenant
from app.cli.progress import Bars
from app.domain.disclosure import Disclosure
from app.domain.errors import InvalidError
from app.graph.brands import BrandGraph
from app.graph.communities import CommunityGraph
from app.opening import open_database
from app.report.page import write_page
from app.report.values import BrandView, Report
from app.services.brands import BrandGuide
from app.services.communities import CommunityGuide
from app.settings import Settings
from app.taste.noise import REACH

MOST_COMMUNITIES = 200
MOST_MATCHES = 20_000
BRANDS_TRIED = 20
"""Brands among which one with niches is looked for."""


def report(
    out: Annotated[Path, typer.Option(help="The HTML file to write.")],
    tenant: Tenant = "demo",
    brand: Annotated[
        str | None, typer.Option(help="Id of the brand to show in the plural; else one that has niches.")
    ] = None,
) -> None:
    """Write one HTML page about the communities: map, sizes, microgenres, one brand in the plural, niches, deals."""
    if not out.parent.is_dir():
        raise InvalidError(f"There is no folder {str(out.parent)!r} to write the page into.")
    page = write_page(asyncio.run(_read(Settings.load(), tenant, brand)))
    out.write_text(page, encoding="utf-8")
    typer.echo(f"{out} is written ({len(page) // 1024:,} KiB); open it in any browser.")


async def _read(settings: Settings, tenant: str, brand: str | None) -> Report:
    async with open_database(settings, Bars()) as db:
        rule = Disclosure(settings.k_look)
        guide, brands, graph = (
            CommunityGuide(CommunityGraph(db), rule),
            BrandGuide(BrandGraph(db), rule),
            BrandGraph(db),
        )
        summaries = (await guide.list_all(tenant, None, MOST_COMMUNITIES)).items
        told = [await guide.portray(tenant, one.id) for one in summaries if not one.too_few]
        matches = (await guide.match(tenant, None, None, None, None, MOST_MATCHES)).items
        found = [brand] if brand else await graph.find_widest(tenant, rule.k + REACH, BRANDS_TRIED)
        return Report(
            tenant=tenant,
            run=told[0].run if told else "none yet",
            made_at=f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
            k=rule.k,
            communities=told,
            silent=len(summaries) - len(told),
            matches=matches,
            brand=await choose_view(brands, tenant, found),
        )


async def choose_view(guide: BrandGuide, tenant: str, brand_ids: list[str]) -> BrandView | None:
    """The first brand that has niches, else the one that communities buy most unequally; ``None`` without any."""
    views: list[BrandView] = []
    for brand_id in brand_ids:
        named, facets = await guide.facets(tenant, brand_id)
        _, niches = await guide.niches(tenant, brand_id)
        views.append(BrandView(named, facets, niches))
        if facets and niches:
            return views[-1]
    return max(views, key=_spread, default=None)


def _spread(view: BrandView) -> float:
    """How far the shares of communities that buy a brand are apart."""
    shares = [facet.share.value or 0.0 for facet in view.facets]
    return max(shares, default=0.0) - min(shares, default=0.0)
