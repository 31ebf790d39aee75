"""Finds the taste communities of a run, carries their ids on and names them."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

import numpy as np
from scipy.sparse import csr_array

from app.domain.communities import Structure
from app.domain.disclosure import Disclosure
from app.graph.database import Row
from app.jobs.edges import write_edges
from app.jobs.graph_science import projected
from app.jobs.leiden import Grain, find_grained_partition
from app.jobs.lineage import former_of, keep_last_numbers, read_last_numbers
from app.jobs.matches import Brands, read_brands
from app.jobs.microgenres import Genres
from app.jobs.run import Run
from app.jobs.week import noise_of
from app.taste.communities import Members, find_favours, find_members, link_products
from app.taste.lineage import Lineage, trace
from app.taste.naming import CommunityLabel, find_apart, name_communities
from app.taste.portraits import measure_structures
from app.taste.sensitive import is_sensitive
from app.taste.speech import spoken
from app.taste.values import Edges, Ints, Likes

TYPICAL_PRODUCTS = 20
"""Products that the median community has at least where parting is finer than plain modularity."""

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


async def write_communities(run: Run, likes: Likes, similar: Edges, genres: Genres) -> CommunityReport:
    """Write TasteCommunity nodes of the run, who is in them, what they favour, and what became of the old.

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
        brands = await read_brands(run, likes.products)
        told = await _may_be_named(run, likes, members, lineage.ids)
        labels = _name(likes, home, genres, brands, told)
    structures = measure_structures(similar, home, count)
    rows = _rows(lineage, labels, members, structures, told, resolution)
    await run.db.run_long("communities/write_communities", tenant=run.tenant, run=run.id, rows=rows)
    places: list[int] = home.tolist()
    homes = {product: lineage.ids[at] for product, at in zip(likes.products, places, strict=True) if at >= 0}
    await _write_lineage(run, lineage, former, homes)
    favours = find_favours(
        likes, members.edges, count, gamma=run.settings.community_gamma, most=run.settings.favours_per_community
    )
    with run.progress.step("Writing communities", total=len(members.edges) + len(favours), unit="edges") as step:
        housed = np.flatnonzero(home >= 0)
        homes = Edges(housed, home[housed], np.ones(len(housed)))
        await write_edges(run, "communities/write_homes", homes, likes.products, lineage.ids, step)
        await write_edges(run, "communities/write_members", members.edges, likes.identities, lineage.ids, step)
        await write_edges(run, "communities/write_favours", favours, lineage.ids, likes.products, step)
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


async def _may_be_named(run: Run, likes: Likes, members: Members, ids: Sequence[str]) -> np.ndarray:
    """Which communities k and more belong to, as far as noise lets it be said, of those who count in figures."""
    rows = await run.db.run_long("refresh/read_counting", tenant=run.tenant, run=run.id)
    counting = {row["identity_id"] for row in rows}
    noise, rule = noise_of(run, likes.identities), Disclosure(run.settings.k_look)
    counts = np.array([identity in counting for identity in likes.identities], dtype=bool)[members.edges.source]
    who, where = members.edges.source[counts], members.edges.target[counts]
    sizes = [noise.count(who[where == place], id_) for place, id_ in enumerate(ids)]
    return np.array([not rule.is_too_few(size) for size in sizes], dtype=bool)


async def _write_lineage(run: Run, lineage: Lineage, former: Sequence[Row], homes: Mapping[str, str]) -> None:
    """Say what came of what; ``homes`` is the community of each product."""
    before = {row["id"]: {*row["product_ids"]} for row in former}
    now: dict[str, set[str]] = defaultdict(set)
    for product, community in homes.items():
        now[community].add(product)
    rows = [
        {
            "old": one.old,
            "new": one.new,
            "event": one.event,
            "overlap": len(before[one.old] & now[one.new]) / max(1, len(before[one.old] | now[one.new])),
            "products": len(before[one.old] | now[one.new]),
        }
        for one in lineage.evolutions
    ]
    await run.db.run_long("communities/write_evolution", tenant=run.tenant, run=run.id, rows=rows)
    await run.db.run_long("communities/mark_died", tenant=run.tenant, run=run.id, died=sorted(lineage.died))


def _name(likes: Likes, home: Ints, genres: Genres, brands: Brands, told: np.ndarray) -> list[CommunityLabel]:
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
