"""What the crowd buys: in the tags and brands that the page or the rules name first, then in the whole shop."""

import numpy as np

from app.recommend.sources.base import Ask
from app.taste.values import Floats, Ints

ELSEWHERE = 0.1
"""What being popular in the whole shop counts, beside being so in what was named."""


def score_popular(ask: Ask) -> tuple[Ints, Floats, tuple[str, ...]]:
    """Places and scores of products, and the name of what each is popular in (``""``: the whole shop)."""
    anchors = _anchors(ask)
    factors = np.asarray([1.0 if ask.model.anchors[anchor] else ELSEWHERE for anchor in anchors])
    spread = ask.model.popular.spread(np.asarray(anchors, dtype=np.int64), factors)
    # By product and then by anchor, as they come: the first names it, the best scores it.
    order = np.argsort(spread.targets, kind="stable")
    targets, values, origins = spread.targets[order], spread.values[order], spread.origins[order]
    starts = np.flatnonzero(np.diff(targets, prepend=-1))
    if not len(starts):
        return np.zeros(0, np.int64), np.zeros(0), ()
    firsts: list[int] = origins[starts].tolist()
    names = tuple(ask.model.anchor_names[anchors[origin]] for origin in firsts)
    return targets[starts].astype(np.int64), np.maximum.reduceat(values, starts), names


def _anchors(ask: Ask) -> list[int]:
    """Places of the anchors that were named and are known, then the whole shop."""
    model, query = ask.model, ask.query
    named = [model.anchor_of[one] for one in query.anchors if one in model.anchor_of]
    named += [place for name in query.tag_names for place in model.tags_named.get(name, [])]
    return list(dict.fromkeys([*named, *([model.anchor_of[""]] if "" in model.anchor_of else [])]))
