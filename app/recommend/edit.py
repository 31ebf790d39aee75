"""A reader as it would be without a part of its history."""

from dataclasses import replace

import numpy as np

from app.domain.evidence import Like, regular_interval
from app.domain.recommendation import LeftOut
from app.recommend.query import Likes, Reader


def without(reader: Reader, left_out: LeftOut) -> Reader:
    """The reader with its own likes edited; what others granted it stays."""
    if reader.own is None or not (left_out.likes or left_out.product_ids):
        return reader
    edits: dict[str, Like | None] = {**left_out.likes, **dict.fromkeys(left_out.product_ids)}
    return replace(reader, own=_edited(reader.own, edits))


def _edited(own: Likes, edits: dict[str, Like | None]) -> Likes:
    weight, full_price, at_ms = own.weight.copy(), own.full_price_weight.copy(), own.at_ms.copy()
    bought, bought_ms = own.bought.copy(), own.bought_ms.copy()
    days, interval_days = own.days.copy(), own.interval_days.copy()
    for entry, id_ in enumerate(own.product_ids):
        if id_ in edits:
            like = edits[id_]
            weight[entry] = like.weight if like else 0.0
            if like:
                full_price[entry], at_ms[entry] = like.full_price_weight, like.last_at.timestamp() * 1000
                bought[entry] = like.purchases > 0
                bought_ms[entry] = like.last_bought_at.timestamp() * 1000 if like.last_bought_at else np.nan
                days[entry], interval_days[entry] = len(like.bought_days), regular_interval(like.bought_days)
    kept = np.flatnonzero(weight > 0)
    picked: list[int] = kept.tolist()
    ids = tuple(own.product_ids[entry] for entry in picked)
    return replace(
        own,
        product_ids=ids,
        weight=weight[kept],
        full_price_weight=full_price[kept],
        at_ms=at_ms[kept],
        bought=bought[kept],
        bought_ms=bought_ms[kept],
        days=days[kept],
        interval_days=interval_days[kept],
    )
