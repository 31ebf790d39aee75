"""Finds the microgenres of a run, names them and puts products into them."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from app.graph.database import Row
from app.jobs.edges import write_edges
from app.jobs.graph_science import projected
from app.jobs.leiden import Grain, find_grained_partition, part
from app.jobs.lineage import former_of, keep_last_numbers, read_last_numbers
from app.jobs.run import Run
from app.taste.communities import link_products
from app.taste.lineage import trace
from app.taste.microgenres import (
    around,
    first_genres,
    join_by_likes,
    join_by_tags,
    liked_together,
    link_tags,
    without_small,
)
from app.taste.naming import GenreLabel, name_genres
from app.taste.tags import CleanTags, clean_tags
from app.taste.values import Edges, Ints, Likes, Matrix, Tagging

MIN_TAGGED = 0.2
"""Share of the liked products that must wear clean tags for genres to be found by tags."""
MIN_PRODUCTS = 3
"""Products of a microgenre that was found by tags."""
FAMILIES = 1.0
"""Resolution of the coarse groups of microgenres."""


@dataclass(frozen=True)
class Genres:
    """The microgenres of a run."""

    ids: tuple[str, ...]
    labels: tuple[str, ...]
    """What they are called: the name that somebody gave, or the one that was found."""
    sensitive: tuple[bool, ...]
    """Which of them communities are not described by."""
    joined: Edges
    """From product to microgenre, by the products of the likes; sorted."""
    tags: CleanTags
    near: Matrix
    """Each product's neighbours."""


@dataclass(frozen=True)
class _Found:
    """Microgenres before they have ids."""

    joined: Edges
    count: int
    resolution: float
    tag_parts: Ints
    """The microgenre of each clean tag; -1 for none, and everywhere where products were parted."""
    families: list[int]
    """The coarse group of each microgenre: tags parted once more, at plain modularity; 0 where there are no tags."""


async def write_microgenres(run: Run, likes: Likes, tagging: Tagging, similar: Edges) -> Genres:
    """Write MicroGenre nodes and IN_GENRE edges of the run; none when no product is tagged or similar to another.

    Ids are carried on from the active run by the products that two genres share. A name that somebody gave stays.
    """
    with run.progress.step("Finding microgenres"):
        known = {row["id"]: row for row in await run.db.run_long("microgenres/read_tags", tenant=run.tenant)}
        former = await run.db.run_long("microgenres/read_former", tenant=run.tenant)
        tags = clean_tags(tagging, {id_: (row["name"], row["facet"]) for id_, row in known.items()})
        near = around(similar, len(likes.products))
        found = await _find(run, likes, tags, similar, near, former)
    firsts = first_genres(found.joined, len(likes.products))
    sizes = np.bincount(firsts[firsts >= 0], minlength=found.count).tolist()
    _, last_number = await read_last_numbers(run)
    lineage = trace(
        former_of(former, likes.products, last_number), firsts, 1.0 + likes.likers.astype(np.float64), sizes, "g"
    )
    await keep_last_numbers(run, genre=lineage.last_number)
    given = {row["id"]: row["name"] for row in await run.db.run_long("microgenres/read_names", tenant=run.tenant)}
    labels = await _name(run, likes, tags, found, lineage.ids, given)
    rows = [
        {
            "id": id_,
            "label": label.name,
            "size": sizes[genre],
            "family": found.families[genre],
            "sensitive": label.sensitive,
            "tag_ids": [tags.ids[tag] for tag in np.flatnonzero(found.tag_parts == genre).tolist()],
            "resolution": found.resolution,
        }
        for genre, (id_, label) in enumerate(zip(lineage.ids, labels, strict=True))
    ]
    await run.db.run_long("microgenres/write_genres", tenant=run.tenant, run=run.id, rows=rows)
    with run.progress.step("Putting products into microgenres", total=len(found.joined), unit="edges") as step:
        await write_edges(run, "microgenres/write_in_genre", found.joined, likes.products, lineage.ids, step)
    return Genres(
        ids=lineage.ids,
        labels=tuple(given.get(id_, label.name) for id_, label in zip(lineage.ids, labels, strict=True)),
        sensitive=tuple(label.sensitive for label in labels),
        joined=found.joined,
        tags=tags,
        near=near,
    )


async def _find(run: Run, likes: Likes, tags: CleanTags, similar: Edges, near: Matrix, former: Sequence[Row]) -> _Found:
    """Part the tags, or the products where hardly any has one."""
    tagged = np.zeros(len(likes.products), dtype=bool)
    tagged[tags.edges.source] = True
    liked = likes.likers > 0
    resolution = former[0]["resolution"] if former else None
    if len(tags.names) and (tagged & liked).sum() >= MIN_TAGGED * liked.sum():
        together = await asyncio.to_thread(liked_together, likes)
        return await _find_by_tags(run, tags, near, together, former, resolution)
    before = former_of(former, likes.products, 0).parts
    async with projected(run, link_products(similar, likes.likers), len(likes.products)) as graph:
        found = await find_grained_partition(graph, before, Grain(run.settings.microgenres, 10), resolution)
    genres = int(found.parts.max(initial=-1)) + 1
    return _Found(
        join_by_likes(found.parts, near), genres, found.resolution, np.full(len(tags.names), -1), [0] * genres
    )


async def _find_by_tags(
    run: Run, tags: CleanTags, near: Matrix, together: Matrix, former: Sequence[Row], resolution: float | None
) -> _Found:
    genre_of = {tag: genre for genre, row in enumerate(former) for tag in row["tag_ids"]}
    before = np.asarray([genre_of.get(tag, -1) for tag in tags.ids], dtype=np.int64)
    async with projected(run, link_tags(tags, together), len(tags.names)) as graph:
        found = await find_grained_partition(graph, before, Grain(run.settings.microgenres, 3), resolution)
        coarse = await part(graph, FAMILIES)
    firsts = first_genres(join_by_tags(tags, found.parts, near), near.shape[0])
    parts = without_small(found.parts, firsts, MIN_PRODUCTS)
    groups = [coarse[parts == genre] for genre in range(int(parts.max(initial=-1)) + 1)]
    families = [int(np.bincount(group).argmax()) for group in groups]
    return _Found(join_by_tags(tags, parts, near), len(groups), found.resolution, parts, families)


async def _name(
    run: Run, likes: Likes, tags: CleanTags, found: _Found, ids: Sequence[str], given: dict[str, str]
) -> list[GenreLabel]:
    """A name for each: of tags where there are any, else of the product in it that most like."""
    taken = [name for id_, name in given.items() if id_ in set(ids)]
    labels = name_genres(tags, found.joined, found.count, np.log1p(likes.likers), taken)
    nameless = [genre for genre, label in enumerate(labels) if label is None]
    best = {genre: _most_liked(likes, found.joined, genre) for genre in nameless}
    rows = await run.db.run_long(
        "microgenres/read_titles", tenant=run.tenant, product_ids=[likes.products[place] for place in best.values()]
    )
    titles = {row["id"]: row["title"] for row in rows}
    used = {label.name.casefold() for label in labels if label} | {name.casefold() for name in taken}
    for genre, place in best.items():
        name = f"around {titles[likes.products[place]]}"
        unique = name if name.casefold() not in used else f"{name} ({ids[genre]})"
        used.add(unique.casefold())
        labels[genre] = GenreLabel(unique, sensitive=False)
    return [label for label in labels if label]


def _most_liked(likes: Likes, joined: Edges, genre: int) -> int:
    inside = joined.source[joined.target == genre]
    return int(inside[np.argmax(likes.likers[inside])])
