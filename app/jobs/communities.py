"""Finds the taste communities of a run, carries their ids on, names them and says what they like."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np
from scipy.sparse import csr_array

from app.domain.communities import Structure
from app.graph.database import Row
from app.jobs.edges import write_edges
from app.jobs.leiden import Grain, find_grained_partition, projected
from app.jobs.lineage import former_of, keep_last_numbers, read_last_numbers
from app.jobs.microgenres import Genres
from app.jobs.run import Run
from app.taste.communities import Members, find_favours, find_members, link_products
from app.taste.lineage import Lineage, trace
from app.taste.matching import Matches, match
from app.taste.naming import CommunityLabel, find_apart, name_communities
from app.taste.portraits import measure_structures
from app.taste.sensitive import is_sensitive
from app.taste.speech import spoken
from app.taste.values import Edges, Ints, Likes, Matrix

TYPICAL_PRODUCTS = 20
"""Products that the median community has at least where parting is finer than plain modularity."""
MOST_MATCHES = 200
"""Microgenres, and brands, that a community is compared with: the best supported ones."""
_ROWS = 5_000

REMOVALS = ("communities/remove_edges", "communities/remove_communities", "microgenres/remove_genres")
"""Statements that remove what earlier runs derived, in this order; they take ``tenant`` and ``keep``."""


@dataclass(frozen=True, slots=True)
class CommunityReport:
    """What was found."""

    communities: int
    told: int
    """Communities of enough members to be named and told of."""
    belonging: int
    """Identities that belong to any."""
    memberships: int
    carried: int
    """Communities whose id is of an earlier run."""
    born: int
    died: int
    favours: int
    matches: int


@dataclass(frozen=True)
class _Brands:
    names: tuple[str, ...]
    ids: tuple[str, ...]
    made: Matrix
    """Which product is of which brand, shape (products, brands)."""


async def write_communities(run: Run, likes: Likes, similar: Edges, genres: Genres) -> CommunityReport:
    """Write TasteCommunity nodes of the run, who is in them, what they favour and match, and what became of the old.

    None when no two products are similar. Ids are carried on from the active run.
    """
    with run.progress.step("Finding communities"):
        former = await run.db.run_long("communities/read_former", tenant=run.tenant)
        home, resolution = await find_homes(run, likes, similar, former)
        members = find_members(likes, home)
        count = len(members.usual)
        sizes = np.bincount(members.edges.target, minlength=count)
        last_number, _ = await read_last_numbers(run)
        lineage = trace(
            former_of(former, likes.products, last_number),
            home,
            1.0 + likes.likers.astype(np.float64),
            sizes.tolist(),
            "c",
        )
        await keep_last_numbers(run, community=lineage.last_number)
        brands = await _read_brands(run, likes.products)
        told = sizes >= run.settings.k_look
        labels = _name(likes, home, genres, brands, told)
    structures = measure_structures(similar, home, count)
    rows = _rows(lineage, labels, members, structures, told, resolution)
    await run.db.run_long("communities/write_communities", tenant=run.tenant, run=run.id, rows=rows)
    await _write_lineage(run, lineage)
    favours = find_favours(
        likes, members.edges, count, gamma=run.settings.community_gamma, most=run.settings.favours_per_community
    )
    with run.progress.step("Writing communities", total=len(members.edges) + len(favours), unit="edges") as step:
        housed = np.flatnonzero(home >= 0)
        homes = Edges(housed, home[housed], np.ones(len(housed)))
        await write_edges(run, "communities/write_homes", homes, likes.products, lineage.ids, step)
        await write_edges(run, "communities/write_members", members.edges, likes.identities, lineage.ids, step)
        await write_edges(run, "communities/write_favours", favours, lineage.ids, likes.products, step)
    matches = await _write_matches(run, likes, members, genres, brands, lineage.ids)
    carried = {row["id"] for row in former} & set(lineage.ids)
    return CommunityReport(
        communities=count,
        told=int(told.sum()),
        belonging=len(np.unique(members.edges.source)),
        memberships=len(members.edges),
        carried=len(carried),
        born=len(lineage.born),
        died=len(lineage.died),
        favours=len(favours),
        matches=matches,
    )


async def find_homes(run: Run, likes: Likes, similar: Edges, former: Sequence[Row] = ()) -> tuple[Ints, float]:
    """The community of each product, -1 for none, and the resolution at which they were found.

    ``former`` are rows of communities/read_former, to stay near them.
    """
    before = former_of(former, likes.products, 0).parts
    grain = Grain(run.settings.communities, TYPICAL_PRODUCTS)
    resolution = former[0]["resolution"] if former else None
    async with projected(run, link_products(similar, likes.likers), len(likes.products)) as graph:
        found = await find_grained_partition(graph, before, grain, resolution)
    return found.parts, found.resolution


def _rows(
    lineage: Lineage,
    labels: Sequence[CommunityLabel],
    members: Members,
    structures: Sequence[Structure],
    told: np.ndarray,
    resolution: float,
) -> list[dict[str, object]]:
    sizes = np.bincount(members.edges.target, minlength=len(lineage.ids)).tolist()
    return [
        {
            "id": id_,
            "label": labels[place].name,
            "terms": list(labels[place].terms),
            "size": sizes[place],
            "structure": asdict(structures[place]),
            "usual_share": float(members.usual[place]),
            "resolution": resolution,
            "too_few": not told[place],
            "born": id_ in lineage.born,
        }
        for place, id_ in enumerate(lineage.ids)
    ]


async def _write_lineage(run: Run, lineage: Lineage) -> None:
    rows = [{"old": one.old, "new": one.new, "event": one.event, "overlap": one.overlap} for one in lineage.evolutions]
    await run.db.run_long("communities/write_evolution", tenant=run.tenant, run=run.id, rows=rows)
    await run.db.run_long("communities/mark_died", tenant=run.tenant, run=run.id, died=sorted(lineage.died))


async def _read_brands(run: Run, products: Sequence[str]) -> _Brands:
    rows = await run.db.run_long("communities/read_brands", tenant=run.tenant)
    names = {row["brand"]: row["name"] for row in rows}
    ids = tuple(sorted(names))
    places = {product: place for place, product in enumerate(products)}
    numbers = {id_: number for number, id_ in enumerate(ids)}
    pairs = [(places[row["product"]], numbers[row["brand"]]) for row in rows if row["product"] in places]
    cells = np.asarray(pairs, dtype=np.int64).reshape(-1, 2)
    made = csr_array((np.ones(len(cells)), (cells[:, 0], cells[:, 1])), shape=(len(products), len(ids)))
    return _Brands(tuple(names[id_] for id_ in ids), ids, made)


def _name(likes: Likes, home: Ints, genres: Genres, brands: _Brands, told: np.ndarray) -> list[CommunityLabel]:
    """Labels by what is liked of the products at home; none for a community that is not told of."""
    housed = home >= 0
    liked = csr_array((likes.likers[housed].astype(float), (home[housed], np.flatnonzero(housed))),
                      shape=(len(told), len(home)))  # fmt: skip
    joined = genres.joined.matrix(len(home), len(genres.ids))
    worn = genres.tags.edges.matrix(len(home), len(genres.tags.names))
    shown = ["" if hidden else label for label, hidden in zip(genres.labels, genres.sensitive, strict=True)]
    said = ["" if is_sensitive(name) else spoken(name) for name in genres.tags.names]
    labels = name_communities(
        [find_apart((liked @ kind).toarray()) for kind in (joined, worn, brands.made)],
        [shown, said, brands.names],
    )
    nothing = CommunityLabel(None, ())
    return [label if enough else nothing for label, enough in zip(labels, told.tolist(), strict=True)]


async def _write_matches(
    run: Run, likes: Likes, members: Members, genres: Genres, brands: _Brands, ids: Sequence[str]
) -> int:
    """Write MATCHES to microgenres, but for those that communities are not described by, and to brands."""
    written = 0
    hidden = np.asarray(genres.sensitive, dtype=bool)
    joined = genres.joined.matrix(len(likes.products), len(genres.ids))
    for column, targets, kinds in (("genre", genres.ids, joined), ("brand", brands.ids, brands.made)):
        found = match(likes, members.edges, kinds, len(ids), least=run.settings.k_look, most=MOST_MATCHES)
        rows = [
            row for row in _match_rows(found, column, ids, targets) if column == "brand" or not hidden[row["place"]]
        ]
        for start in range(0, len(rows), _ROWS):
            chunk = rows[start : start + _ROWS]
            await run.db.run_long("communities/write_matches", tenant=run.tenant, run=run.id, rows=chunk)
        written += len(rows)
    return written


def _match_rows(found: Matches, column: str, ids: Sequence[str], targets: Sequence[str]) -> list[Row]:
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
