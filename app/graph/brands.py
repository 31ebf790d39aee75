"""Who buys which brand, as it is published (cypher/brands/)."""

from typing import Any

from app.domain.brands import BrandRun, FoundAspect, FoundFacet, FoundFit, FoundNiche, FoundSimilar
from app.domain.disclosure import Figure, significant
from app.graph.database import Database
from app.taste.noise import published_count


class BrandGraph:
    """Reads a brand in the plural; implements ``BrandStore``."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def read_facets(self, tenant: str, brand_id: str) -> tuple[BrandRun, list[FoundFacet]] | None:
        """What communities buy of a brand (brands/read_facets); ``None`` when there is no such brand."""
        rows = await self._db.read("brands/read_facets", tenant=tenant, brand_id=brand_id)
        if not rows:
            return None
        row = rows[0]
        brand = BrandRun(row["brand_id"], row["brand_name"], row["run"])
        return brand, [_facet_of(facet) for facet in row["facets"]]

    async def read_niches(self, tenant: str, brand_id: str, least: int) -> tuple[BrandRun, list[FoundNiche]] | None:
        """Communities that buy a brand less than expected (brands/read_niches)."""
        rows = await self._db.read("brands/read_niches", tenant=tenant, brand_id=brand_id, least=least)
        if not rows:
            return None
        row = rows[0]
        brand = BrandRun(row["brand_id"], row["brand_name"], row["run"])
        return brand, [_niche_of(niche) for niche in row["niches"]]

    async def find_widest(self, tenant: str, least: int, limit: int) -> list[str]:
        """Ids of the brands that ``least`` and more buy in most communities (brands/find_widest)."""
        rows = await self._db.read("brands/find_widest", tenant=tenant, least=least, limit=limit)
        return [row["brand_id"] for row in rows]


def _facet_of(found: dict[str, Any]) -> FoundFacet:
    aspects = [
        FoundAspect(group["kind"], id_, label, published_count(buyers), published_count(overall))
        for group in found["aspects"]
        for id_, label, buyers, overall in zip(
            group["ids"], group["labels"], group["buyers"], group["overall"], strict=True
        )
    ]
    numbers = {name: published_count(found[name]) for name in ("size", "people", "buyers", "overall")}
    return FoundFacet(found["community_id"], found["label"], **numbers, aspects=tuple(aspects))


def _niche_of(found: dict[str, Any]) -> FoundNiche:
    parts: dict[str, Any] = {
        **found,
        **{name: published_count(found[name]) for name in ("size", "buyers", "overall", "expected")},
        "fits": tuple(_fit_of(one) for one in found["fits"]),
        "entry_products": _named(found["entry_products"]),
        "similar": tuple(_similar_of(one) for one in found["similar"]),
    }
    return FoundNiche(**parts)


def _fit_of(found: dict[str, Any]) -> FoundFit:
    lift = Figure(significant(found["lift"]), significant(found["low"]), significant(found["high"]), found["support"])
    return FoundFit(found["id"], found["label"], lift)


def _named(found: list[dict[str, str]]) -> tuple[tuple[str, str], ...]:
    return tuple((one["id"], one["label"]) for one in found)


def _similar_of(found: dict[str, Any]) -> FoundSimilar:
    return FoundSimilar(found["id"], found["label"], published_count(found["buyers"]), _named(found["products"]))
