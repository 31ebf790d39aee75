"""Places of a shelf shared out among the microgenres of a history (calibrated recommendations, Steck, 2018).

By likelihood alone a history of two interests gives a shelf of the commoner one, and of staples that go with both. So
each place goes to the product whose score counts most times how much its microgenres still lack of their due, the
Sainte-Laguë quotient by which seats are shared out (proportionality by PM-2, Dang and Croft, 2012).
"""

import numpy as np

from app.recommend.history import Items
from app.recommend.model import RunModel
from app.taste.values import Floats, Ints

POOL = 200
"""Products that are put in order, the best."""
PLACES = 60
"""Places that are shared out: a long shelf begins with the short one."""


def calibrate(places: Ints, scores: Floats, liked: Items, shares: Floats, model: RunModel, by_interest: float) -> Ints:
    """The order of the best products, as entries of ``places``; at most ``POOL``, best first.

    A microgenre's due is by ``by_interest`` its share of the history, and for the rest its share of the scores, so that
    what is new to a history has places, too. Products of no microgenre are one of their own. By score alone at 0,
    without a history and where a run has no microgenres.
    """
    best = np.arange(len(scores))
    if len(best) > POOL:
        best = np.argpartition(-scores, POOL - 1)[:POOL]
    best = best[np.lexsort((places[best], -scores[best]))]
    known = liked.places >= 0
    if not by_interest or not len(model.genres) or not len(best) or not shares[known].any():
        return best
    theirs, values = _genres_of(places[best], model), scores[best]
    interest = shares[known] @ _genres_of(liked.places[known], model)
    expected = values @ theirs
    due = by_interest * interest / interest.sum() + (1 - by_interest) * expected / expected.sum()
    wanted = due > 0
    return best[_share_out(values, theirs[:, wanted], due[wanted])]


def _share_out(values: Floats, genres: Floats, due: Floats) -> Ints:
    """The rows in the order of their places; behind ``PLACES``, or where nothing is due, as they come."""
    held = np.zeros(len(due))
    left = values.copy()
    order: list[int] = []
    for _ in range(min(PLACES, len(values))):
        worth = left * (genres @ (due / (2 * held + 1)))
        row = int(np.argmax(worth))
        if worth[row] <= 0:  # nothing is due to what is left
            break
        order.append(row)
        left[row] = 0.0
        held += genres[row]
    rest = np.ones(len(values), dtype=np.bool_)
    rest[order] = False
    return np.concatenate([np.asarray(order, dtype=np.int64), np.flatnonzero(rest)])


def _genres_of(places: Ints, model: RunModel) -> Floats:
    """How much each product is of each microgenre, and last of none: (products, microgenres + 1), rows sum to 1."""
    spread = model.in_genre.spread(places, np.ones(len(places)))
    found = np.zeros((len(places), len(model.genres) + 1))
    found[spread.origins, spread.targets] = spread.values
    whole = found.sum(axis=1)
    found[whole <= 0, -1] = 1.0
    return found / np.where(whole > 0, whole, 1.0)[:, None]
