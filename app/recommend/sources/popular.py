"""What the crowd buys: in the tags and brands that the page or the rules name, then around them, then anywhere."""

from collections.abc import Iterable

import numpy as np

from app.domain.catalogue import above
from app.recommend.model import CATEGORY_ANCHOR, RunModel
from app.recommend.sources.base import Ask
from app.taste.values import Floats, Ints

ELSEWHERE = 0.1
"""What being popular in the whole shop counts, beside being so in what was named."""

ABOVE = 0.4
"""What being popular in a category counts on the page of one below it, once more for each level, but more than
``ELSEWHERE``: where little is bought, what is bought around it comes before what the whole shop buys."""

TAIL = 0.999
"""What the most liked of those that are in no list scores at most, beside the last one that is."""


def score_popular(ask: Ask) -> tuple[Ints, Floats, tuple[str, ...]]:
    """Places and scores of products, and the name of what each is popular in (``""``: the whole shop).

    Behind those of the lists stand all others that anybody likes, by how many do: lists are cut, and what is in them
    may be sold out by now.
    """
    factor_of = _anchors(ask)
    anchors = list(factor_of)
    factors = np.asarray([factor / _best(ask.model, anchor) for anchor, factor in factor_of.items()])
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


def _best(model: RunModel, anchor: int) -> float:
    """The highest score of an anchor: few buy the best cheese, and on its page it comes before bananas."""
    rows = model.popular
    return float(rows.weights[rows.starts[anchor] : rows.starts[anchor + 1]].max(initial=0.0)) or 1.0


def _anchors(ask: Ask) -> dict[int, float]:
    """Places and factors of the anchors that were named and are known, those around them, then the whole shop."""
    model, query = ask.model, ask.query
    found = {model.anchor_of[one]: 1.0 for one in query.anchors if one in model.anchor_of}
    found |= {place: 1.0 for name in query.tag_names for place in model.tags_named.get(name, [])}
    for level, anchor in sorted(_around(query.anchors)):
        if anchor in model.anchor_of:
            found.setdefault(model.anchor_of[anchor], max(ABOVE**level, 2 * ELSEWHERE))
    if "" in model.anchor_of:
        found[model.anchor_of[""]] = ELSEWHERE
    return found


def _around(anchors: Iterable[str]) -> list[tuple[int, str]]:
    """The categories that hold those that were named, with how far above they are."""
    return [
        (level, CATEGORY_ANCHOR + path)
        for anchor in anchors
        if anchor.startswith(CATEGORY_ANCHOR)
        for level, path in enumerate(above(anchor.removeprefix(CATEGORY_ANCHOR)), start=1)
    ]
