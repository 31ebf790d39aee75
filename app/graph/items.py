"""Reads what products are (cypher/recommend/read_items.cypher), and keeps it under the catalogue's version."""

from collections import OrderedDict
from collections.abc import Sequence

from app.domain.models import OFFERED
from app.domain.recommendation import Offer
from app.graph.database import Database, Row

_OFFERED = frozenset[str](OFFERED)


class Items:
    """Products as answers show them, by tenant; bounded in number. Implements ``ItemStore``."""

    def __init__(self, db: Database, most: int) -> None:
        self._db = db
        self._most = most
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
            rows = await self._db.read_steadily("recommend/read_items", tenant=tenant, ids=missing, with_tags=with_tags)
            kept.update(dict.fromkeys(missing))
            kept.update(_offers(rows[0]))
        self._keep((tenant, with_tags), catalogue, kept)
        return kept

    def _keep(self, key: tuple[str, bool], catalogue: int, kept: dict[str, Offer | None]) -> None:
        """Keep the newest; where there are too many, those used least lately go, or all of this one."""
        known = self._kept.get(key)
        if known is not None and known[0] > catalogue:
            return
        self._kept[key] = (catalogue, kept if len(kept) <= self._most else dict[str, Offer | None]())
        self._kept.move_to_end(key)
        while sum(len(products) for _, products in self._kept.values()) > self._most:
            self._kept.popitem(last=False)


def _offers(row: Row) -> dict[str, Offer]:
    columns = (row[name] for name in ("ids", "titles", "brands", "categories", "prices", "availabilities", "tags"))
    return {
        id_: Offer(
            id=id_,
            title=title,
            brand=brand or None,
            category=category or None,
            price=price if price >= 0 else None,
            tags=frozenset(tags),
            offered=availability in _OFFERED,
        )
        for id_, title, brand, category, price, availability, tags in zip(*columns, strict=True)
    }
