"""New products of the kinds of the history, the page or the crowd: too few like them yet to be found by likes."""

import zlib

import numpy as np

from app.recommend.model import NOWHERE, add_up
from app.recommend.sources.base import Ask
from app.taste.values import Floats, Ints

MOST = 8
"""Microgenres that are used, those of most interest."""
MS_A_TURN = 86_400_000
"""How long one has its turn: each day others have theirs, so that sooner or later all are shown to somebody."""


def score_introduced(ask: Ask) -> tuple[Ints, Floats, Ints]:
    """Places, scores from 0 to 1, and the reader's microgenre that each is introduced by (``NOWHERE``: not its own).

    A weighted draw without replacement (Efraimidis and Spirakis, 2006): the more a product is of what the reader's own
    likes are of, the likelier its turn is. Of one reader and day it is always the same.
    """
    model = ask.model
    interest, is_own = _interest(ask)
    order = np.lexsort((np.arange(len(interest)), -interest))
    best = order[interest[order] > 0][:MOST]
    found = model.by_genre.spread(best, interest[best])
    new = model.likers[found.targets] < ask.tuning.new_below_likers
    products, values, genres = found.targets[new], found.values[new], best[found.origins[new]]
    weight = add_up(products, values, len(model.products))
    places = np.flatnonzero(weight > 0)
    by_genre = np.full(len(model.products), NOWHERE, dtype=np.int64)
    if is_own:
        strongest_last = np.lexsort((genres, values))
        by_genre[products[strongest_last]] = genres[strongest_last]
    return places, _draw(places, weight[places], ask), by_genre[places]


def _interest(ask: Ask) -> tuple[Floats, bool]:
    """Weight of each microgenre, and whether it is the reader's own likes that say so.

    Else what the page shows says so, and where that is nothing either, what everybody likes.
    """
    model, own = ask.model, ask.history.own
    page = model.places(ask.query.page)
    for is_own, places, shares in ((True, own.places, ask.history.own_shares), (False, page, np.ones(len(page)))):
        spread = model.in_genre.spread(places, shares)
        if spread.values.any():
            return add_up(spread.targets, spread.values, len(model.genres)), is_own
    return model.genre_likers, False


def _draw(places: Ints, weight: Floats, ask: Ask) -> Floats:
    """``u ** (1 / weight)`` with numbers between 0 and 1 that look drawn; weights in units of their mean."""
    if not len(places):
        return np.zeros(0)
    turn = f"{ask.query.own_id or ''} {ask.query.now_ms // MS_A_TURN}"
    mixed = (places.astype(np.uint64) + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
    mixed ^= np.uint64((zlib.crc32(turn.encode()) + 1) * 0xBF58476D1CE4E5B9 % 2**64)
    mixed ^= mixed >> np.uint64(29)
    mixed *= np.uint64(0x94D049BB133111EB)
    mixed ^= mixed >> np.uint64(32)
    drawn = ((mixed >> np.uint64(11)).astype(np.float64) + 0.5) / 2.0**53
    return drawn ** (weight.mean() / weight)
