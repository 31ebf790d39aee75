"""Reads what products are (cypher/recommend/read_items.cypher), and keeps it under the catalogue's version."""

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from typing import Any

from cachetools import LRUCache

from app.domain.catalogue import category_path
from app.domain.identity_rules import IdentityRules
from app.domain.models import OFFERED
from app.domain.recommendation import AttributeValue, Offer, Rule
from app.graph.database import Database, Row
from app.graph.rules import parse_rules
from app.graph.times import from_optional_ms
from app.taste.sensitive import phrases_of, topics_of

_OFFERED = frozenset[str](OFFERED)

PROPERTIES = frozenset(
    {
        "description", "availability", "product_type", "google_product_category", "item_group_id",
        *(f"custom_label_{place}" for place in range(5)),
    }
)  # fmt: skip
"""Of the catalogue, what an answer shows where it is asked for."""


LEAST_SHARE = 0.1
"""A tag of a smaller part of the weight of all of a product's tags does not make it sensitive."""


class Items:
    """Products as answers show them, by tenant; bounded in number. Implements ``ItemStore``."""

    def __init__(self, db: Database, most: int) -> None:
        self._db = db
        self._most = most
        self._lists = LRUCache[tuple[str, Rule | None], tuple[int, int, list[str]]](most, getsizeof=_length)
        self._currencies = LRUCache[str, tuple[int, str | None]](1_000)
        self._kept: OrderedDict[tuple[str, bool], tuple[int, dict[str, Offer | None]]] = OrderedDict()

    async def read(
        self, tenant: str, catalogue: int, ids: Sequence[str], *, with_tags: bool = False
    ) -> dict[str, Offer | None]:
        """What is known of some products, at least as of this version of the catalogue; None for one that is not there.

        The answer may hold more of them.
        """
        version, kept = self._kept.get((tenant, with_tags), (catalogue, dict[str, Offer | None]()))
        if version != catalogue:
            kept = dict[str, Offer | None]()
        missing = [id_ for id_ in dict.fromkeys(ids) if id_ not in kept]
        if missing:
            row = await self._read(tenant, missing, with_tags=with_tags)
            kept.update(dict.fromkeys(missing))
            kept.update(_offers(row))
        self._keep((tenant, with_tags), catalogue, kept)
        return kept

    async def topics(self, tenant: str, texts: Sequence[str]) -> frozenset[str]:
        """What is sensitive of names of categories, tags or brands, by the tenant's rules."""
        return _topics(texts, _rules(await self._read(tenant, [], with_tags=False))) if texts else frozenset()

    async def _read(self, tenant: str, ids: Sequence[str], *, with_tags: bool) -> Row:
        asked = {"ids": ids, "with_tags": with_tags, "least_share": LEAST_SHARE}
        return (await self._db.read_steadily("recommend/read_items", tenant=tenant, **asked))[0]

    async def newest(self, tenant: str, catalogue: int, most: int) -> Sequence[str]:
        """Ids of what is on offer, the newest first (recommend/find_newest.cypher); fewer where there are no more."""
        return await self._list((tenant, None), catalogue, most)

    async def named(self, tenant: str, catalogue: int, rule: Rule) -> Sequence[str]:
        """Ids of what is on offer of brands, categories or tags, the newest first (recommend/find_named.cypher)."""
        return await self._list((tenant, rule), catalogue, 0)

    async def currency(self, tenant: str, catalogue: int) -> str | None:
        """In which most of what is on offer has its price (recommend/find_currency.cypher)."""
        kept = self._currencies.get(tenant)
        if kept is None or kept[0] != catalogue:
            rows = await self._db.read_steadily("recommend/find_currency", tenant=tenant, offered=list(OFFERED))
            kept = self._currencies[tenant] = (catalogue, rows[0]["currency"] if rows else None)
        return kept[1]

    async def attributes(
        self, tenant: str, ids: Sequence[str], names: Sequence[str]
    ) -> dict[str, dict[str, AttributeValue]]:
        """Properties of the catalogue and facets of tags (recommend/read_attributes.cypher), those that there are."""
        rows = await self._db.read_steadily(
            "recommend/read_attributes",
            tenant=tenant,
            ids=list(ids),
            properties=[name for name in names if name in PROPERTIES],
            facets=[name.lower() for name in names if name not in PROPERTIES],
        )
        given = {name.lower(): name for name in names}
        return {
            row["id"]: {
                **dict(row["properties"]),
                **{given[facet]: tuple(values) for facet, values in row["facets"]},
            }
            for row in rows
        }

    async def _list(self, key: tuple[str, Rule | None], catalogue: int, most: int) -> list[str]:
        """A list of ids, kept under the catalogue's version; no shorter than is wanted if there are so many."""
        kept = self._lists.get(key)
        if kept is not None and kept[0] == catalogue and (kept[1] >= most or len(kept[2]) < kept[1]):
            return kept[2]
        tenant, rule = key
        if rule is None:
            rows = await self._db.read_steadily(
                "recommend/find_newest", tenant=tenant, offered=list(OFFERED), limit=most
            )
        else:
            values = [value.lower() for value in rule.values]
            rows = await self._db.read_steadily(
                "recommend/find_named",
                tenant=tenant,
                offered=list(OFFERED),
                brand_ids=values if rule.field == "brand" else [],
                tag_ids=[f"category:{category_path(one)}" for one in values] if rule.field == "category" else values,
                tag_names=values if rule.field == "tag" else [],
            )
        ids: list[str] = rows[0]["ids"]
        fresh = (catalogue, most, ids)
        if _length(fresh) <= self._lists.maxsize:
            self._lists[key] = fresh
        return ids

    def _keep(self, key: tuple[str, bool], catalogue: int, kept: dict[str, Offer | None]) -> None:
        """Keep the newest; where there are too many, those used least lately go, or all of this one."""
        known = self._kept.get(key)
        if known is not None and known[0] > catalogue:
            return
        self._kept[key] = (catalogue, kept if len(kept) <= self._most else dict[str, Offer | None]())
        self._kept.move_to_end(key)
        while sum(len(products) for _, products in self._kept.values()) > self._most:
            self._kept.popitem(last=False)


def _length(kept: tuple[int, int, list[str]]) -> int:
    return len(kept[2]) + 1


def _offers(row: Row) -> dict[str, Offer]:
    rules = _rules(row)
    return {one[0]: _offer(one, rules) for one in row["products"]}


def _offer(product: list[Any], rules: IdentityRules) -> Offer:
    id_, title, brand, category, price, sale_price, availability, tags, *of_the_answer, names, times = product
    expires_at, sale_from, sale_until = map(from_optional_ms, times)
    return Offer(
        id_, title, brand, category, price, frozenset(tags), availability in _OFFERED, sale_price, *of_the_answer,
        topics=_topics((title, category or "", *names), rules),
        expires_at=expires_at,
        sale_from=sale_from,
        sale_until=sale_until,
    )  # fmt: skip


def _rules(row: Row) -> IdentityRules:
    return parse_rules(row["rules"], IdentityRules())


def _topics(texts: Iterable[str], rules: IdentityRules) -> frozenset[str]:
    return topics_of(texts, phrases_of(rules.sensitive_terms), phrases_of(rules.harmless_terms))
