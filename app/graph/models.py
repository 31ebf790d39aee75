"""The models of the runs that readers see: read from the graph's records (cypher/models/) or from their file, kept."""

import asyncio
import contextlib
import logging
from collections import OrderedDict
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np

from app.domain.catalogue import above
from app.domain.errors import UnavailableError
from app.domain.recommendation import variant_keys
from app.graph.database import Database, Row
from app.recommend.full_price import lean_to_full_price
from app.recommend.model import CATEGORY_ANCHOR, NOWHERE, Rows, RunModel, rows_of
from app.recommend.model_file import ModelFileError, read_model, write_model
from app.recommend.variants import group_products

_log = logging.getLogger(__name__)
_TRIES = 3


class RunModels:
    """Models of some tenants, one each, loaded once however many ask, bounded in bytes; implements ``ModelStore``."""

    def __init__(self, db: Database, folder: Path | None, most_bytes: int, patience_seconds: float) -> None:
        self._db = db
        self._folder = folder
        self._most_bytes = most_bytes
        self._patience = patience_seconds
        self._kept: OrderedDict[str, RunModel] = OrderedDict()
        self._loading: dict[str, asyncio.Task[RunModel]] = {}

    async def of_run(self, tenant: str, run: str) -> RunModel:
        """The model of the active ``run``; for a while the one before, where the new one takes long to read.

        The first model of a tenant is waited for. Raises ``UnavailableError``.
        """
        kept = self._kept.get(tenant)
        if kept is not None and kept.run == run:
            self._kept.move_to_end(tenant)
            return kept
        task = self._loading.get(tenant)
        if task is None:
            task = asyncio.create_task(self._load(tenant, run))
            self._loading[tenant] = task
            task.add_done_callback(partial(self._loaded, tenant))
        if kept is None:
            return await asyncio.shield(task)
        await asyncio.wait([task], timeout=self._patience)
        return task.result() if task.done() and not task.cancelled() and task.exception() is None else kept

    def forget(self, tenant: str) -> None:
        """Drop a tenant's model from memory."""
        self._kept.pop(tenant, None)

    def _loaded(self, tenant: str, task: asyncio.Task[RunModel]) -> None:
        """Let the next one ask anew; why it failed is known to those who waited."""
        self._loading.pop(tenant, None)
        if not task.cancelled():
            task.exception()

    async def _load(self, tenant: str, run: str) -> RunModel:
        model = None
        if self._folder is not None:
            with contextlib.suppress(OSError, ModelFileError):
                model = await asyncio.to_thread(read_model, model_path(self._folder, tenant, run))
        if model is None:
            model = await read_from_graph(self._db, tenant)
        await asyncio.to_thread(model.warm)
        self._kept[tenant] = model
        self._kept.move_to_end(tenant)
        while len(self._kept) > 1 and sum(one.size_bytes for one in self._kept.values()) > self._most_bytes:
            self._kept.popitem(last=False)
        return model


def model_path(folder: Path, tenant: str, run: str) -> Path:
    """Where the file of a run's model is, whatever a tenant is called."""
    return folder / f"t-{quote(tenant, safe='')}" / f"{quote(run, safe='')}.arrow"


async def keep_file(db: Database, folder: Path, tenant: str, run: str) -> bool:
    """Write a run's file; False where it could not be.

    The file is a copy of what the graph holds, so to be without it costs time only.
    """
    try:
        model = await read_from_graph(db, tenant, run)
        await asyncio.to_thread(write_model, model, model_path(folder, tenant, run))
    except (OSError, UnavailableError) as error:
        _log.warning(
            "The model's file could not be written (%s); it will be read from the graph.", type(error).__name__
        )
        return False
    return True


def remove_files(folder: Path, tenant: str, keep: str | None) -> None:
    """Remove the files of all runs of a tenant but one: whoever was erased is in no weight any more."""
    kept = model_path(folder, tenant, keep).name if keep else None
    for path in model_path(folder, tenant, "").parent.glob("*.arrow"):
        if path.name != kept:
            path.unlink(missing_ok=True)


async def read_from_graph(db: Database, tenant: str, run: str | None = None) -> RunModel:
    """Read a run's model from its records; by default the active one's.

    Raises ``UnavailableError`` when there is none, or runs change meanwhile.
    """
    for _ in range(_TRIES):
        before = await db.run_long("models/read_run", tenant=tenant, run=run)
        if not before:
            break
        model = await _read_parts(db, tenant, before[0])
        after = await db.run_long("models/read_run", tenant=tenant, run=run)
        if after and after[0]["run"] == model.run:
            return model
    raise UnavailableError("A new run is being put in place; try again.")


async def _read_parts(db: Database, tenant: str, run: Row) -> RunModel:
    here = {"tenant": tenant, "run": run["run"]}
    products = await db.run_long("models/read_products", tenant=tenant)
    place_of = {row["id"]: place for place, row in enumerate(products)}
    similar = await db.run_long("refresh/read_similar", **here)
    following = await db.run_long("models/read_next", **here)
    intervals = await db.run_long("models/read_intervals", **here)
    return RunModel(
        run=run["run"],
        version=run["version"] or "",
        products=tuple(row["id"] for row in products),
        likers=np.asarray([row["likers"] for row in products], dtype=np.float32),
        full_price=lean_to_full_price(
            np.asarray([row["popularity"] for row in products], dtype=np.float64),
            np.asarray([row["full_price"] for row in products], dtype=np.float64),
            np.asarray([row["likers"] for row in products], dtype=np.float64),
        ),
        groups=group_products([variant_keys(*row["variant"]) for row in products]),
        most_likers=run["most_likers"] or 1,
        similar=_from_products(similar, "near_ids", "weights", place_of, len(products)),
        next=_from_products(following, "next_ids", "weights", place_of, len(products)),
        repeat_share=_by_product(intervals, "share", place_of, len(products)),
        repeat_days=_by_product(intervals, "days", place_of, len(products)),
        **_communities(await db.run_long("models/read_communities", **here), place_of),
        **_genres(await db.run_long("models/read_genres", **here), place_of),
        **_popular(await db.run_long("models/read_popular", **here), place_of),
        **_weights(run),
    )


def _communities(rows: Sequence[Row], place_of: dict[str, int]) -> dict[str, Any]:
    homes = np.full(len(place_of), NOWHERE, dtype=np.int32)
    for community, row in enumerate(rows):
        homes[[place_of[id_] for id_ in row["homes"] if id_ in place_of]] = community
    return {
        "communities": tuple(row["community"] for row in rows),
        "community_labels": tuple(row["label"] or "" for row in rows),
        "baseline_share": np.asarray([row["baseline_share"] for row in rows], dtype=np.float32),
        "homes": homes,
        "favourites": _to_products(rows, "favourites", "weights", place_of),
    }


def _genres(rows: Sequence[Row], place_of: dict[str, int]) -> dict[str, Any]:
    members = _to_products(rows, "members", "shares", place_of)
    genre = np.repeat(np.arange(len(rows)), np.diff(members.starts))
    return {
        "genres": tuple(row["genre"] for row in rows),
        "genre_labels": tuple(row["label"] or "" for row in rows),
        "in_genre": rows_of(len(place_of), members.targets.astype(np.int64), genre, members.weights.astype(np.float64)),
    }


def _popular(found: Sequence[Row], place_of: dict[str, int]) -> dict[str, Any]:
    rows = with_parents(found)
    return {
        "anchors": tuple(row["anchor"] for row in rows),
        "anchor_names": tuple(row["name"] or "" for row in rows),
        "popular": _to_products(rows, "product_ids", "scores", place_of),
    }


def with_parents(rows: Sequence[Row]) -> list[Row]:
    """Add what is popular below each category to what is so in it, as long as the longest list; by anchor.

    The best of all below are among the best of each: lists that were cut miss none.
    """
    longest = max((len(row["product_ids"]) for row in rows), default=0)
    found: dict[str, tuple[str | None, dict[str, float]]] = {}
    for row in rows:
        for anchor, name in _itself_and_above(row["anchor"], row["name"]):
            _, scores = found.setdefault(anchor, (name, {}))
            scores.update(zip(row["product_ids"], row["scores"], strict=True))
    joined: list[Row] = []
    for anchor, (name, scores) in sorted(found.items()):
        best = sorted(scores.items(), key=lambda one: (-one[1], one[0]))[:longest]
        joined.append(
            {
                "anchor": anchor,
                "name": name,
                "product_ids": [id_ for id_, _ in best],
                "scores": [score for _, score in best],
            }
        )
    return joined


def _itself_and_above(anchor: str, name: str | None) -> list[tuple[str, str | None]]:
    """An anchor and, of a category, those that hold it, each with its name."""
    if not anchor.startswith(CATEGORY_ANCHOR):
        return [(anchor, name)]
    named = above(name or "")
    parents = above(anchor.removeprefix(CATEGORY_ANCHOR))
    names = named if len(named) == len(parents) else parents
    return [(anchor, name), *((CATEGORY_ANCHOR + one, its) for one, its in zip(parents, names, strict=True))]


def _weights(run: Row) -> dict[str, Any]:
    """By bracket; 0 for what was not learned."""
    sizes: list[int] = run["sizes"] or [1]

    def padded(name: str) -> Any:
        given: list[float] | float = run[name] or []
        weights = given if isinstance(given, list) else [given] * len(sizes)  # an older run has one for all
        return np.asarray([*weights, *[0.0] * len(sizes)][: len(sizes)], dtype=np.float64)

    return {
        "brackets": np.asarray(sizes, dtype=np.int64),
        "followed_weight": padded("followed"),
        "community_weight": padded("community"),
        "popularity_weight": padded("popularity"),
        "next_weight": padded("next"),
        "rarity_weight": padded("rarity"),
        "fading": run["fading"] or 1.0,
    }


def _by_product(rows: Sequence[Row], column: str, place_of: dict[str, int], count: int) -> Any:
    values = np.zeros(count, dtype=np.float32)
    for row in rows:
        if row["product"] in place_of:
            values[place_of[row["product"]]] = row[column] or 0.0
    return values


def _from_products(rows: Sequence[Row], ids: str, weights: str, place_of: dict[str, int], count: int) -> Rows:
    """One row a product of the model, from rows that name theirs."""
    found = _to_products(rows, ids, weights, place_of)
    own = np.asarray([place_of.get(row["product"], NOWHERE) for row in rows], dtype=np.int64)
    sources = np.repeat(own, np.diff(found.starts))
    known = sources >= 0
    targets, values = found.targets[known].astype(np.int64), found.weights[known].astype(np.float64)
    return rows_of(count, sources[known], targets, values)


def _to_products(rows: Sequence[Row], ids: str, weights: str, place_of: dict[str, int]) -> Rows:
    """One row each of ``rows``; products that came or went meanwhile are left out."""
    find = place_of.get
    lengths = [len(row[ids]) for row in rows]
    targets = np.fromiter((find(id_, NOWHERE) for row in rows for id_ in row[ids]), np.int64, sum(lengths))
    values = np.fromiter((weight for row in rows for weight in row[weights]), np.float64, sum(lengths))
    sources = np.repeat(np.arange(len(rows)), lengths)
    known = targets >= 0
    return rows_of(len(rows), sources[known], targets[known], values[known])
