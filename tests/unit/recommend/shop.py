"""A model of six products that a person can check by hand, and questions to it."""

from typing import Any

import numpy as np

from app.recommend.history import build_history
from app.recommend.membership import find_belonging
from app.recommend.model import RunModel, rows_of
from app.recommend.query import Likes, Query, Scored, Seen
from app.recommend.sources.base import Ask
from app.recommend.tuning import Tuning

PRODUCTS = ("cup", "hammer", "milk", "nails", "pot", "tea")
DAY = 86_400_000
NOW_MS = 1_800_000_000_000
EVERYTHING = frozenset({"similar", "repeat", "session", "followed", "community", "introduced", "popular", "newest"})


def place(*ids: str) -> np.ndarray:
    return np.asarray([PRODUCTS.index(id_) for id_ in ids])


def a_model(**given: Any) -> RunModel:
    """Tea goes with cup and pot, a hammer with nails; one community and microgenre of each; milk is bought weekly."""
    pairs = [("tea", "cup", 0.4), ("tea", "pot", 0.2), ("cup", "tea", 0.5), ("hammer", "nails", 0.8)]
    parts: dict[str, Any] = {
        "run": "r",
        "version": "test",
        "products": PRODUCTS,
        "likers": np.asarray([4, 2, 9, 1, 3, 5], np.float32),
        "full_price": np.ones(6, np.float32),
        "groups": np.arange(6, dtype=np.int32),
        "most_likers": 9,
        "similar": rows_of(
            6, place(*(a for a, _, _ in pairs)), place(*(b for _, b, _ in pairs)), np.asarray([w for *_, w in pairs])
        ),
        "next": rows_of(6, place("tea", "cup", "hammer"), place("milk", "pot", "nails"), np.asarray([0.3, 0.6, 0.9])),
        "repeat_share": np.asarray([0, 0, 0.5, 0, 0, 0.1], np.float32),
        "repeat_days": np.asarray([0, 0, 8, 0, 0, 8], np.float32),
        "communities": ("c1", "c2"),
        "community_labels": ("Tea", ""),
        "baseline_share": np.asarray([0.1, 0.1], np.float32),
        "homes": np.asarray([0, 1, -1, 1, 0, 0], np.int32),
        "favourites": rows_of(2, np.asarray([0, 0, 1]), place("cup", "pot", "nails"), np.asarray([1.0, 2.0, 1.0])),
        "genres": ("g1", "g2"),
        "genre_labels": ("hot drinks", "tools"),
        "in_genre": rows_of(
            6,
            place("tea", "cup", "pot", "hammer", "nails"),
            np.asarray([0, 0, 0, 1, 1]),
            np.asarray([1.0, 0.5, 1, 1, 1]),
        ),
        "anchors": ("", "brand steel", "tag category:tea"),
        "anchor_names": ("", "Steel", "Tea"),
        "popular": rows_of(
            3, np.asarray([0, 0, 1, 2]), place("milk", "tea", "hammer", "tea"), np.asarray([9.0, 5.0, 2.0, 5.0])
        ),
        "brackets": np.asarray([1, 3]),
        "followed_weight": np.asarray([0.5, 0.25]),
        "community_weight": np.asarray([0.5, 0.25]),
        "popularity_weight": np.asarray([0.1, -0.1]),
        "next_weight": np.full(2, 0.5),
        "rarity_weight": np.zeros(2),
        "fading": 1.0,
    }
    return RunModel(**{**parts, **given})


def empty_model() -> RunModel:
    """What a refresh of an empty shop leaves."""
    none, rows = np.zeros(0, np.float32), rows_of(0, np.zeros(0, int), np.zeros(0, int), np.zeros(0))
    return a_model(
        products=(), likers=none, full_price=none, similar=rows, next=rows, repeat_share=none, repeat_days=none,
        communities=(), community_labels=(), baseline_share=none, homes=np.zeros(0, np.int32), favourites=rows,
        genres=(), genre_labels=(), in_genre=rows, groups=np.zeros(0, np.int32), anchors=(), anchor_names=(),
        popular=rows,
    )  # fmt: skip


def likes(*ids: str, identity_id: str = "ann", **given: Any) -> Likes:
    """Likes of weight 1, bought ten days ago."""
    count = len(ids)
    columns: dict[str, Any] = {
        "weight": np.ones(count),
        "full_price_weight": np.ones(count),
        "at_ms": np.full(count, NOW_MS - 10.0 * DAY),
        "bought": np.ones(count, np.bool_),
        "bought_ms": np.full(count, NOW_MS - 10.0 * DAY),
        "days": np.full(count, 2),
        "interval_days": np.zeros(count),
    }
    kind = given.pop("kind", "personal")
    return Likes(identity_id, kind, ids, **{**columns, **given})


def a_query(*history: Likes, **given: Any) -> Query:
    facts: dict[str, Any] = {"now_ms": NOW_MS, "sources": EVERYTHING, "history": history, "own_id": "ann"}
    return Query(**{**facts, **given})


def full_query(**given: Any) -> Query:
    """A question in which every source has something to go by."""
    facts: dict[str, Any] = {
        "followed": Scored(("nails", "not in the run"), (2.0, 1.0)),
        "session": Seen(("hammer",), (False,)),
        "page": ("cup",),
        "page_size": 1,
        "explain": True,
    }
    return a_query(likes("tea", "milk", "cup"), **{**facts, **given})


def an_ask(query: Query, model: RunModel | None = None, tuning: Tuning | None = None) -> Ask:
    model, tuning = model or a_model(), tuning or Tuning()
    history = build_history(query, model, tuning)
    return Ask(query, history, find_belonging(history, model), model, tuning)
