"""Publishes which microgenres and brands a run's communities like more than everybody does."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array

from app.domain.disclosure import Disclosure
from app.graph.database import Row
from app.jobs.microgenres import Genres
from app.jobs.people import People
from app.jobs.run import Run
from app.taste.matching import Kinds, Matches, match
from app.taste.noise import Noise
from app.taste.values import Floats, Likes, Matrix

MOST_MATCHES = 200
"""Microgenres, and brands, that a community is compared with: the best supported ones."""
_ROWS = 5_000


@dataclass(frozen=True)
class Brands:
    """Who makes the products that anybody likes."""

    names: tuple[str, ...]
    ids: tuple[str, ...]
    made: Matrix
    """Which product is of which brand, shape (products, brands)."""


async def write_matches(run: Run, noise: Noise, people: People, sizes: Floats, likes: Likes, genres: Genres) -> int:
    """Write MATCHES to microgenres, but for those that communities are not described by, and to brands; how many.

    ``sizes`` are the published numbers of members, in order of the communities.
    """
    with run.progress.step("Comparing communities with everybody"):
        brands = await read_brands(run, likes.products)
        places = {identity: place for place, identity in enumerate(likes.identities)}
        known = [places[identity] for identity in people.ids]
        liked = csr_array(
            (np.ones(len(likes.edges)), (likes.edges.source, likes.edges.target)), shape=likes.matrix.shape
        )[known]
        busy: Floats = np.asarray(liked.sum(axis=1)).ravel()
        hidden = np.asarray(genres.sensitive, dtype=bool)
        joined = genres.joined.matrix(len(likes.products), len(genres.ids))
        written = 0
        rule, names = Disclosure(run.settings.k_look), noise.names(people.communities)
        for column, targets, made in (("genre", genres.ids, joined), ("brand", brands.ids, brands.made)):
            kinds = Kinds(csr_array(liked @ made), busy, noise.names([f"{column} {id_}" for id_ in targets]))
            found = match(noise, rule, people.members, names, kinds, sizes, most=MOST_MATCHES)
            rows = _rows(found, column, people.communities, targets)
            written += await _write(run, [row for row in rows if column == "brand" or not hidden[row["place"]]])
    return written


async def _write(run: Run, rows: Sequence[Row]) -> int:
    for start in range(0, len(rows), _ROWS):
        chunk = rows[start : start + _ROWS]
        await run.db.run_long("communities/write_matches", tenant=run.tenant, run=run.id, rows=chunk)
    return len(rows)


async def read_brands(run: Run, products: Sequence[str]) -> Brands:
    """Read who makes the products, in the order of ``products``."""
    rows = await run.db.run_long("communities/read_brands", tenant=run.tenant)
    names = {row["brand"]: row["name"] for row in rows}
    ids = tuple(sorted(names))
    places = {product: place for place, product in enumerate(products)}
    numbers = {id_: number for number, id_ in enumerate(ids)}
    pairs = [(places[row["product"]], numbers[row["brand"]]) for row in rows if row["product"] in places]
    cells = np.asarray(pairs, dtype=np.int64).reshape(-1, 2)
    made = csr_array((np.ones(len(cells)), (cells[:, 0], cells[:, 1])), shape=(len(products), len(ids)))
    return Brands(tuple(names[id_] for id_ in ids), ids, made)


def _rows(found: Matches, column: str, ids: Sequence[str], targets: Sequence[str]) -> list[Row]:
    columns = (found.community, found.kind, found.lift, found.low, found.high, found.support)
    return [
        {
            "community": ids[community],
            "genre": None,
            "brand": None,
            column: targets[kind],
            "place": kind,
            "lift": lift,
            "low": low,
            "high": high,
            "support": support,
        }
        for community, kind, lift, low, high, support in zip(*(one.tolist() for one in columns), strict=True)
    ]
