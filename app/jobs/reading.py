"""Reads what a run learns from, as arrays."""

from collections.abc import Mapping, Sequence

import numpy as np

from app.graph.database import Row
from app.jobs.run import Run
from app.taste.followed import Follows
from app.taste.values import Edges, Floats, Ints, Likes, Moments, Tagging


async def read_taste(run: Run) -> tuple[Likes, Tagging]:
    """The strongest likes of the run's learners, and the tags of all products, over one list of products."""
    liking = await run.db.run_long(
        "refresh/read_likes", likes_per_identity=run.settings.likes_per_identity, **run.moment
    )
    wearing = await run.db.run_long("refresh/read_tagging", tenant=run.tenant)
    liked = {product for row in liking for product in row["product_ids"]}
    products = tuple(sorted(liked.union(row["product"] for row in wearing)))
    places = _positions(products)
    tags = tuple(sorted({tag for row in wearing for tag in row["tag_ids"]}))
    likes = _likes(liking, products, places)
    worn = _edges(wearing, "tag_ids", _positions(tags), [places[row["product"]] for row in wearing])
    return likes, Tagging(tags, worn)


def _likes(rows: Sequence[Row], products: tuple[str, ...], places: Mapping[str, int]) -> Likes:
    """With the moments of each like; evidence that does not age is in units of the identity's mean, too."""
    source: Ints = np.repeat(np.arange(len(rows)), [len(row["product_ids"]) for row in rows]).astype(np.int64)
    target: Ints = np.asarray([places[id_] for row in rows for id_ in row["product_ids"]], dtype=np.int64)
    weight, evidence, first_ms, last_ms = (
        np.asarray([value for row in rows for value in row[column]], dtype=np.float64)
        for column in ("weights", "evidence", "first_ms", "last_ms")
    )
    mean = np.bincount(source, evidence, minlength=len(rows)) / np.maximum(1, np.bincount(source, minlength=len(rows)))
    lasting = np.log1p(evidence / mean[source]) if len(source) else evidence
    order = np.lexsort((target, source))
    edges = Edges(source[order], target[order], weight[order])
    return Likes(
        tuple(row["identity"] for row in rows), products, edges, Moments(first_ms, last_ms, lasting).only(order)
    )


async def read_follows(run: Run, likes: Likes) -> Follows:
    """Who follows whom among the learners, newcomers too, without anybody of the same person or home."""
    rows = await run.db.run_long(
        "refresh/read_follows",
        tenant=run.tenant,
        run=run.id,
        now=run.now,
        min_confidence=run.settings.link_min_confidence,
    )
    edges = _edges(rows, "followed_ids", _positions(likes.identities))
    return Follows(tuple(row["follower"] for row in rows), edges)


async def read_evidence_norms(run: Run, products: Sequence[str]) -> tuple[Floats, Floats]:
    """How many of the learners like each product, and the norm of their evidence; 0 where nobody does."""
    (row,) = await run.db.run_long("refresh/read_evidence_norms", tenant=run.tenant)
    places = _positions(products)
    known = [(places[id_], at) for at, id_ in enumerate(row["product_ids"]) if id_ in places]
    likers, norms = np.zeros(len(products)), np.zeros(len(products))
    for place, at in known:
        likers[place], norms[place] = row["likers"][at], row["norms"][at]
    return likers, norms


def _positions(ids: Sequence[str]) -> dict[str, int]:
    return {id_: place for place, id_ in enumerate(ids)}


def _edges(rows: Sequence[Row], column: str, targets: Mapping[str, int], sources: Sequence[int] | None = None) -> Edges:
    """One edge an entry of the lists, sorted; entries that are in no list of ``targets`` are left out."""
    source: Ints = np.repeat(np.arange(len(rows)) if sources is None else sources, [len(row[column]) for row in rows])
    target: Ints = np.asarray([targets.get(id_, -1) for row in rows for id_ in row[column]], dtype=np.int64)
    weight: Floats = np.asarray([w for row in rows for w in row.get("weights", [1.0] * len(row[column]))], dtype=float)
    known = target >= 0
    source, target, weight = source[known].astype(np.int64), target[known], weight[known]
    order = np.lexsort((target, source))
    return Edges(source[order], target[order], weight[order])
