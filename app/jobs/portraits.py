"""Publish the portraits of a run's communities: figures on their nodes, and what they buy of which brand."""

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

import numpy as np
from scipy.sparse import csr_array

from app.domain.communities import WINDOW_DAYS
from app.domain.disclosure import Disclosure
from app.graph.communities import list_of, properties_of
from app.graph.database import Row
from app.jobs.people import People
from app.jobs.run import Run
from app.taste.alive import measure_alive
from app.taste.buyers import Till
from app.taste.facets import Aspect, Buyers, choose_aspects, group_lines
from app.taste.figures import share
from app.taste.niches import Expected, expect_buyers
from app.taste.noise import REACH, Counts, Noise, published_count
from app.taste.portraits import Deeds, draw_portrait, find_caps
from app.taste.publisher import Publisher
from app.taste.susceptible import Susceptible
from app.taste.values import Edges, Floats, Ints, Matrix

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
    sizes: Floats
    """Published members of each community, in order of their ids; 0 where they are not published."""


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


async def write_portraits(
    run: Run, noise: Noise, people: People, susceptible: Susceptible | None = None
) -> PortraitReport:
    """Publish every community of the run and what it buys; needs its memberships and microgenres.

    Nothing exact is written: noise lies on all counts and sums before a number leaves the memory of this job.
    """
    with run.progress.step("Drawing portraits of communities"):
        if not people.communities:
            return PortraitReport(0, 0, np.empty(0))
        shelves = await _read_shelves(run)
        bought, again = await _read_bought(run, people, shelves)
        deeds = await _read_deeds(run, people, bought, again)
        publisher = Publisher(noise, Disclosure(run.settings.k_look))
        sizes = await _write_numbers(run, publisher, people, deeds, susceptible)
        await _write_overlaps(run, publisher, people, sizes)
        buys = list(_buys(publisher, people, shelves, bought, sizes))
        for at in range(0, len(buys), _ROWS):
            await run.db.run_long("portraits/write_buys", tenant=run.tenant, run=run.id, rows=buys[at : at + _ROWS])
    return PortraitReport(len(people.communities), len(buys), sizes)


async def write_deeds(run: Run, people: People) -> None:
    """Put what orders the members of a community on LEARNED_FROM of each, in every run; of whoever belongs anywhere."""
    with run.progress.step("Ordering members of communities"):
        bought, again = await _read_bought(run, people, await _read_shelves(run))
        await _write_deeds(run, people, await _read_deeds(run, people, bought, again))


async def remove_portraits(run: Run) -> None:
    """Remove what every run but the one whose figures stand says of brands, overlaps and matches."""
    await run.db.run_long("portraits/remove_portraits", tenant=run.tenant)


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
    columns = zip(people.ids, deeds.purchases.tolist(), deeds.spend.tolist(), strict=True)
    rows = [
        {"identity": id_, "purchases": purchases, "spend": None if math.isnan(spend) else spend}
        for id_, purchases, spend in columns
    ]
    for at in range(0, len(rows), _ROWS):
        await run.db.run_long("portraits/write_deeds", tenant=run.tenant, run=run.id, rows=rows[at : at + _ROWS])


async def _write_numbers(
    run: Run, publisher: Publisher, people: People, deeds: Deeds, susceptible: Susceptible | None
) -> Floats:
    """Publish the portrait of each community on its node; the published sizes, 0 where they are not published."""
    columns = people.members.tocsc()
    caps = find_caps(publisher, deeds)
    written: list[dict[str, object]] = []
    sizes = np.zeros(len(people.communities))
    for place, community in enumerate(people.communities):
        span = slice(columns.indptr[place], columns.indptr[place + 1])
        members = columns.indices[span].astype(np.int64)
        portrait = draw_portrait(publisher, caps, deeds, members, columns.data[span], community)
        if portrait.size is not None and susceptible is not None:
            more = susceptible.figures_of(publisher, members, place, portrait.size, community)
            portrait = replace(portrait, figures={**portrait.figures, **more})
        sizes[place] = portrait.size or 0
        written.append({"community": community, "properties": properties_of(portrait)})
    await run.db.run_long("portraits/write_portraits", tenant=run.tenant, run=run.id, rows=written)
    return sizes


async def _write_overlaps(run: Run, publisher: Publisher, people: People, sizes: Floats) -> None:
    """Publish the communities that share most members with each."""
    names = publisher.noise.names(people.communities)
    one_way = publisher.noise.table(people.members, people.members, names, names).value
    both = np.triu(one_way, 1) + np.triu(one_way, 1).T
    shared = Counts(both, np.ones(len(sizes))).within(sizes[:, None]).within(sizes[None, :])
    rows: list[dict[str, object]] = []
    for place, community in enumerate(people.communities):
        best: list[int] = np.argsort(-shared.value[place], kind="stable")[:MOST_NEIGHBOURS].tolist()
        for other in best:
            members = shared[place, other]
            part = share(publisher.rule, members, published_count(float(sizes[place])))
            if part.value is not None and sizes[other]:
                to = people.communities[other]
                rows.append({"from": community, "to": to, "members": members.people, "shared": list_of(part)})
    await run.db.run_long("portraits/write_overlaps", tenant=run.tenant, run=run.id, rows=rows)


def _buys(
    publisher: Publisher, people: People, shelves: Shelves, bought: Matrix, sizes: Floats
) -> Iterator[dict[str, object]]:
    """What each community buys of which brand, or could be expected to, where either is worth publishing."""
    products, least = len(shelves.products), publisher.rule.k + REACH
    branded = np.flatnonzero(shelves.brand_of >= 0)
    brands = _matrix(branded, shelves.brand_of[branded], np.ones(len(branded)), products, len(shelves.brands))
    itself = Edges(np.arange(products), np.arange(products), np.ones(products))
    kinds = {"product": itself, "tag": shelves.tagged, "genre": shelves.in_genre}
    names = {"product": shelves.products, "tag": shelves.tags, "genre": shelves.genres}
    lines = {kind: group_lines(shelves.brand_of, worn) for kind, worn in kinds.items()}
    till = Till(publisher.noise, people.members, people.communities, bought, sizes)
    of_brand = till.count(brands, [f"brand {id_}" for id_ in shelves.brands])
    counted = {kind: till.count_lines(lines[kind], kind, names[kind], shelves.brands, of_brand) for kind in kinds}
    genres = shelves.in_genre.matrix(products, len(shelves.genres))
    expected = till.expect(expect_buyers(people.members, bought, genres, lines["genre"], brands), shelves.brands)
    for place, brand in _worth_publishing(of_brand, expected, sizes, least):
        properties: dict[str, object] = _numbers_of(of_brand, expected, place, brand, till.people.people)
        for kind, names_of in names.items():
            chosen = choose_aspects(counted[kind], lines[kind], place, brand, of_brand, least, MOST_ASPECTS)
            properties |= _listed(kind, chosen, names_of)
        yield {"community": people.communities[place], "brand_id": shelves.brands[brand], "properties": properties}


def _worth_publishing(of_brand: Buyers, expected: Expected, sizes: Floats, least: int) -> Iterator[tuple[int, int]]:
    most = np.maximum(of_brand.by_community, expected.buyers)
    most[:, of_brand.overall < least] = 0
    most[sizes < least] = 0
    for place in range(len(most)):
        best = np.argsort(-most[place], kind="stable")[:MOST_BRANDS]
        yield from ((place, int(brand)) for brand in best if most[place, brand] >= least)


def _numbers_of(of_brand: Buyers, expected: Expected, place: int, brand: int, people: int) -> dict[str, object]:
    return {
        "people": people,
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
