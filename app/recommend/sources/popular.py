"""What the crowd buys: in the tags and brands that the page or the rules name first, then in the whole shop."""

import numpy as np

from app.recommend.sources.base import Ask
from app.taste.values import Floats, Ints

ELSEWHERE = 0.1
"""What being popular in the whole shop counts, beside being so in what was named."""


TAIL = 0.999
"""What the most liked of those that are in no list scores at most, beside the last one that is."""


def score_popular(ask: Ask) -> tuple[Ints, Floats, tuple[str, ...]]:
    """Places and scores of products, and the name of what each is popular in (``""``: the whole shop).

    Behind those of the lists stand all others that anybody likes, by how many do: lists are cut, and what is in them
    may be sold out by now.
    """
    anchors = _anchors(ask)
    factors = np.asarray([1.0 if ask.model.anchors[anchor] else ELSEWHERE for anchor in anchors])
    spread = ask.model.popular.spread(np.asarray(anchors, dtype=np.int64), factors)
    # By product and then by anchor, as they come: the first names it, the best scores it.
    order = np.argsort(spread.targets, kind="stable")
    targets, values, origins = spread.targets[order], spread.values[order], spread.origins[order]
    starts = np.flatnonzero(np.diff(targets, prepend=-1))
    firsts: list[int] = origins[starts].tolist()
    names = tuple(ask.model.anchor_names[anchors[origin]] for origin in firsts)
    listed = targets[starts].astype(np.int64)
    scores = np.maximum.reduceat(values, starts) if len(starts) else np.zeros(0)
    rest = ask.model.likers > 0
    rest[listed] = False
    others = np.flatnonzero(rest)
    tail = TAIL * scores.min(initial=1.0) * ask.model.loved[others] / ask.model.loved.max(initial=1e-12)
    return np.concatenate([listed, others]), np.concatenate([scores, tail]), (*names, *("",) * len(others))


def _anchors(ask: Ask) -> list[int]:
    """Places of the anchors that were named and are known, then the whole shop."""
    model, query = ask.model, ask.query
    named = [model.anchor_of[one] for one in query.anchors if one in model.anchor_of]
    named += [place for name in query.tag_names for place in model.tags_named.get(name, [])]
    return list(dict.fromkeys([*named, *([model.anchor_of[""]] if "" in model.anchor_of else [])]))
