"""Draw the portraits of a run's communities: numbers on their nodes, and what they buy of which brand."""

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import astuple, dataclass, fields
from datetime import timedelta
from functools import cached_property

import numpy as np
from scipy.sparse import csr_array

from app.domain.communities import WINDOW_DAYS, Portrait
from app.domain.disclosure import Measured
from app.graph.database import Row
from app.jobs.run import Run
from app.taste.alive import measure_alive
from app.taste.facets import Aspect, Buyers, choose_aspects, count_buyers, group_lines
from app.taste.niches import Expected, expect_buyers
from app.taste.portraits import Deeds, draw_portrait
from app.taste.values import Edges, Ints, Matrix

MOST_BRANDS = 500
"""Brands a community is said to buy, the most bought ones."""
MOST_ASPECTS = 10
"""Products, tags and microgenres of a brand that are kept for a community, of each kind."""
MOST_NEIGHBOURS = 10
_ROWS = 500
_DAY_MS = 86_400_000
_COUNTS = ("purchases", "recent", "earlier", "priced_lines", "deal_lines")


@dataclass(frozen=True, slots=True)
class PortraitReport:
    """What was drawn."""

    portraits: int
    buys: int
    """BUYS edges."""


@dataclass(frozen=True)
class People:
    """Those that a run learns from and that belong anywhere."""

    ids: tuple[str, ...]
    """Sorted."""
    communities: tuple[str, ...]
    """Sorted."""
    members: Matrix
    """Strengths, of shape (people, communities)."""

    @cached_property
    def place(self) -> dict[str, int]:
        """Position by id."""
        return {id_: place for place, id_ in enumerate(self.ids)}


@dataclass(frozen=True)
class Shelves:
    """What products are, in positions."""

    products: tuple[str, ...]
    brands: tuple[str, ...]
    brand_of: Ints
    """-1: none."""
    tags: tuple[str, ...]
    tagged: Edges
    genres: tuple[str, ...]
    in_genre: Edges


async def write_portraits(run: Run) -> PortraitReport:
    """Measure every community of the run and what it buys; needs its memberships and microgenres.

    Only identities that the run learned from are counted. Nothing is written of groups that no setting would tell of.
    """
    with run.progress.step("Drawing portraits of communities"):
        people = await _read_people(run)
        if not people.communities:
            return PortraitReport(0, 0)
        shelves = await _read_shelves(run)
        bought, again = await _read_bought(run, people, shelves)
        deeds = await _read_deeds(run, people, bought, again)
        await _write_deeds(run, people, deeds)
        await _write_numbers(run, people, deeds)
        await _write_overlaps(run, people)
        buys = list(_buys(run, people, shelves, bought))
        for at in range(0, len(buys), _ROWS):
            await run.db.run_long("portraits/write_buys", tenant=run.tenant, run=run.id, rows=buys[at : at + _ROWS])
    return PortraitReport(len(people.communities), len(buys))


async def remove_portraits(run: Run, keep: Sequence[str]) -> None:
    """Remove what all runs but ``keep`` say of brands and overlaps; the numbers on its communities stay."""
    await run.db.run_long("portraits/remove_portraits", tenant=run.tenant, keep=list(keep))


async def _read_people(run: Run) -> People:
    rows = await run.db.run_long("portraits/read_members", tenant=run.tenant, run=run.id)
    communities = tuple(sorted({community for row in rows for community in row["communities"]}))
    place = {community: at for at, community in enumerate(communities)}
    source = [at for at, row in enumerate(rows) for _ in row["communities"]]
    target = [place[community] for row in rows for community in row["communities"]]
    strengths = [strength for row in rows for strength in row["strengths"]]
    return People(
        tuple(row["identity_id"] for row in rows),
        communities,
        _matrix(source, target, strengths, len(rows), len(communities)),
    )


async def _read_shelves(run: Run) -> Shelves:
    rows = await run.db.run_long("portraits/read_shelves", tenant=run.tenant, run=run.id)
    brands = tuple(sorted({row["brand_id"] for row in rows if row["brand_id"] is not None}))
    place = {brand: at for at, brand in enumerate(brands)}
    tags, tagged = _worn(rows, "tag_ids")
    genres, in_genre = _worn(rows, "genre_ids")
    brand_of = np.array([place.get(row["brand_id"], -1) for row in rows], dtype=np.int64)
    return Shelves(tuple(row["product_id"] for row in rows), brands, brand_of, tags, tagged, genres, in_genre)


def _worn(rows: Sequence[Row], column: str) -> tuple[tuple[str, ...], Edges]:
    """What products wear, by id, and edges from product to it."""
    ids = tuple(sorted({id_ for row in rows for id_ in row[column]}))
    place = {id_: at for at, id_ in enumerate(ids)}
    source = np.array([at for at, row in enumerate(rows) for _ in row[column]], dtype=np.int64)
    target = np.array([place[id_] for row in rows for id_ in row[column]], dtype=np.int64)
    return ids, Edges(source, target, np.ones(len(source)))


async def _read_bought(run: Run, people: People, shelves: Shelves) -> tuple[Matrix, Ints]:
    """Who bought which product, of shape (people, products), and how many products each bought again."""
    rows = await run.db.run_long("portraits/read_purchases", tenant=run.tenant, run=run.id)
    shelf = {product: at for at, product in enumerate(shelves.products)}
    again = np.zeros(len(people.ids), dtype=np.int64)
    source: list[int] = []
    target: list[int] = []
    for row in rows:
        who = people.place.get(row["identity_id"])
        if who is not None:
            again[who] = row["again"]
            target += [shelf[product] for product in row["product_ids"] if product in shelf]
            source += [who] * (len(target) - len(source))
    return _matrix(source, target, [1.0] * len(source), len(people.ids), len(shelves.products)), again


async def _read_deeds(run: Run, people: People, bought: Matrix, again: Ints) -> Deeds:
    now_ms = round(run.now.timestamp() * 1000)
    window_ms = round(timedelta(days=WINDOW_DAYS).total_seconds() * 1000)
    rows = await run.db.run_long(
        "portraits/read_deeds",
        tenant=run.tenant,
        run=run.id,
        recent_ms=now_ms - window_ms,
        earlier_ms=now_ms - 2 * window_ms,
    )
    currencies = Counter(row["currency"] for row in rows if row["currency"] is not None)
    currency = min(currencies, key=lambda code: (-currencies[code], code)) if currencies else None
    count = len(people.ids)
    counts = {name: np.zeros(count, dtype=np.int64) for name in _COUNTS}
    money = {name: np.full(count, math.nan) for name in ("spend", "full_price_spend")}
    last_ms = np.full(count, math.nan)
    days: list[set[int]] = [set() for _ in people.ids]
    for row in rows:
        if (who := people.place.get(row["identity_id"])) is None:
            continue
        days[who].update(row["days"])
        for name, column in counts.items():
            column[who] += row[name]
        last_ms[who] = np.fmax(last_ms[who], row["last_ms"])
        if row["currency"] == currency and row["priced_lines"]:
            for name, column in money.items():
                column[who] = row[name]
    return Deeds(
        **counts,
        **money,
        days_since_last=(now_ms - last_ms) / _DAY_MS,
        products=np.diff(bought.indptr).astype(np.int64),
        again=again,
        alive=measure_alive(days),
        currency=currency,
    )


async def _write_deeds(run: Run, people: People, deeds: Deeds) -> None:
    """Put what orders the members of a community on LEARNED_FROM of each."""
    columns = zip(people.ids, deeds.purchases.tolist(), deeds.spend.tolist(), strict=True)
    rows = [
        {"identity": id_, "purchases": purchases, "spend": None if math.isnan(spend) else spend}
        for id_, purchases, spend in columns
    ]
    for at in range(0, len(rows), _ROWS):
        await run.db.run_long("portraits/write_deeds", tenant=run.tenant, run=run.id, rows=rows[at : at + _ROWS])


async def _write_numbers(run: Run, people: People, deeds: Deeds) -> None:
    """Put the portrait of each community on its node."""
    columns = people.members.tocsc()
    written: list[dict[str, object]] = []
    for place, community in enumerate(people.communities):
        span = slice(columns.indptr[place], columns.indptr[place + 1])
        portrait = draw_portrait(deeds, columns.indices[span].astype(np.int64), columns.data[span])
        written.append({"community": community, "properties": _properties(portrait)})
    await run.db.run_long("portraits/write_portraits", tenant=run.tenant, run=run.id, rows=written)


def _properties(portrait: Portrait) -> dict[str, object]:
    """Numbers as a node can hold them; a measured one is the list [value, low, high, n]."""
    values = {one.name: getattr(portrait, one.name) for one in fields(portrait)}
    return {name: list(astuple(one)) if isinstance(one, Measured) else one for name, one in values.items()}


async def _write_overlaps(run: Run, people: People) -> None:
    """Name the communities that share most members with each."""
    shared = count_buyers(people.members, people.members, csr_array(np.eye(len(people.communities)))).by_community
    np.fill_diagonal(shared, 0)
    rows: list[dict[str, object]] = []
    for place, community in enumerate(people.communities):
        for other in np.argsort(-shared[place], kind="stable")[:MOST_NEIGHBOURS]:
            if shared[place, other] >= run.settings.k_look:
                members = int(shared[place, other])
                rows.append({"from": community, "to": people.communities[other], "members": members})
    await run.db.run_long("portraits/write_overlaps", tenant=run.tenant, run=run.id, rows=rows)


def _buys(run: Run, people: People, shelves: Shelves, bought: Matrix) -> Iterator[dict[str, object]]:
    """What each community buys of which brand, or could be expected to, where either is worth telling."""
    products, least = len(shelves.products), run.settings.k_look
    branded = np.flatnonzero(shelves.brand_of >= 0)
    brands = _matrix(branded, shelves.brand_of[branded], np.ones(len(branded)), products, len(shelves.brands))
    itself = Edges(np.arange(products), np.arange(products), np.ones(products))
    kinds = {"product": itself, "tag": shelves.tagged, "genre": shelves.in_genre}
    names = {"product": shelves.products, "tag": shelves.tags, "genre": shelves.genres}
    lines = {kind: group_lines(shelves.brand_of, worn) for kind, worn in kinds.items()}
    counted = {kind: count_buyers(people.members, bought, one.groups) for kind, one in lines.items()}
    genres = shelves.in_genre.matrix(products, len(shelves.genres))
    expected = expect_buyers(people.members, bought, genres, lines["genre"], brands)
    of_brand = count_buyers(people.members, bought, brands)
    for place, brand in _worth_telling(of_brand, expected, least):
        properties: dict[str, object] = _numbers_of(of_brand, expected, place, brand)
        for kind, names_of in names.items():
            chosen = choose_aspects(counted[kind], lines[kind], place, brand, of_brand, least, MOST_ASPECTS)
            properties |= _listed(kind, chosen, names_of)
        yield {"community": people.communities[place], "brand_id": shelves.brands[brand], "properties": properties}


def _worth_telling(of_brand: Buyers, expected: Expected, least: int) -> Iterator[tuple[int, int]]:
    most = np.maximum(of_brand.by_community, expected.buyers)
    most[:, of_brand.overall < least] = 0
    for place in range(len(most)):
        best = np.argsort(-most[place], kind="stable")[:MOST_BRANDS]
        yield from ((place, int(brand)) for brand in best if most[place, brand] >= least)


def _numbers_of(of_brand: Buyers, expected: Expected, place: int, brand: int) -> dict[str, object]:
    return {
        "buyers": int(of_brand.by_community[place, brand]),
        "overall": int(of_brand.overall[brand]),
        "expected": float(expected.buyers[place, brand]),
        "spread": float(expected.spread[place, brand]),
    }


def _listed(kind: str, chosen: Sequence[Aspect], names: Sequence[str]) -> dict[str, object]:
    """As three lists of one length."""
    return {
        f"{kind}_ids": [names[one.other] for one in chosen],
        f"{kind}_buyers": [one.buyers for one in chosen],
        f"{kind}_overall": [one.overall for one in chosen],
    }


def _matrix(source: object, target: object, weight: object, rows: int, columns: int) -> Matrix:
    places = (np.asarray(source, dtype=np.int64), np.asarray(target, dtype=np.int64))
    return csr_array((np.asarray(weight, dtype=np.float64), places), shape=(rows, columns))
